// Keeps a part of a page live: the server sends it as HTML, and only what differs is changed here,
// so that focus, open cards and selected text stay where they are.
(function () {
  "use strict";

  const place = document.querySelector("[data-live]");
  if (!place || !window.EventSource) return;

  function same(old, fresh) {
    return old.nodeType === fresh.nodeType && old.nodeName === fresh.nodeName && old.id === fresh.id;
  }

  function takeAttributes(old, fresh) {
    for (const { name } of [...old.attributes]) if (!fresh.hasAttribute(name)) old.removeAttribute(name);
    for (const { name, value } of fresh.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  }

  function take(old, fresh) {
    if (old.nodeType !== Node.ELEMENT_NODE) {
      if (old.nodeValue !== fresh.nodeValue) old.nodeValue = fresh.nodeValue;
      return;
    }
    if (old !== place) takeAttributes(old, fresh);
    const news = [...fresh.childNodes];
    news.forEach((node, index) => {
      const here = old.childNodes[index];
      if (!here) old.appendChild(document.importNode(node, true));
      else if (same(here, node)) take(here, node);
      else old.replaceChild(document.importNode(node, true), here);
    });
    while (old.childNodes.length > news.length) old.lastChild.remove();
  }

  // Old figures must not pass for live ones: after a few seconds without a connection the page says so,
  // and after half a minute in which an open one told nothing (the server is heard every 15 s).
  const lost = document.getElementById("lost");
  let alarm = 0;
  let failing = false; // each try that fails is told; only the first begins the count

  function alarmIn(ms) {
    clearTimeout(alarm);
    alarm = setTimeout(() => { lost.hidden = false; }, ms);
  }

  function heard() {
    failing = false;
    lost.hidden = true;
    alarmIn(30000);
  }

  // What is shown may be the answer to a form, whose address can't be asked for again.
  const page = place.dataset.page || window.location.href;

  // The stream was refused: the login has ended, and the page asks for it; or the server is being started.
  async function refused() {
    try {
      const answer = await fetch(page, { method: "HEAD", redirect: "manual" });
      if (answer.type === "opaqueredirect" || answer.status === 403) return window.location.assign(page);
    } catch { /* nobody there yet */ }
    setTimeout(listen, 3000);
  }

  function listen() {
    const source = new EventSource(place.dataset.live);
    source.addEventListener("open", heard);
    source.addEventListener("alive", heard);
    source.addEventListener("part", (event) => {
      heard();
      const fresh = new DOMParser().parseFromString(event.data, "text/html");
      take(place, fresh.body);
      place.dispatchEvent(new CustomEvent("fresh", { bubbles: true }));
    });
    source.addEventListener("error", () => {
      if (!failing) alarmIn(6000);
      failing = true;
      if (source.readyState === EventSource.CLOSED) refused();
    });
  }

  listen();
})();
