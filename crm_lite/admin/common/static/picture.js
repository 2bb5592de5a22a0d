// A picture wider than its place begins at its first step, which is not at its left.
(function () {
  "use strict";

  const place = document.querySelector(".picture");
  const start = place && place.querySelector(".start");
  if (!start) return;
  const box = start.getBoundingClientRect();
  place.scrollLeft += box.left + box.width / 2 - place.getBoundingClientRect().left - place.clientWidth / 2;
})();
