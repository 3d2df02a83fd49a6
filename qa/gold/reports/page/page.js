"use strict";
// Filters the cases. Without it the page shows all of them, and no form.
(() => {
  const form = document.getElementById("filter");
  const { text, outcome, tag, open } = form.elements;
  const status = form.querySelector("[role=status]");
  const cases = [...document.querySelectorAll(".case")];
  const words = new Map();
  const has = (list, word) => !word || list.split(" ").includes(word);

  function textOf(one) {
    if (!words.has(one)) words.set(one, one.textContent.toLowerCase());
    return words.get(one);
  }

  function apply() {
    const wanted = text.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const one of cases) {
      one.hidden = !(
        has(one.dataset.kinds, outcome.value) &&
        has(one.dataset.tags, tag.value) &&
        wanted.every((word) => textOf(one).includes(word))
      );
      shown += !one.hidden;
    }
    status.textContent = `${shown} of ${cases.length} cases`;
    open.textContent = allOpen() ? "Close all" : "Open all";
  }

  const visible = () => cases.filter((one) => !one.hidden);
  const allOpen = () => visible().every((one) => one.open);

  function showTarget() {
    const one = document.getElementById(location.hash.slice(1));
    if (!one || !one.matches(".case")) return;
    if (one.hidden) form.reset();
    one.open = true;
    one.scrollIntoView();
  }

  form.hidden = false;
  form.addEventListener("input", apply);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(apply));
  open.addEventListener("click", () => {
    const opened = !allOpen();
    for (const one of visible()) one.open = opened;
    apply();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && event.target === text) {
      text.value = "";
      apply();
    }
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.matches("input, select, textarea")) return;
    event.preventDefault();
    text.focus();
    text.select();
  });
  addEventListener("hashchange", showTarget);
  addEventListener("beforeprint", () => visible().forEach((one) => (one.open = true)));
  apply();
  showTarget();
})();
