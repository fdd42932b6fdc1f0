"use strict";
// Keys click the visible button or link that carries them: F keys, Alt with a number, Ctrl+K for the list of commands.
// Without this script every button is still there; "Tắt phím tắt" leaves all keys to the browser.
(() => {
  const OFF = "keys-off";
  const isOff = () => localStorage.getItem(OFF) === "1";
  const isThere = (target) => target.offsetParent !== null && !target.disabled;
  const fold = (text) => text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").replace(/đ/gi, "d").toLowerCase();
  // What the page is about comes before the menu above it.
  const click = (selector) => {
    const all = [...document.querySelectorAll(selector)];
    const target = [...all.filter((each) => each.closest("main")), ...all].find(isThere);
    if (target) target.click();
    return !!target;
  };

  document.addEventListener("keydown", (event) => {
    if (isOff() || event.metaKey || event.repeat || document.querySelector("dialog[open]")) return;
    const plain = !event.altKey && !event.ctrlKey;
    const preset = event.altKey && !event.ctrlKey && /^(?:Digit|Numpad)([1-9])$/.exec(event.code);
    const isCommands = event.ctrlKey && !event.altKey && event.code === "KeyK";
    if (isCommands) open();
    if (
      isCommands ||
      (plain && /^(F2|F4|F8|F9|F10|Escape)$/.test(event.key) && click(`[data-key="${event.key}"]`)) ||
      (preset && click(`[data-preset="${preset[1]}"]`))
    ) {
      event.preventDefault();
    }
  });

  const opener = document.createElement("button");
  opener.type = "button";
  opener.className = "quiet small";
  opener.textContent = "Lệnh (Ctrl+K)";
  opener.addEventListener("click", () => open());
  const line = document.createElement("li");
  line.append(opener);
  document.querySelector("nav.menu ul")?.append(line);

  function open() {
    const dialog = document.createElement("dialog");
    dialog.className = "palette";
    dialog.setAttribute("aria-label", "Lệnh");
    dialog.innerHTML =
      '<form method="dialog"><label for="palette">Gõ để tìm lệnh</label><input id="palette" autocomplete="off">' +
      '<p class="palette-settings"><label><input type="checkbox"> Tắt phím tắt</label>' +
      '<label>Âm thanh <select><option value="0">Tắt</option><option value="1">Nhỏ</option><option value="2">Vừa</option>' +
      '<option value="3">To</option></select></label><button value="">Đóng (Esc)</button></p><ul class="plain"></ul></form>';
    const [filter, off] = dialog.querySelectorAll("input");
    const sound = dialog.querySelector("select");
    const all = [...document.querySelectorAll("nav.menu a, main a.button, main button")].filter(isThere);
    const found = () => all.filter((each) => fold(each.textContent).includes(fold(filter.value.trim())));
    const show = () => {
      dialog.querySelector("ul").replaceChildren(
        ...found().map((target) => {
          const choice = document.createElement("button");
          choice.type = "button";
          choice.className = "quiet";
          choice.textContent = target.textContent.trim().replace(/\s+/g, " ");
          choice.addEventListener("click", () => run(target));
          const line = document.createElement("li");
          line.append(choice);
          return line;
        }),
      );
    };
    const run = (target) => {
      dialog.close();
      target.click();
    };
    off.checked = isOff();
    sound.value = localStorage.getItem("sound") ?? "2";
    off.addEventListener("change", () => localStorage.setItem(OFF, off.checked ? "1" : "0"));
    sound.addEventListener("change", () => localStorage.setItem("sound", sound.value));
    filter.addEventListener("input", show);
    filter.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      const [first] = found();
      if (first) run(first);
    });
    dialog.addEventListener("close", () => dialog.remove());
    document.body.append(dialog);
    show();
    dialog.showModal();
    filter.focus();
  }
})();
