"use strict";
// A function key clicks the visible button or link that carries it; without this script the button is still there.
document.addEventListener("keydown", function (event) {
  if (event.altKey || event.ctrlKey || event.metaKey || event.repeat) return;
  if (!/^(F2|F4|F8|F9|F10)$/.test(event.key)) return;
  for (const target of document.querySelectorAll('[data-key="' + event.key + '"]')) {
    if (target.offsetParent !== null && !target.disabled) {
      event.preventDefault();
      target.click();
      return;
    }
  }
});
