// A second click on a button, or a second Enter, does not send a form twice.
(function () {
  "use strict";

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || event.defaultPrevented) return;
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "1";
    setTimeout(() => { delete form.dataset.sent; }, 5000); // nothing came back: it may be sent again
  });
  // A page that comes back from the browser's memory has sent nothing yet.
  window.addEventListener("pageshow", () => {
    for (const form of document.forms) delete form.dataset.sent;
  });
})();
