/* The agenda on the clock: which part runs, and for how long. The server has written the list. */
(() => {
  "use strict";
  const clock = document.querySelector(".clock[data-begun]");
  if (!clock) return;
  const begun = 1000 * Number(clock.dataset.begun);
  const parts = [...clock.querySelectorAll("[data-minutes]")];
  const output = clock.querySelector("output");
  const bar = clock.querySelector("progress");
  const announcer = document.getElementById("announcer");
  bar.hidden = false;
  let shown = null;

  const tick = () => {
    const gone = (Date.now() - begun) / 60000;
    let ends = 0;
    const now = parts.find((part) => (ends += Number(part.dataset.minutes)) > gone);
    bar.value = gone;
    output.value = now ? `${Math.ceil(ends - gone)} ${clock.dataset.left}` : clock.dataset.over;
    if (now === shown) return;
    parts.forEach((part) => part.removeAttribute("aria-current"));
    now?.setAttribute("aria-current", "step");
    // said once for each part, not every minute; the first is on the screen already
    if (shown !== null) announcer.textContent = now?.querySelector("strong").textContent ?? clock.dataset.over;
    shown = now;
  };
  tick();
  setInterval(tick, 1000);
})();
