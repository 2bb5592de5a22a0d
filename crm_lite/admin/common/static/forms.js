// A second click on a button, or a second Enter, does not send a form twice. And what somebody has written is
// not lost when it could not be saved (the login had ended, the server was down), when another form of the
// page was sent, or when the language is changed meanwhile: it is kept in this tab until its form is there
// again. Passwords and files are not kept.
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

  // By where a form is sent to: what else is on the page may come and go. The desk keeps its own (desk.js), the
  // live part is made anew, a search is in the address.
  const forms = new Map();
  for (const form of document.forms) {
    if (form.method !== "post" || form.dataset.interaction || form.closest("[data-live]") || !fields(form).length) continue;
    const to = form.getAttribute("action") || ""; // form.action may be a field of that name
    const places = [...forms.keys()].filter((key) => key.startsWith(to + " "));
    forms.set(to + " " + places.length, form);
  }

  function store(kept) {
    if (Object.keys(kept.forms).length) sessionStorage.setItem(KEPT, JSON.stringify(kept));
    else sessionStorage.removeItem(KEPT);
  }

  function keep(sent) {
    if (body.classList.contains("alone")) return; // somebody signs in: that is no form's content
    const kept = { login: body.dataset.login, page: location.pathname, sent: "", forms: {} };
    for (const [key, form] of forms) {
      if (form === sent) kept.sent = key;
      const values = fields(form).filter(changed).map((field) => [field.name, field.type === "checkbox" ? field.checked : field.value]);
      if (values.length) kept.forms[key] = values;
    }
    if (Object.keys(kept.forms).length) store(kept);
  }

  function write(field, value) {
    if (field.type === "checkbox") field.checked = value === true;
    else field.value = value;
  }

  function restore() {
    const kept = JSON.parse(sessionStorage.getItem(KEPT) || "null");
    if (!kept) return;
    const here = kept.page === location.pathname, sent = kept.sent;
    kept.sent = ""; // what comes later says nothing of it
    if (body.classList.contains("alone") || body.dataset.problem) return store(kept); // signing in, or told why not
    if (kept.login !== body.dataset.login) return sessionStorage.removeItem(KEPT);
    // It is saved, or the server has put it back.
    if (document.querySelector(".note.good") || (here && document.querySelector(".note[role=alert]"))) delete kept.forms[sent];
    for (const [key, form] of here ? forms : []) {
      for (const [name, value] of kept.forms[key] || []) {
        const field = fields(form).find((each) => each.name === name);
        if (!field) continue;
        write(field, value);
        document.getElementById("restored").hidden = false;
      }
      delete kept.forms[key];
    }
    store(kept);
  }

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || event.defaultPrevented) return;
    if (form.dataset.sent) event.preventDefault();
    else keep(form);
    form.dataset.sent = "1";
    setTimeout(() => { delete form.dataset.sent; }, 5000); // nothing came back: it may be sent again
  });
  // A page that comes back from the browser's memory has sent nothing yet.
  window.addEventListener("pageshow", () => {
    for (const form of document.forms) delete form.dataset.sent;
  });
  restore();
})();
