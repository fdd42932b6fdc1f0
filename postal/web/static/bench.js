"use strict";
// A bench: scans are kept here as they come, judged at once, and sent as one form. What this shows is a preview; the
// server does the same sum over the same lines and decides. The words of every row come with the page.
(() => {
  const form = document.querySelector("form.bench"), box = document.getElementById("scan");
  if (!form || !box) return;
  const task = JSON.parse(form.dataset.task);
  const find = (selector) => form.querySelector(selector);
  const KEY = `bench:${form.dataset.account}:${location.pathname}`, MONTH = 30 * 24 * 3600e3, RETRY = 2000;
  const ALPHABET = "23456789BCFGHJKMNPQRTVX";
  const ICONS = { done: "✓", moving: "=", problem: "×", needs_citizen: "!" };
  const SOUNDS = { ok: "ok", full: "done", end: "done", seal: "ok",  "wrong-place": "wrong", asking: "" };
  const COMMANDS = Object.fromEntries(Object.entries(task.commands).map(([code, [name]]) => [name, code]));
  const NOW = new Intl.DateTimeFormat("vi-VN", { timeZone: "Asia/Ho_Chi_Minh", timeStyle: "medium", hourCycle: "h23" });
  const SYMBOL = `[${ALPHABET}]`, ADDRESS = new RegExp(`^HTTPS?://[^/]+/(?:[A-Z]/)?(${SYMBOL}{5}-?${SYMBOL}{5})$`);
  const hasSeal = task.work === "pack" || task.work === "receive";

  // --- the journal: written before anything is shown ------------------------------------------------------------------

  for (const key of Object.keys(localStorage)) {
    if (key.startsWith("bench:") && !(JSON.parse(localStorage[key]).at > Date.now() - MONTH)) localStorage.removeItem(key);
  }
  const kept = JSON.parse(localStorage.getItem(KEY) ?? "null");
  const request = kept?.request ?? form.elements.request.value;
  const given = find("textarea").value.split("\n").map((line) => line.trim()).filter(Boolean);
  const lines = (kept?.lines ?? given.map((text) => [text, 0])).map(([text, time]) => ({ text, time }));
  const keep = () => {
    const mine = lines.filter((line) => !line.isPrivate).map((line) => [line.text, line.time]);
    localStorage.setItem(KEY, JSON.stringify({ at: Date.now(), request, state: sealState(), lines: mine }));
  };
  const forget = () => localStorage.removeItem(KEY);
  const sealState = () => form.elements.seal_state?.value ?? "";

  // --- one scan, as postal/domain/codes.py and postal/queries/reads.py read it ------------------------------------------

  const capitals = (text) => text.replace(/[a-z]/g, (letter) => letter.toUpperCase());
  const squeezed = (text) => capitals(text.replace(/[ \t\r\n\v\f\u00a0\u2010\u2011\u2013-]/g, ""));
  const shown = (code) => (code.length === 10 ? `${code.slice(0, 5)}-${code.slice(5)}` : code);
  const fits = (code) => code.length === 10 && [...code].every((symbol) => ALPHABET.includes(symbol));
  const sum = (code) => [...code].reduce((total, symbol, place) => total + (place + 1) * ALPHABET.indexOf(symbol), 0) % 23;
  const isOurs = (code) => fits(code) && sum(code) === 0 && /^[2-9PTCGRBHMKN]/.test(code);
  function sealIn(text) {
    const number = capitals(text.replace(/\s/g, "")), symbols = squeezed(text);
    const isLikeOurs = symbols.length > 8 && symbols.length < 12 && ALPHABET.includes(symbols[0]) && [...symbols].filter((s) => !ALPHABET.includes(s)).length < 2;
    if (!/^[0-9A-Z](?:[0-9A-Z./-]{0,30}[0-9A-Z])?$/.test(number) || (isLikeOurs && /[A-Z]/.test(symbols))) return "";
    return /^(?:[A-Z]{2}[0-9]{9}[A-Z]{2}|[0-9A-Z.]+-[0-9A-Z]+-[0-9A-Z]+)$/.test(number) || isOurs(symbols) ? "" : number;
  }
  const known = (code) => {
    const [verdict, place, sentence] = task.known[code];
    return { thing: code, shown: shown(code), verdict, place, sentence };
  };
  // Returns how a line reads; null when only the server can tell.
  function read(text) {
    const symbols = squeezed(text), code = isOurs(symbols) ? symbols : squeezed(ADDRESS.exec(capitals(text))?.[1] ?? "");
    if (code && isOurs(code) && task.commands[code]) return { command: task.commands[code][0], shown: task.commands[code][1] };
    for (const each of [code, symbols, capitals(text)]) {
      if (task.known[each]) return known(each);
      if (task.also[each]) return known(task.also[each]);
    }
    if (text.includes("|") || (/^[0-9]{12}$/.test(symbols) && !(hasSeal && awaitsSeal(tally)))) return { shown: "số căn cước", verdict: "other", isPrivate: true };
    const seal = hasSeal && sealIn(text);
    if (seal) return { seal, shown: seal, verdict: "other" };
    if (fits(symbols) && sum(symbols) !== 0) return { shown: text, verdict: "check", sentence: `Mã sai 1 ký tự: ${shown(`${symbols.slice(0, -1)}?`)} Quét lại.` };
    if (task.work === "receive" && /^P/.test(code) && isOurs(code)) return { thing: code, shown: shown(code), verdict: "stranger", isGuess: true };
    return null;
  }

  // --- the sum, as postal/domain/bench.py does it -----------------------------------------------------------------------

  const missingOf = (t) => task.of.filter((code) => !t.counted.has(code));
  const isBroken = () => task.broken || sealState() === "broken";
  const differs = (t) => isBroken() || (!!t.seal && t.seal !== capitals(task.seal.replace(/\s/g, "")));
  const awaitsSeal = (t) => task.work === "pack" || (hasSeal && (!t.seal || !(t.counted.size || t.extra.size)));
  function nextEnd(t) {
    const isSeen = task.sample.every((code) => t.counted.has(code));
    const allows = task.whole === "always" || (task.whole === "sample" && isSeen);
    return allows && missingOf(t).length && !t.confirmed && !differs(t) ? "whole" : "sign";
  }
  function signing(t) {
    const count = t.counted.size, missing = missingOf(t).length;
    if (task.work === "pack") return `Đóng túi ${count} bưu gửi, niêm phong ${t.seal}`;
    if (task.work === "load") return `Bàn giao chuyến ${count} túi`;
    if (task.work === "pile") return `Bàn giao ${count} bưu gửi`;
    if (t.end === "whole") return `Nhận nguyên túi ${task.of.length}, ${missing} chưa kiểm`;
    const conditions = [...t.counted.values(), ...t.extra.values()];
    const number = (condition) => conditions.filter((each) => each === condition).length;
    const named = [["thiếu", missing], ["thừa", t.extra.size], ["rách, ướt", number("damaged")], ["sai nơi", number("wrong_place")]];
    const parts = named.filter((each) => each[1]).map(([word, many]) => `, ${word} ${many}`).join("");
    return `Ký nhận ${count}/${task.of.length}${parts}${differs(t) ? ", niêm phong không khớp" : ""}`;
  }
  const DOING = {
    done(t) {
      if (task.work !== "receive") {
        if (!t.counted.size) return [t, "nothing"];
        return task.work === "pack" && !t.seal ? [{ ...t, asked: true }, "need-seal"] : [{ ...t, end: "sign" }, "end"];
      }
      if (!t.seal && !isBroken()) return [t, "need-seal"];
      const end = nextEnd(t), asks = (missingOf(t).length && !t.confirmed) || differs(t);
      const isFast = end === "whole" && task.whole === "always" && !t.counted.size;
      return asks && !t.asked && !isFast ? [{ ...t, asked: true }, "short"] : [{ ...t, end, asked: false }, "end"];
    },
    extra(t) {
      if (task.work !== "receive" || !t.pending) return [t, "nothing"];
      return [{ ...t, extra: new Map(t.extra).set(t.pending, "sound"), last: t.pending, pending: "" }, "extra", { code: shown(t.pending) }];
    },
    reprint: (t) => [t, task.words.reprint ? "reprint" : "nothing"],
    missing: (t) => (task.work !== "receive" || !missingOf(t).length ? [t, "nothing"] : [{ ...t, confirmed: true, asked: false }, "missing"]),
    damaged: (t) => noted(t, "damaged", "damaged"),
    wrong_place: (t) => noted(t, "wrong_place", "misplaced"),
  };
  function noted(t, condition, verdict) {
    if (task.work !== "receive" || !t.last) return [t, "nothing"];
    const where = t.extra.has(t.last) ? "extra" : "counted";
    return [{ ...t, [where]: new Map(t[where]).set(t.last, condition) }, verdict, { code: shown(t.last) }];
  }
  function step(t, r) {
    if (r.command) return DOING[r.command]?.(t) ?? [t, "nothing"];
    if (r.seal && awaitsSeal(t)) {
      const after = { ...t, seal: r.seal, asked: false };
      if (task.work === "pack" && t.asked && t.counted.size) return [{ ...after, end: "sign" }, "end"];
      return [after, task.work === "receive" && differs(after) ? "seal-differs" : "seal"];
    }
    const code = { code: r.shown };
    if (r.thing && (t.counted.has(r.thing) || t.extra.has(r.thing))) return [t, "dup", code];
    if (r.verdict !== "ok") {
      const pending = /^(unknown|stranger)$/.test(r.verdict) && task.work === "receive" ? r.thing ?? "" : "";
      return [{ ...t, pending }, r.verdict, code];
    }
    const after = { ...t, counted: new Map(t.counted).set(r.thing, "sound"), last: r.thing, pending: "", asked: false, confirmed: false };
    return [after, task.words.full && !missingOf(after).length ? "full" : "ok", code];
  }
  function say(t, verdict, fields) {
    const missing = missingOf(t), end = verdict === "short" ? nextEnd(t) : t.end;
    const all = {
      code: "", count: t.counted.size, of: task.of.length, bag: shown(task.code), seal: t.seal, listed: task.seal, place: "",
      short: `${missing.length}: ${missing.slice(0, 3).map(shown).join(", ")}${missing.length > 3 ? ", …" : ""}`,
      signing: signing({ ...t, end }), ...fields,
    };
    return task.words[verdict].replace(/\{(\w+)\}/g, (_, name) => all[name] ?? "");
  }
  function judge() {
    const seal = sealState() === "intact" ? capitals(task.seal.replace(/\s/g, "")) : task.given;
    let t = { counted: new Map(), extra: new Map(), seal, pending: "", last: "", asked: false, confirmed: false, end: "" };
    const steps = [], times = {};
    for (const line of lines) {
      const r = line.read;
      if (!r) {
        steps.push([t, line.text]);
        line.row = { verdict: "asking", shown: line.text.slice(0, 32), sentence: line.isAway ? "Mất kết nối, chưa tra được. Sẽ tra khi có mạng." : "Đang tra…" };
        continue;
      }
      let verdict, fields;
      if (r.command === "undo") {
        const [before, code] = steps.pop() ?? [t, ""];
        [t, verdict, fields] = [before, code ? "undo" : "nothing", { code }];
      } else {
        steps.push([t, r.shown]);
        [t, verdict, fields] = step({ ...t, end: "", asked: t.asked && (task.work === "pack" || r.command === "done") }, r);
      }
      const when = times[r.thing] ? `lúc ${NOW.format(times[r.thing])}` : "rồi";
      const sentence = (verdict === r.verdict && r.sentence) || say(t, verdict, { when, place: r.place, ...fields });
      if (verdict === "ok" || verdict === "full") times[r.thing] = line.time;
      line.row = { verdict, shown: r.shown, sentence, goesTo: r.goes_to };
    }
    return t;
  }

  // --- what is seen and heard ---------------------------------------------------------------------------------------------

  const rows = find("[data-rows]");
  let tally = { counted: new Map(), extra: new Map(), seal: task.given };
  function show() {
    tally = judge();
    for (const line of lines) {
      const { verdict, shown: code, sentence, goesTo } = line.row, tone = task.tones[verdict] ?? "moving", text = `${verdict}${code}${sentence}`;
      if (line.seen === text) continue;
      line.seen = text;
      if (!line.element) rows.prepend((line.element = document.createElement("li")));
      line.element.className = tone;
      line.element.dataset.verdict = verdict;
      const parts = [["span", ICONS[tone], ""], ["span", code, "code"], ["span", sentence, ""]].filter((part) => part[2] !== "code" || !sentence.includes(code)).map(([tag, words, name]) =>
        Object.assign(document.createElement(tag), { textContent: words, className: name }));
      if (goesTo && /^(ok|elsewhere)$/.test(verdict)) parts.push(Object.assign(document.createElement("a"), { textContent: "Mở", href: goesTo }));
      line.element.replaceChildren(...parts.flatMap((part) => [part, " "]));
    }
    find("[data-count]").textContent = tally.counted.size;
    const missing = new Set(missingOf(tally));
    for (const each of form.querySelectorAll("[data-missing] li")) each.hidden = !missing.has(each.dataset.thing);
    for (const each of form.querySelectorAll("[data-missing-count]")) each.textContent = missing.size;
    for (const each of form.querySelectorAll("[data-none]")) each.hidden = missing.size > 0;
    for (const each of form.querySelectorAll("[data-signing]")) each.textContent = signing(tally);
    for (const each of form.querySelectorAll("[data-seal]")) each.textContent = tally.seal ? `Đã đọc: ${tally.seal}` : "";
  }

  let audio = null;
  const TONES = { ok: [[1175, 0.07]], dup: [[587, 0.08], [587, 0.08]], bad: [[150, 0.35]], wrong: [[196, 0.15], [196, 0.15], [196, 0.2]], done: [[659, 0.1], [880, 0.1], [1319, 0.25]] };
  const SPOKEN = { wrong: "Sai điểm đến", done: "Đủ số lượng" };
  function sound(verdict) {
    const name = SOUNDS[verdict] ?? (task.tones[verdict] === "problem" ? "bad" : "dup"), volume = Number(localStorage.getItem("sound") ?? 2) / 3;
    if (!name || !volume) return;
    audio ??= new AudioContext();
    let at = audio.currentTime;
    for (const [pitch, seconds] of TONES[name]) {
      const tone = audio.createOscillator(), gain = audio.createGain();
      tone.type = name === "bad" ? "sawtooth" : "sine";
      tone.frequency.value = pitch;
      gain.gain.value = volume * (name === "dup" ? 0.12 : 0.25);
      tone.connect(gain).connect(audio.destination);
      tone.start(at);
      tone.stop(at + seconds);
      at += seconds + 0.06;
    }
    const voice = (name === "wrong" || verdict === "full") && window.speechSynthesis?.getVoices().find((each) => each.lang.startsWith("vi"));
    if (voice) speechSynthesis.speak(Object.assign(new SpeechSynthesisUtterance(SPOKEN[name]), { voice, lang: "vi-VN", volume }));
  }

  // --- taking a scan ------------------------------------------------------------------------------------------------------

  function take(text) {
    const line = { text: text.trim(), time: Date.now() };
    if (!line.text) return;
    line.read = read(line.text);
    line.isPrivate = line.read?.isPrivate;
    lines.push(line);
    try {
      keep();
    } catch {
      lines.pop();
      return told("Máy hết chỗ trống, CHƯA ghi lượt quét này. Đóng bớt trang rồi quét lại.", "problem");
    }
    act(line);
  }
  function act(line) {
    show();
    sound(line.row.verdict);
    if (!line.read || line.read.isGuess) ask(line);
    const { command } = line.read ?? {};
    if (line.row.verdict === "end") send(find("[data-sign]"));
    else if (command === "reprint") find("[data-reprint]")?.click();
    else if (command?.startsWith("preset_")) document.querySelector(`[data-preset="${command.slice(-1)}"]`)?.click();
  }
  async function ask(line) {
    const query = new URLSearchParams({ work: task.work, code: task.code, q: line.text });
    let answer;
    line.isAway = false;
    try {
      const response = await fetch(`/bench/read?${query}`);
      if (!response.ok || response.redirected) throw new Error();
      answer = await response.json();
    } catch {
      line.isAway = true;
      return show();
    }
    const before = line.row.verdict, guess = line.read;
    if (guess && answer.verdict === "check") return; // the bench is closed meanwhile: what was known here stays
    line.read = { ...answer, command: answer.command && task.commands[answer.command][0] };
    if (task.work === "pile" && /^[TC]/.test(answer.thing) && answer.goes_to) {
      lines.splice(lines.indexOf(line), 1);
      keep();
      return location.assign(answer.goes_to);
    }
    if (answer.repaired && !sessionStorage.getItem("told-repaired")) {
      sessionStorage.setItem("told-repaired", "1");
      told("Đã tự sửa mã bị bộ gõ làm sai. Nên tắt bộ gõ khi quét.", "moving");
    }
    show();
    if (!guess || before !== line.row.verdict) sound(line.row.verdict);
    if (line.row.verdict === "end") send(find("[data-sign]"));
  }

  // --- sending: one form, again and again until it has an answer ------------------------------------------------------------

  const net = find("[data-net]");
  function told(words, tone) {
    net.textContent = words;
    net.className = `notice ${tone}`;
    net.hidden = !words;
  }
  let isSending = false, wasAway = false, signed = null;
  // What is signed is what was there at XONG: it is sent again exactly so, and what is scanned after it is told.
  function formOf(submitter) {
    const mine = lines.filter((line) => !line.isPrivate);
    find("textarea").value = mine.map((line) => line.text).join("\n");
    form.elements.request.value = request;
    form.elements.agreed.value = signing(tally);
    return { body: new FormData(form, submitter), count: mine.length };
  }
  async function send(submitter) {
    if (isSending) return;
    isSending = true;
    signed ??= formOf(submitter);
    const { body, count } = signed;
    let response;
    try {
      response = await fetch(form.action, { method: "POST", body });
    } catch {
      isSending = false;
      wasAway = true;
      told(`Mất kết nối. ${count} lượt đang chờ gửi. Cứ quét tiếp, đừng đóng trang.`, "needs_citizen");
      return setTimeout(() => send(submitter), RETRY);
    }
    isSending = false;
    signed = null;
    if (!response.redirected) return refused(await response.text());
    if (new URL(response.url).pathname === "/sign-in") {
      told("Phiên đã hết. Nội dung đang nhập vẫn còn. Đăng nhập để tiếp tục.", "needs_citizen");
      return setTimeout(() => location.assign(response.url), 900);
    }
    forget();
    const late = lines.filter((line) => !line.isPrivate).slice(count).filter((line) => !line.read?.command);
    if (wasAway) told(`Đã kết nối lại. Đã gửi ${count}/${count}.`, "done");
    if (!late.length) return setTimeout(() => location.assign(response.url), wasAway ? 900 : 0);
    told(`Đã gửi ${count}/${count}. Quét sau XONG, chưa ghi, để riêng: ${late.map((line) => line.row.shown).join(", ")}. `, "needs_citizen");
    net.append(Object.assign(document.createElement("a"), { href: response.url, textContent: "Xem phiếu" }));
  }
  function refused(page) {
    const answer = new DOMParser().parseFromString(page, "text/html"), problems = answer.querySelector(".problems");
    const place = document.querySelector("[data-problems]");
    place.replaceChildren(problems ?? Object.assign(document.createElement("p"), { className: "problems", textContent: answer.querySelector("main")?.innerText ?? "" }));
    place.scrollIntoView({ block: "center" });
    sound("check");
  }

  // --- the hands ----------------------------------------------------------------------------------------------------------

  document.addEventListener("scan", (event) => {
    event.preventDefault();
    take(event.detail);
  });
  document.addEventListener("keydown", (event) => {
    const isBox = document.activeElement === box || !/^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement.tagName);
    if (!event.ctrlKey || event.shiftKey || event.altKey || event.code !== "KeyZ" || !isBox || box.value) return;
    event.preventDefault();
    take(COMMANDS.undo);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (event.submitter?.name === "whole") send(event.submitter);
    else take(COMMANDS.done);
    box.focus();
  });
  form.addEventListener("click", (event) => {
    const command = event.target.closest("[data-command]")?.dataset.command;
    if (!command) return;
    if (command === "clear") {
      forget();
      return location.reload();
    }
    take(COMMANDS[command]);
    box.focus();
  });
  form.addEventListener("change", (event) => {
    if (event.target.name !== "seal_state") return;
    keep();
    show();
    box.focus();
  });
  const askAgain = () => lines.filter((each) => each.isAway).forEach(ask);
  addEventListener("online", askAgain);
  setInterval(askAgain, 2 * RETRY);

  // --- beginning ------------------------------------------------------------------------------------------------------------

  for (const each of form.querySelectorAll("[data-lines]")) each.hidden = true;
  for (const each of form.querySelectorAll("[data-commands]")) each.hidden = false;
  rows.replaceChildren();
  const state = kept?.state && find(`[name="seal_state"][value="${kept.state}"]`);
  if (state) state.checked = true;
  for (const line of lines) line.read = read(line.text);
  show();
  for (const line of lines) if (!line.read || line.read.isGuess) ask(line);
  box.focus();
})();
