// A second click on a button, or a second Enter, does not send a form twice. And what somebody has written is
// not lost when it could not be saved (the login had ended, the server was down) or when the language is
// changed meanwhile: it is kept in this tab until its page comes again. Passwords and files are not kept.
(function () {
  "use strict";

  const KEPT = "written";
  const body = document.body;

  function fields(form) {
    return [...form.elements].filter(
      (field) => field.name && !["hidden", "password", "file", "radio", "submit", "button"].includes(field.type) && field.tagName !== "BUTTON"
    );
  }

  function changed(field) {
    if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
    if (field.tagName === "SELECT") return [...field.options].some((option) => option.selected !== option.defaultSelected);
    return field.value !== field.defaultValue;
  }

  // The desk keeps its own (desk.js), a search is in the address.
  const forms = [...document.forms].filter((form) => form.method === "post" && !form.dataset.interaction);

  function keep() {
    if (body.classList.contains("alone")) return; // somebody signs in: that is no form's content
    const values = forms.map((form) =>
      fields(form).filter(changed).map((field) => [field.name, field.type === "checkbox" ? field.checked : field.value])
    );
    if (values.some((each) => each.length)) {
      sessionStorage.setItem(KEPT, JSON.stringify({ login: body.dataset.login, page: location.pathname, values }));
    }
  }

  function write(field, value) {
    if (field.type === "checkbox") field.checked = value === true;
    else field.value = value;
  }

  function restore() {
    const kept = JSON.parse(sessionStorage.getItem(KEPT) || "null");
    if (!kept || body.classList.contains("alone") || body.dataset.problem) return; // signing in, or told why not
    sessionStorage.removeItem(KEPT);
    const saved = document.querySelector(".note.good, .note[role=alert]"); // or the server has put it back
    if (saved || kept.login !== body.dataset.login || kept.page !== location.pathname) return;
    let written = 0;
    kept.values.forEach((values, place) => {
      for (const [name, value] of forms[place] ? values : []) {
        const field = fields(forms[place]).find((each) => each.name === name);
        if (!field) continue;
        write(field, value);
        written += 1;
      }
    });
    if (written) document.getElementById("restored").hidden = false;
  }

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || event.defaultPrevented) return;
    if (form.dataset.sent) event.preventDefault();
    else keep();
    form.dataset.sent = "1";
    setTimeout(() => { delete form.dataset.sent; }, 5000); // nothing came back: it may be sent again
  });
  // A page that comes back from the browser's memory has sent nothing yet.
  window.addEventListener("pageshow", () => {
    for (const form of document.forms) delete form.dataset.sent;
  });
  restore();
})();
