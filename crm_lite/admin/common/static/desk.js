// Nothing that an agent has written gets lost: it is kept in this tab until it is saved, whatever reloads
// the page. When the live part shows another call than the form is about, the page turns to it, unless
// somebody is writing: then it says so.
(function () {
  "use strict";

  const line = document.getElementById("older");
  const KEPT = "disposition:" + line.dataset.agent + ":"; // the next agent in this tab sees none of it
  const form = document.getElementById("disposition");
  const about = form ? form.dataset.interaction : "";

  function written() {
    const code = form.querySelector("[name=code]:checked");
    return { code: code ? code.value : "", note: form.elements.note.value };
  }

  function same(one, other) {
    return one && other && one.code === other.code && one.note === other.note;
  }

  // What the server knows: nothing of it after a save that failed, whose form has what was written.
  const saved = form && form.dataset.fresh === "1" ? written() : null;
  const first = callNow();

  function callNow() {
    const pop = document.getElementById("pop");
    return pop ? pop.dataset.interaction : "";
  }

  function keep() {
    if (same(written(), saved)) sessionStorage.removeItem(KEPT + about);
    else sessionStorage.setItem(KEPT + about, JSON.stringify(written()));
  }

  function restore() {
    const kept = JSON.parse(sessionStorage.getItem(KEPT + about) || "null");
    if (!kept) return;
    if (same(kept, saved)) return sessionStorage.removeItem(KEPT + about);
    form.elements.note.value = kept.note;
    for (const choice of form.querySelectorAll("[name=code]")) choice.checked = choice.value === kept.code;
  }

  function tellOlder() {
    const keys = Object.keys(sessionStorage).filter((key) => key.startsWith(KEPT) && key !== KEPT + about);
    if (!keys.length) return;
    line.querySelector("a").href = line.dataset.base + "?about=" + encodeURIComponent(keys[0].slice(KEPT.length));
    line.hidden = false;
  }

  // A call that went to somebody else: what was written of it is shown once more, and then forgotten.
  function tellTaken(place) {
    const kept = JSON.parse(sessionStorage.getItem(KEPT + place.dataset.interaction) || "null");
    if (!kept) return;
    place.querySelector("q").textContent = kept.note;
    place.hidden = false;
    sessionStorage.removeItem(KEPT + place.dataset.interaction);
  }

  const taken = document.getElementById("taken");
  if (taken) tellTaken(taken);
  if (line.dataset.saved) sessionStorage.removeItem(KEPT + line.dataset.saved);
  if (form) {
    restore();
    form.addEventListener("input", keep);
  }
  tellOlder();

  document.addEventListener("fresh", () => {
    const current = callNow();
    if (!current || current === about || current === first) return;
    if (!form || same(written(), saved)) window.location.assign(line.dataset.base);
    else document.getElementById("newer").hidden = false;
  });
})();
