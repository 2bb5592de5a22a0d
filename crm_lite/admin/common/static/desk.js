// When the live part shows another call than the form is about, the page turns to it, unless somebody is
// writing a note: then it says so.
(function () {
  "use strict";

  document.addEventListener("fresh", () => {
    const pop = document.getElementById("pop");
    const form = document.getElementById("disposition");
    const current = pop ? pop.dataset.interaction : "";
    if (!current || (form && form.dataset.interaction === current)) return;
    const note = form ? form.elements.note : null;
    const writing = note && note.value !== note.defaultValue;
    if (!writing) window.location.reload();
    else document.getElementById("newer").hidden = false;
  });
})();
