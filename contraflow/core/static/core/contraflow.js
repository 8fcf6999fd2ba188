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

  /* A slider shows its value; those of which only the proportions count show their shares. */
  const show = (slider, value) => {
    const output = document.querySelector(`output[for="${CSS.escape(slider.id)}"]`);
    if (output) output.value = value + (output.dataset.unit || "");
  };
  /* whole percents that sum to 100: the largest remainders are rounded up, as the server does */
  const showShares = (sliders) => {
    const all = sliders.reduce((sum, slider) => sum + slider.valueAsNumber, 0);
    const shares = sliders.map((slider) => all && (100 * slider.valueAsNumber) / all);
    const over = (at) => shares[at] - Math.floor(shares[at]);
    const up = Math.round(shares.reduce((sum, share) => sum + share - Math.floor(share), 0));
    const raised = [...shares.keys()].sort((a, b) => over(b) - over(a)).slice(0, up);
    sliders.forEach((slider, at) => show(slider, Math.floor(shares[at]) + raised.includes(at)));
  };
  document.addEventListener("input", (event) => {
    if (event.target.type !== "range") return;
    const group = event.target.closest("[data-shares]");
    if (group) showShares([...group.querySelectorAll("[type=range]")]);
    else show(event.target, event.target.value);
  });

  /* Whoever reads goes on where they were when the part around it is swapped: the row they act
     in stays where it is on the screen, else the first card or row in sight that is still there;
     whoever is at the top of a page stays there. */
  let read = [];
  const top = (place) => place.getBoundingClientRect().top;
  const still = ([id]) => document.getElementById(id);
  document.addEventListener("htmx:beforeSwap", () => {
    const acted = document.activeElement?.closest("tr[id]");
    read = [];
    if (!acted && scrollY === 0) return;
    const places = [...document.querySelectorAll(".card[id], tr[id]")];
    read = (acted ? [acted, ...places] : places)
      .map((place) => [place.id, top(place)])
      .filter(([, at]) => at > -1 && at < innerHeight);
  });
  document.addEventListener("htmx:afterSwap", () => {
    const first = read.find(still);
    if (first) scrollBy({ top: top(still(first)) - first[1], behavior: "instant" });
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
