/* Everything here only makes a working page nicer; no page needs it. */
(() => {
  "use strict";
  const root = document.documentElement;
  const each = (selector, act, within = document) => within.querySelectorAll(selector).forEach(act);

  /* Dialogs: opened as modal ones, where without scripts they are popovers. */
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-opens], [data-closes]");
    if (!button) return;
    event.preventDefault();
    const dialog = button.dataset.opens
      ? document.getElementById(button.dataset.opens)
      : button.closest("dialog");
    if (button.dataset.opens) dialog.showModal();
    else dialog.close();
  });

  /* Theme: the cookie lets the server write the choice into the first byte of the next page. */
  const theme = () => root.dataset.theme || "system";
  const showTheme = () =>
    each("[data-theme-choice]", (button) =>
      button.setAttribute("aria-pressed", String(button.dataset.themeChoice === theme())),
    );
  document.addEventListener("click", (event) => {
    const choice = event.target.closest("[data-theme-choice]")?.dataset.themeChoice;
    if (!choice) return;
    if (choice === "system") delete root.dataset.theme;
    else root.dataset.theme = choice;
    const secure = location.protocol === "https:" ? "; secure" : "";
    const age = choice === "system" ? 0 : 31536000;
    document.cookie = `theme=${choice}; path=/; max-age=${age}; samesite=lax${secure}`;
    showTheme();
  });

  /* Toasts: go on request, and by themselves unless they ask somebody to act. */
  const dismissLater = (toast) => {
    toast.dataset.timed = "";
    // longer where there is something to press
    const seconds = toast.querySelector("form") ? 20 : 8;
    if (!toast.classList.contains("attention")) setTimeout(() => toast.remove(), 1000 * seconds);
  };
  document.addEventListener("click", (event) => {
    event.target.closest("[data-dismiss]")?.closest(".toast")?.remove();
  });

  /* A form is sent once; free again when the answer came or the page returns from history. */
  const free = (form) => form.removeAttribute("aria-busy");
  document.addEventListener("submit", (event) => {
    const form = event.target;
    // asked as an attribute: a field named "method" would hide the property
    if (form.getAttribute("method")?.toLowerCase() !== "post") return;
    if (form.getAttribute("aria-busy") === "true") {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    form.setAttribute("aria-busy", "true");
    // a download answers without leaving the page, so the form must come free by itself
    setTimeout(free, 8000, form);
  }, true);
  document.addEventListener("htmx:afterRequest", (event) => {
    const form = event.target.closest?.("form");
    if (form) free(form);
    if (event.detail.successful) form?.closest(".toast")?.remove();
  });
  window.addEventListener("pageshow", () => each("form[aria-busy]", free));

  /* What was wrong with a field is no longer said once it is changed; where a form saves itself,
     the server says so. */
  document.addEventListener("input", (event) => {
    const field = event.target.closest(".field");
    if (!field?.querySelector(".errors") || field.closest("[data-autosave]")) return;
    each(".errors", (errors) => errors.remove(), field);
    each("[aria-invalid]", (widget) => widget.removeAttribute("aria-invalid"), field);
  });

  /* Forms that save themselves say so in their <output class="saved">. */
  const say = (form, state) => {
    const place = form.querySelector("output.saved");
    if (!place) return;
    place.dataset.state = state;
    place.textContent = place.dataset[state];
  };
  document.addEventListener("htmx:beforeRequest", (event) => {
    const form = event.target.closest?.("form[data-autosave]");
    if (form) say(form, "saving");
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const form = event.target.closest?.("form[data-autosave]");
    if (form) say(form, event.detail.successful ? "saved" : "failed");
  });

  /* A slider shows its value. */
  document.addEventListener("input", (event) => {
    if (event.target.type !== "range") return;
    const output = document.querySelector(`output[for="${CSS.escape(event.target.id)}"]`);
    if (output) output.value = event.target.value + (output.dataset.unit || "");
  });

  /* Whoever reads a table goes on where they were when the part around it is swapped. */
  let read = [];
  const top = (row) => row.getBoundingClientRect().top;
  const row = ([id]) => document.getElementById(id);
  document.addEventListener("htmx:beforeSwap", () => {
    const seen = [...document.querySelectorAll("tbody tr[id]")].map((row) => [row.id, top(row)]);
    read = seen.filter(([, at]) => at > 0 && at < innerHeight);
  });
  document.addEventListener("htmx:afterSwap", () => {
    const first = read.find(row);
    if (first) scrollBy({ top: top(row(first)) - first[1], behavior: "instant" });
    read = [];
  });

  /* What changed in the page by itself is read out once, from a place that stays. */
  const announcer = document.getElementById("announcer");
  document.addEventListener("htmx:load", () => {
    each("#toasts .toast:not([data-timed])", dismissLater);
    const said = document.querySelector("[data-announce]")?.dataset.announce;
    if (said && announcer.textContent !== said) announcer.textContent = said;
  });
  each("[data-theme-switch]", (element) => (element.hidden = false));
  showTheme();
})();
