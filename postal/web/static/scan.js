"use strict";
// A scanner types faster than any hand: its burst is taken for a scan wherever the focus is, and goes to the scan box.
// A bench takes the scan (event "scan"); any other page opens its answer, unless that would lose what was typed.
(() => {
  const FASTEST_HAND = 35, PAUSE = 100, HICCUP = 300, SHORTEST = 6;
  const TAKES_SCANS = /seal|card|official|postal|code|scanned|username/;
  const OWN = /^[2-9BCFGHJKMNPQRTVX]{5}-?[2-9BCFGHJKMNPQRTVX]{5}$/i;
  const box = document.getElementById("scan");
  if (!box) return;
  let run = null;

  const isTyping = (field) => field instanceof HTMLTextAreaElement || (field instanceof HTMLInputElement && !/^(checkbox|radio|file|submit|button)$/.test(field.type));
  const keepsScans = (field) => field instanceof HTMLTextAreaElement || field.type === "password" || TAKES_SCANS.test(field.name);
  // The longest gap is forgiven: a busy computer delivers one key late.
  const isBurst = () => run && run.keys >= SHORTEST && (run.last - run.first - run.longest) / (run.keys - 2) <= FASTEST_HAND;

  function begin(now) {
    const field = isTyping(document.activeElement) ? document.activeElement : null;
    run = { field, first: now, last: now, longest: 0, keys: 0, text: "", timer: 0 };
    if (field) Object.assign(run, { before: field.value, start: field.selectionStart, end: field.selectionEnd });
  }
  function typed() {
    const { field, before, start, end, text } = run;
    if (!field || start === null) return text;
    return field.value.slice(start, field.value.length - (before.length - end));
  }
  // What is no code stays where it was typed: digits alone may be a seal, a phone number or money, words are words.
  function isScan(text, isEnded) {
    const { field } = run;
    if (field === box || !field) return true;
    if (keepsScans(field)) return false;
    if (OWN.test(text.trim()) || /^https?:\/\//i.test(text) || text.includes("|")) return true;
    return isEnded && !/^[0-9 .,+-]+$/.test(text) && !/\s/.test(text.trim());
  }
  function finish(isEnded) {
    const { field, before, start, end } = run;
    // What stands in the box is one scan, however slowly its keys came, unless a whole code came after something else.
    const text = field === box && !OWN.test(typed().trim()) ? box.value : typed();
    if (!isScan(text, isEnded)) return (run = null), false;
    run = null;
    if (field && field !== box) {
      field.value = before;
      if (start !== null) field.setSelectionRange(start, end);
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
    take(text);
    return true;
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.repeat) return void (run = null);
    if (event.key === "Shift" || event.key === "CapsLock") return;
    const now = event.timeStamp;
    const gap = run ? now - run.last : 0;
    if (run && (gap > (run.keys < 3 ? PAUSE : HICCUP) || (run.field && run.field !== document.activeElement))) run = null;
    if (event.key === "Enter" || event.key === "Tab") {
      clearTimeout(run?.timer);
      if (isBurst() && finish(true)) {
        event.preventDefault();
        event.stopImmediatePropagation();
      }
      run = null;
      return;
    }
    const isText = event.key.length === 1 || /^(Backspace|Process|Unidentified)$/.test(event.key);
    if (!isText || document.querySelector("dialog[open]")) return void (run = null);
    if (!run) begin(now);
    clearTimeout(run.timer);
    run.keys += 1;
    run.longest = Math.max(run.longest, now - run.last);
    run.last = now;
    run.text = event.key === "Backspace" ? run.text.slice(0, -1) : run.text + (event.key.length === 1 ? event.key : "");
    if (isBurst()) run.timer = setTimeout(() => run && run.field !== box && OWN.test(typed().trim()) && finish(false), PAUSE);
  }, true);

  const isHalfFilled = () =>
    [...document.querySelectorAll('main form[method="post"]')].some((form) =>
      [...form.elements].some((field) => {
        if (field.type === "hidden" || !("value" in field) || field.offsetParent === null) return false;
        if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
        const isText = isTyping(field);
        return isText && (field.value !== field.defaultValue || (form.matches(".registration, .registration *") && field.name === "sender_name" && field.value));
      }),
    );
  function offered(text) {
    return !document.dispatchEvent(new CustomEvent("scan", { detail: text, cancelable: true }));
  }
  function take(text) {
    box.value = "";
    if (offered(text)) return box.focus();
    box.value = text;
    box.focus();
    if (!isHalfFilled()) return box.form.requestSubmit();
    let told = document.getElementById("scan-told");
    if (!told) {
      told = document.createElement("p");
      told.id = "scan-told";
      told.setAttribute("role", "status");
      box.form.append(told);
    }
    told.textContent = "Đã đọc mã. Nhấn Enter để mở; nội dung đang nhập chưa lưu.";
  }
  box.form.addEventListener("submit", (event) => {
    if (!box.value.trim()) return event.preventDefault();
    if (!offered(box.value)) return;
    event.preventDefault();
    box.value = "";
    box.focus();
  });
  if (document.activeElement === document.body && !document.querySelector("[autofocus]:not(#scan)")) box.focus();
})();
