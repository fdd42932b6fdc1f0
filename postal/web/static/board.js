"use strict";
// The coordinator's board by keyboard: one focus that moves through the rows, one selection shared with the map.
// Every change is the form itself, sent without loading the page; without this script the same buttons do it.
(() => {
  const form = document.getElementById("board");
  if (!form || !form.querySelector("[data-stops]")) return;
  const $ = (selector, root = document) => root.querySelector(selector);
  const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
  const fold = (text) => text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").replace(/đ/gi, "d").toLowerCase();
  const isOff = () => localStorage.getItem("keys-off") === "1";
  const MORE_PRESSES_MS = 350;
  let here = ""; // the stop that has the focus of the table
  let anchor = ""; // where a selection with Shift began
  let offset = 0;
  let waiting = 0;
  let isBusy = false;

  const live = document.createElement("p");
  live.className = "hidden";
  live.setAttribute("role", "status");
  form.after(live);
  const say = (text) => {
    live.textContent = "";
    live.textContent = text;
  };

  // --- rows and selection ---------------------------------------------------------------------------------------------

  const rows = () => $$("tr[data-stop]", form);
  const box = (row) => $("input[name=stop]", row);
  const rowOf = (name) => rows().find((row) => row.dataset.stop === name);
  const chosen = () => rows().filter((row) => box(row).checked).map((row) => row.dataset.stop);

  function dress() {
    const table = $("[data-stops]", form);
    table.setAttribute("role", "grid");
    table.setAttribute("aria-multiselectable", "true");
    const all = rows();
    if (!rowOf(here)) here = all.length ? all[0].dataset.stop : "";
    for (const row of all) {
      row.tabIndex = row.dataset.stop === here ? 0 : -1;
      box(row).tabIndex = -1;
    }
    show();
  }

  function show() {
    for (const row of rows()) row.setAttribute("aria-selected", String(box(row).checked));
    const count = $("[data-count]", form);
    if (count) count.textContent = String(chosen().length);
  }

  function select(names, isOn, { isTold = true } = {}) {
    for (const row of rows()) if (names.includes(row.dataset.stop)) box(row).checked = isOn;
    show();
    if (isTold) tell();
  }

  function tell() {
    const stops = chosen();
    document.dispatchEvent(new CustomEvent("board:selection", { detail: { stops, from: "table" } }));
    say(`${stops.length} điểm đã chọn`);
  }

  document.addEventListener("board:selection", (event) => {
    if (event.detail.from === "table") return;
    const names = event.detail.stops;
    for (const row of rows()) box(row).checked = names.includes(row.dataset.stop);
    show();
  });

  form.addEventListener("change", (event) => {
    if (event.target.name === "stop") {
      show();
      tell();
    }
  });

  function go(name, { isFocused = true } = {}) {
    const before = rowOf(here);
    const row = rowOf(name);
    if (!row) return;
    if (before) before.tabIndex = -1;
    row.tabIndex = 0;
    here = name;
    if (isFocused) {
      row.focus({ preventScroll: true });
      row.scrollIntoView({ block: "nearest" });
    }
  }

  function step(by, isSelecting) {
    const names = rows().map((row) => row.dataset.stop);
    const at = Math.max(0, Math.min(names.length - 1, names.indexOf(here) + by));
    if (isSelecting) {
      anchor = anchor || here;
      const [first, last] = [names.indexOf(anchor), at].sort((a, b) => a - b);
      select(names, false, { isTold: false });
      select(names.slice(first, last + 1), true);
    } else anchor = "";
    go(names[at]);
  }

  // --- keys -----------------------------------------------------------------------------------------------------------

  // The scan box has the focus when the page opens; as long as nothing stands in it, the keys are the board's.
  const isNowhere = (target) => target === document.body || target.id === "main" || (target.id === "scan" && !target.value);
  const isTyping = (target) =>
    !isNowhere(target) && target.matches("input:not([type=checkbox]), textarea, select, [role=listbox] *, .map *");
  const isInTable = (target) => !!target.closest("[data-stops]");

  const IN_TABLE = {
    " ": () => select([here], !box(rowOf(here)).checked),
    Home: (event) => step(-rows().length, event.shiftKey),
    End: (event) => step(rows().length, event.shiftKey),
    Escape: () => select(chosen(), false),
    m: () => openMove(),
    l: () => send(rowOf(acted()[0])?.hasAttribute("data-locked") ? "unlock" : "lock"),
    n: () => send("next_day"),
  };

  document.addEventListener("keydown", (event) => {
    if (isOff() || event.metaKey || $("dialog[open]") || isTyping(event.target)) return;
    if (handle(event)) {
      event.preventDefault();
      event.stopPropagation();
    }
  }, true);

  function handle(event) {
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const isArrow = key === "ArrowDown" || key === "ArrowUp";
    const by = key === "ArrowDown" ? 1 : -1;
    if (!rows().length) return false;
    if (event.ctrlKey && !event.altKey) {
      if (event.code === "KeyM") openMove();
      else if (event.code === "KeyZ" && !event.shiftKey) send("undo");
      else if (event.code === "KeyA") select(rows().map((row) => row.dataset.stop), true);
      else return false;
      return true;
    }
    if (key === "?") openHelp();
    else if (isArrow && event.altKey && isInTable(event.target)) reorder(by);
    else if (isArrow && isInTable(event.target)) step(by, event.shiftKey);
    else if (isArrow && isNowhere(event.target)) go(here);
    else if (isInTable(event.target) && !event.altKey && IN_TABLE[key]) IN_TABLE[key](event);
    else return false;
    return true;
  }

  form.addEventListener("focusin", (event) => {
    const row = event.target.closest("tr[data-stop]");
    if (row && row.dataset.stop !== here) go(row.dataset.stop, { isFocused: false });
  });
  form.addEventListener("click", (event) => {
    const row = event.target.closest("tr[data-stop]");
    if (!row || event.target.closest("label, a, input")) return;
    const isOn = !box(row).checked;
    go(row.dataset.stop);
    select([row.dataset.stop], isOn);
  });

  // --- changes --------------------------------------------------------------------------------------------------------

  // What is selected, else the row with the focus.
  const acted = () => (chosen().length ? chosen() : here ? [here] : []);

  function reorder(by) {
    offset += by;
    say(`${offset > 0 ? "Xuống" : "Lên"} ${Math.abs(offset)}`);
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      const by = offset;
      offset = 0;
      if (by) send("order", { offset: by });
    }, MORE_PRESSES_MS);
  }

  function send(act, more = {}) {
    const data = new FormData(form);
    data.delete("stop");
    data.delete("to");
    data.delete("position");
    if (act !== "undo") for (const name of acted()) data.append("stop", name);
    data.set("act", act);
    for (const [name, value] of Object.entries(more)) data.set(name, String(value));
    return post(form.action, data);
  }

  async function post(address, data) {
    if (isBusy) return;
    isBusy = true;
    form.setAttribute("aria-busy", "true");
    say("Đang tính…");
    const before = chosen();
    try {
      const answer = await fetch(address, { method: "POST", body: new URLSearchParams(data) });
      take(new DOMParser().parseFromString(await answer.text(), "text/html"), before, answer);
    } catch {
      say("Mất kết nối. Thay đổi chưa được ghi. Thử lại khi có mạng.");
      report("Mất kết nối. Thay đổi chưa được ghi. Thử lại khi có mạng.");
    } finally {
      isBusy = false;
      form.removeAttribute("aria-busy");
    }
  }

  // Show what the server answered: the same page, of which only what changes is taken over.
  function take(page, before, answer) {
    if (!page.getElementById("board")) return location.assign(answer.url);
    const wasInTable = isInTable(document.activeElement);
    for (const part of $$("[data-live]", page)) {
      const own = document.getElementById(part.id);
      if (!own) continue;
      const [body, newBody] = [$("[data-stops] tbody", own), $("[data-stops] tbody", part)];
      if (body && newBody) {
        body.replaceChildren(...newBody.childNodes);
        newBody.replaceWith(body);
      }
      own.replaceChildren(...part.childNodes);
    }
    document.title = page.title;
    select(before, true, { isTold: false });
    dress();
    if (wasInTable) go(here);
    document.dispatchEvent(new CustomEvent("board:selection", { detail: { stops: chosen(), from: "table" } }));
    const told = $(".said", page) || $("#board-problem .problems", page);
    say(told ? told.textContent.trim() : "");
    report(told && told.classList.contains("said") ? told.textContent.trim() : "", "said");
  }

  function report(text, kind = "problems") {
    for (const old of $$("main > .said, main > .net")) old.remove();
    if (!text) return;
    const line = document.createElement("p");
    line.className = kind === "said" ? "said" : "problem net";
    line.textContent = text;
    $("main").prepend(line);
  }

  form.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (!button) return;
    event.preventDefault();
    if (button.hasAttribute("data-accept")) return confirmAccept(button);
    const data = new FormData(form);
    data.set("act", button.value);
    if (!data.has("stop") && here && !["", "undo"].includes(button.value)) data.append("stop", here);
    post(form.action, data);
  });

  // --- dialogs --------------------------------------------------------------------------------------------------------

  function dialog(label, content) {
    const made = document.createElement("dialog");
    const back = document.activeElement;
    made.className = "palette";
    made.setAttribute("aria-label", label);
    made.innerHTML = content;
    made.addEventListener("close", () => {
      made.remove();
      if (back && back.isConnected) back.focus();
      else go(here);
    });
    document.body.append(made);
    made.showModal();
    return made;
  }

  function confirmAccept(button) {
    const drafts = $$("input[name=draft]:checked", form).map((each) => each.closest("tr"));
    const stops = drafts.reduce((sum, row) => sum + parseInt(row.children[4].textContent, 10), 0);
    const made = dialog(
      "Chấp nhận",
      `<form method="dialog"><p>Chấp nhận <strong>${drafts.length}</strong> chuyến, <strong>${stops}</strong> điểm?</p>` +
        '<p class="buttons"><button value="yes" autofocus>Chấp nhận (Enter)</button> <button value="" class="quiet">Quay lại (Esc)</button></p></form>',
    );
    made.addEventListener("close", () => {
      if (made.returnValue !== "yes") return;
      form.action = button.formAction;
      form.submit();
    });
  }

  function openMove() {
    const stops = acted();
    if (!stops.length) return;
    const routes = $$("tr[data-draft]", form).map((row) => ({
      order: String(Number(row.dataset.draft) + 1),
      name: row.dataset.name,
    }));
    const made = dialog(
      "Chuyển sang tuyến",
      `<form method="dialog"><label for="move-to">Chuyển ${stops.length} điểm sang tuyến… (số hoặc tên)</label>` +
        '<input id="move-to" autocomplete="off" aria-describedby="move-to-hint"><p class="hint" id="move-to-hint" role="status"></p>' +
        '<ul class="plain"></ul><p><button value="" class="quiet">Quay lại (Esc)</button></p></form>',
    );
    const [input, hint, list] = [$("input", made), $(".hint", made), $("ul", made)];
    const found = () => {
      const text = fold(input.value.trim());
      const same = routes.filter((route) => route.order === text);
      return same.length ? same : routes.filter((route) => fold(route.name).includes(text));
    };
    const choose = (route) => {
      made.close();
      send("move", { to: route.order });
    };
    const list_ = () => {
      const all = found();
      hint.textContent = all.length ? `Enter: ${all[0].order}. ${all[0].name}` : "Không có tuyến này. Gõ số hoặc tên khác.";
      list.replaceChildren(
        ...all.map((route) => {
          const line = document.createElement("li");
          const button = document.createElement("button");
          button.type = "button";
          button.className = "quiet";
          button.textContent = `${route.order}. ${route.name}`;
          button.addEventListener("click", () => choose(route));
          line.append(button);
          return line;
        }),
      );
    };
    input.addEventListener("input", list_);
    input.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      const [first] = found();
      if (first && input.value.trim()) choose(first);
    });
    list_();
    input.focus();
  }

  const HELP = [
    ["↑ ↓", "đến điểm trước, sau; từ đâu cũng vào được bảng điểm"],
    ["Dấu cách", "chọn hoặc bỏ chọn điểm"],
    ["Shift + ↑ ↓", "chọn thêm các điểm liền nhau"],
    ["Ctrl + A", "chọn mọi điểm đang hiện"],
    ["Esc", "bỏ chọn tất cả"],
    ["Ctrl + M hoặc M", "chuyển sang tuyến khác: gõ số hoặc tên, Enter"],
    ["Alt + ↑ ↓", "đổi thứ tự trong tuyến"],
    ["L", "giữ cố định trên tuyến, hoặc bỏ giữ"],
    ["N", "chuyển sang ngày làm việc kế tiếp"],
    ["Ctrl + Z", "hoàn tác bước cuối"],
    ["F10, Enter", "chấp nhận các chuyến đã chọn"],
    ["Ctrl + K", "mọi lệnh; tắt phím tắt"],
  ];

  function openHelp() {
    const lines = HELP.map(([key, what]) => `<div><dt><kbd>${key}</kbd></dt><dd>${what}</dd></div>`).join("");
    dialog(
      "Phím tắt",
      `<form method="dialog"><h2>Phím tắt của bảng tuyến</h2><p class="hint">Không chọn điểm nào thì làm với điểm đang đứng.</p>` +
        `<dl class="keys">${lines}</dl><button value="" autofocus>Đóng (Esc)</button></form>`,
    );
  }

  const opener = document.createElement("button");
  opener.type = "button";
  opener.className = "quiet small";
  opener.textContent = "Phím tắt (?)";
  opener.addEventListener("click", openHelp);
  form.before(opener);

  dress();
})();
