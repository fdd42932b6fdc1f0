// Registering without network: a code of the workstation's block, a form sealed to the server, a label printed here.
"use strict";

const LONGEST_SILENCE = 7 * 24 * 3600e3;
const ONE_DAY = 24 * 3600e3;
const FREE_LINES = 3;
const COUNTS = ["originals", "certified", "copies"];

const form = document.querySelector("[data-form]");
const find = (name) => document.querySelector(`[data-${name}]`);
const field = (name) => form.elements.namedItem(name);
const typed = (name) => (field(name)?.value ?? "").normalize("NFC").trim();
const made = (tag, attributes = {}, ...inside) => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) if (value !== false) element.setAttribute(name, value === true ? "" : value);
  element.append(...inside);
  return element;
};
const fold = (text) => text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").replace(/đ/gi, "d").toLowerCase().trim();
const shown = (code) => `${code.slice(0, 5)}-${code.slice(5)}`;
const base64 = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes)));
const bytesOf = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

const read = async (name) => (await Outbox.within(["note"], "readonly", (notes) => notes.get(name)))?.value;
const write = (name, value) => Outbox.within(["note"], "readwrite", (notes) => notes.put({ name, value }));

let kit = null;
let chosen = null;
let lookedFor = "";

// --- what the machine has ----------------------------------------------------------------------------------------------

// With network: who works here, and what has changed since. Without it: what was taken along.
const load = async () => {
  try {
    const who = await Outbox.session();
    if (who) {
      await Outbox.hello(who.account);
      const answer = await fetch("/offline/kit", { credentials: "same-origin", cache: "no-store", headers: { "X-Outbox": "1" } });
      if (answer.ok) await write("kit", await answer.json());
      else await write("kit", null); // not enrolled, or revoked
    }
  } catch {
    // no network: what was taken along is as good
  }
  kit = (await read("kit")) ?? null;
};

const unused = async () => {
  const used = new Set((await read("used blanks")) ?? []);
  return kit.blanks.filter(([dossier]) => !used.has(dossier));
};

// A code is used up before anything else happens to it: a crash loses a code, never two dossiers under one.
const take = () =>
  navigator.locks.request("blanks", async () => {
    const [blank] = await unused();
    if (blank) await write("used blanks", [...((await read("used blanks")) ?? []), blank[0]]);
    return blank;
  });

// --- saying ------------------------------------------------------------------------------------------------------------

const state = find("state");
const say = (sentence, tone = "") => state.append(made("p", { class: `notice ${tone}`.trim() }, sentence));
const clock = (time) => new Intl.DateTimeFormat("vi-VN", { timeZone: "Asia/Ho_Chi_Minh", hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(time);

const silence = async () => {
  const contact = await read("contact");
  return contact ? Date.now() - Date.parse(contact) : Infinity;
};

const show = async () => {
  state.replaceChildren();
  const waits = await Outbox.waiting();
  const left = kit ? (await unused()).length : 0;
  const isSilent = (await silence()) >= LONGEST_SILENCE;
  const ready = kit && left > 0 && !isSilent && (await Outbox.account());
  form.hidden = !ready;
  if (!kit || !(await Outbox.account())) say("Máy này chưa có khối mã. Khi có mạng: kiểm soát viên đăng ký máy ở trang “Thiết bị”, rồi đăng nhập và mở lại trang này.", "problem");
  else if (isSilent) say("Đã quá 7 ngày máy này chưa liên lạc với hệ thống nên không nhận hồ sơ mới. Việc quét, bàn giao vẫn làm được. Đưa máy đến nơi có mạng.", "problem");
  else if (!left) say("Khối mã đã dùng hết. Đưa máy đến nơi có mạng để nhận khối mã mới.", "problem");
  else if (!navigator.onLine) say(`Mất kết nối. Đang giữ ${waits.length} lượt trên máy này. Cứ làm tiếp, đừng tắt trình duyệt. Còn ${left} mã.`, "offline");
  else say(`Có mạng: nên dùng trang “Hồ sơ mới”. Còn ${left} mã trong khối của máy này.`);
  const mine = (await Outbox.mineAndOthers()).mine.filter((entry) => Outbox.stateOf(entry) === "look");
  for (const entry of mine) say(`Đã ghi lại, cần xem: ${entry.label} ${shown(entry.item)}: ${Outbox.why(entry)}`, "problem");
  const oldest = Math.min(...waits.map((entry) => entry.kept_at));
  const badge = find("badge");
  const isOld = waits.length && Date.now() - oldest >= ONE_DAY;
  badge.className = `tag ${waits.length ? (isOld ? "problem" : "needs_citizen") : "done"}`;
  const hours = Math.floor((Date.now() - oldest) / 3600e3);
  badge.textContent = waits.length ? `${isOld ? "×" : "!"} Chưa gửi ${waits.length} việc, lâu nhất ${hours} giờ` : "✓ Không còn việc chưa gửi";
  find("send").hidden = !waits.length;
};

// --- filling in --------------------------------------------------------------------------------------------------------

const options = (select, pairs) => pairs.forEach(([value, text]) => select.append(made("option", { value }, text)));

const fill = () => {
  const list = document.getElementById("communes");
  list.replaceChildren(...kit.communes.map(([, name]) => made("option", { value: name })));
  options(field("desk"), kit.desks);
  options(field("department"), kit.departments);
  options(field("return_place"), kit.offices);
  field("return_place").value = kit.office.code;
};

const communeOf = (group) => {
  const wanted = fold(typed(`${group}_commune_q`));
  if (!wanted) return "";
  const exact = kit.communes.filter(([, name]) => fold(name) === wanted);
  const near = exact.length ? exact : kit.communes.filter(([, name]) => fold(name).includes(wanted));
  return near.length === 1 ? near[0][0] : "";
};

const matching = (words) => {
  const wanted = fold(words);
  if (!wanted) return [];
  const exact = kit.procedures.filter((each) => each.code === wanted || each.short.some((name) => fold(name) === wanted));
  if (exact.length) return exact;
  return kit.procedures.filter((each) => wanted.split(/\s+/).every((word) => fold(`${each.code} ${each.name} ${each.short.join(" ")}`).includes(word)));
};

const line = (number, [name = "", required = 0, originals = 0, certified = 0, copies = 0, back = 0] = []) => {
  const asked = [[originals, "bản chính"], [certified, "bản sao chứng thực"], [copies, "bản sao"]].filter(([count]) => count).map(([count, what]) => `${count} ${what}`).join(", ");
  const label = name || `dòng ${number + 1}`;
  const title = name ? made("td", {}, name, required ? made("strong", {}, ` (bắt buộc${asked ? `: ${asked}` : ""})`) : "") : made("td", {}, made("input", { name: `line_${number}_name`, "aria-label": `Tên giấy tờ, dòng ${number + 1}`, autocomplete: "off" }));
  const counts = COUNTS.map((part, at) => made("td", {}, made("input", { class: "count", name: `line_${number}_${part}`, inputmode: "numeric", autocomplete: "off", "aria-label": `Số ${["bản chính", "bản sao chứng thực", "bản sao"][at]}: ${label}` })));
  const row = made("tr", { "data-name": name, "data-required": required, "data-asked": [originals, certified, copies].join(" ") }, title, ...counts);
  row.append(made("td", {}, made("input", { type: "checkbox", name: `line_${number}_to_return`, value: "1", "aria-label": `Trả lại: ${label}`, checked: Boolean(back) })));
  return row;
};

// What was taken along says until when a version holds; what follows it, nobody knows here.
const isOver = (procedure) => Boolean(procedure.until) && procedure.until < today();
const changedAfter = (procedure) => `Thủ tục này đã thay đổi hoặc bị bãi bỏ sau ngày ${procedure.until.split("-").reverse().join("/")}.`;

const choose = (procedure) => {
  chosen = procedure;
  find("procedures").replaceChildren(made("p", { class: "card" }, made("strong", {}, procedure.name), " ", made("span", { class: "code" }, procedure.code)));
  if (!procedure.may_send) find("procedures").append(made("p", { class: "problem" }, "Thủ tục này không gửi qua bưu điện."));
  if (isOver(procedure)) find("procedures").append(made("p", { class: "problem" }, changedAfter(procedure)));
  const free = procedure.is_verified ? 1 : FREE_LINES;
  const lines = [...procedure.papers, ...Array(free).fill([])];
  find("papers").replaceChildren(...lines.map((paper, number) => line(number, paper)));
  if (procedure.fee && !typed("fees")) {
    field("fees").value = procedure.fee;
    field("fees_basis").value = procedure.fee_basis;
  }
  route();
};

const look = () => {
  if (chosen && lookedFor === typed("procedure_q")) return; // leaving the field changes nothing that was counted
  lookedFor = typed("procedure_q");
  const found = matching(lookedFor);
  if (found.length === 1) return choose(found[0]);
  chosen = null;
  const buttons = found.slice(0, 8).map((each) => {
    const button = made("button", { type: "button", class: "quiet" }, `${each.code} ${each.name}`);
    button.addEventListener("click", () => choose(each));
    return made("li", {}, button);
  });
  find("procedures").replaceChildren(buttons.length ? made("ul", { class: "matches", "aria-label": "Chọn một thủ tục" }, ...buttons) : made("p", { class: "problem" }, "Chưa thấy thủ tục này trong dữ liệu của máy."));
};

// Desk and department: by the rule that was taken along, else as the clerk chose.
const competent = () => {
  if (!chosen) return null;
  const way = chosen.way === null ? null : kit.ways[chosen.way];
  const found = way && (way[""] ?? way[communeOf("case") || communeOf("sender")]);
  return found ?? (typed("desk") && typed("department") ? [typed("desk"), typed("department"), true] : null);
};
const nameOf = (pairs, code) => pairs.find(([each]) => each === code)?.[1] ?? "";
const route = () => {
  const found = competent();
  find("choose").hidden = !chosen || (found && !found[2]) || (chosen.way !== null && !communeOf("sender"));
  find("route").textContent = found ? `Nơi nhận hồ sơ: ${nameOf(kit.desks, found[0])}. Cơ quan giải quyết: ${nameOf(kit.departments, found[1])}.` : "";
};

// --- postage -----------------------------------------------------------------------------------------------------------

const POSTED = field("postage_basis").value;
const today = () => Outbox.stamped().slice(0, 10);
const money = (amount) => `${amount.toLocaleString("vi-VN")} đ`;
const paid = () => Number(typed("postage").replace(/\./g, ""));

// The step of the table of today, as it was taken along: service, area, over, up to, sum, basis, first and last day.
const price = () => {
  const [desk] = competent() ?? [];
  const weight = Number(typed("weight"));
  if (!desk || !weight) return null;
  const areas = ["any", "inside", `J+${kit.tiers[desk]}`];
  return kit.prices.find(([service, area, over, upTo, , , begins, ends]) => service === typed("service") && areas.includes(area) && over < weight && weight <= upTo && begins <= today() && (!ends || today() <= ends)) ?? null;
};

let proposed = { sum: "", basis: "" };

// Fill in the sum of the table unless the clerk typed his own; tell whether he has not seen it yet.
const propose = () => {
  if (!kit?.prices?.length) return false;
  const [, , , , amount = "", basis = ""] = price() ?? [];
  const isOurs = ["", proposed.sum].includes(typed("postage")) && typed("postage") !== String(amount);
  if (isOurs) field("postage").value = amount;
  if (["", POSTED, proposed.basis].includes(typed("postage_basis"))) field("postage_basis").value = basis || POSTED;
  proposed = { sum: String(amount), basis };
  find("price").textContent = amount ? `Cước theo bảng giá: ${money(amount)}. Thu khác thì ghi lý do ở ô căn cứ.` : "Chưa tính được cước theo bảng giá: nhập khối lượng, hoặc thu theo bảng giá niêm yết tại bưu cục.";
  return isOurs && Boolean(amount);
};

const rows = () => Array.from(find("papers").rows);
const counted = (row) => Object.fromEntries(COUNTS.map((part) => [part, row.querySelector(`[name$="_${part}"]`).value.trim()]));
const papers = () =>
  rows()
    .map((row) => ({ name: row.dataset.name || row.querySelector('[name$="_name"]')?.value.trim(), ...counted(row), to_return: row.querySelector('[type="checkbox"]').checked }))
    .filter((paper) => paper.name);
const isThere = (row) => {
  const [originals, certified, copies] = row.dataset.asked.split(" ").map(Number);
  const has = counted(row);
  const [one, two, three] = COUNTS.map((part) => Number(has[part] || 0));
  if (!originals && !certified && !copies) return one + two + three > 0;
  return Math.min(one - originals, one + two - originals - certified, one + two + three - originals - certified - copies) >= 0;
};
const complete = () => {
  for (const row of rows().filter((each) => each.dataset.required === "1" && !Object.values(counted(each)).some(Boolean))) {
    const asked = row.dataset.asked.split(" ").map(Number);
    if (!asked.some(Boolean)) asked[0] = 1;
    COUNTS.forEach((part, at) => (row.querySelector(`[name$="_${part}"]`).value = asked[at] || ""));
  }
};

// The text of a card: number|old number|name|birth|sex|address|issued.
const readCard = () => {
  const parts = typed("card").split("|");
  if (parts.length < 6) return;
  const [number, , name, birth, sex, address] = parts;
  const value = { card: "", sender_kind: "identity", sender_number: number, sender_name: name, sender_address: address };
  for (const [each, text] of Object.entries(value)) field(each).value = text;
  form.dataset.birth = birth.replace(/^(\d\d)(\d\d)(\d{4})$/, "$3-$2-$1");
  form.dataset.sex = sex;
  field("sender_phone").focus();
};

// --- saving ------------------------------------------------------------------------------------------------------------

const NUMBERS = { identity: /^\d{12}$/, passport: /^[A-Z]\d{7,8}$/i, organisation: /^\d{10}(-?\d{3})?$/ };

const wrong = () => {
  const found = [];
  const ask = (name, sentence) => found.push([name, sentence]);
  if (!typed("sender_phone") && !field("no_phone").checked) ask("sender_phone", "Nhập số điện thoại người gửi (10 số), hoặc chọn “Không có điện thoại”.");
  else if (typed("sender_phone") && !/^0\d{9}$/.test(typed("sender_phone").replace(/[\s.]/g, ""))) ask("sender_phone", "Số điện thoại có 10 số, bắt đầu bằng 0.");
  if (!NUMBERS[typed("sender_kind")].test(typed("sender_number").replace(/\s/g, ""))) ask("sender_number", "Số giấy tờ chưa đúng. Căn cước có 12 số.");
  if (typed("sender_name").length < 2) ask("sender_name", "Nhập họ và tên người gửi.");
  if (!communeOf("sender")) ask("sender_commune_q", "Chọn xã, phường của người gửi trong danh sách. Người ở tỉnh khác: nhận khi có mạng.");
  if (typed("case_commune_q") && !communeOf("case")) ask("case_commune_q", "Chọn xã, phường của vụ việc trong danh sách.");
  if (typed("return_way") === "home" && typed("service") === "both" && !typed("sender_address") && !typed("receiver_address")) ask("sender_address", "Nhập số nhà, đường, thôn, tổ: kết quả được trả về địa chỉ này.");
  if (!chosen) ask("procedure_q", "Chọn thủ tục: gõ tên tắt hoặc mã, rồi nhấn Enter.");
  else if (!chosen.may_send) ask("procedure_q", "Thủ tục này không gửi qua bưu điện. Mời khách đến Một cửa.");
  else if (isOver(chosen)) ask("procedure_q", `${changedAfter(chosen)} Tìm lại khi có mạng.`);
  else if (!competent()) ask("desk", "Chọn nơi nhận hồ sơ và cơ quan giải quyết.");
  if (chosen && !papers().some((paper) => COUNTS.some((part) => Number(paper[part])))) ask("why_incomplete", "Chưa có giấy tờ nào trong danh sách. Nhập số lượng từng giấy tờ khách nộp.");
  const missing = chosen?.is_verified ? rows().filter((row) => row.dataset.required === "1" && !isThere(row)).length : 0;
  if (missing && !typed("why_incomplete")) ask("why_incomplete", `Còn ${missing} giấy tờ bắt buộc chưa đủ. Thu đủ, hoặc ghi lý do vẫn nhận.`);
  const isNew = propose();
  const [, , , , amount, basis] = (kit.prices?.length && price()) || [];
  if (isNew) ask("postage", `Cước theo bảng giá là ${money(amount)}. Thu tiền rồi nhấn Lưu lần nữa.`);
  else if (amount && paid() !== amount && ["", POSTED, basis].includes(typed("postage_basis"))) ask("postage_basis", `Cước khác bảng giá (${money(amount)}). Ghi lý do vào ô này, hoặc sửa lại số tiền.`);
  if (!/^\d[\d.]*$/.test(typed("postage"))) ask("postage", "Nhập cước bưu chính. Không thu cước thì nhập 0.");
  if (typed("fees") && !/^\d[\d.]*$/.test(typed("fees"))) ask("fees", "Phí, lệ phí là số tiền, ví dụ 30.000.");
  return found;
};

const showProblems = (found) => {
  const place = find("problems");
  document.title = document.title.replace(/^(Lỗi: )?/, found.length ? "Lỗi: " : "");
  if (!found.length) return place.replaceChildren();
  const items = found.map(([name, sentence]) => made("li", {}, made("a", { href: `#${name}` }, sentence)));
  place.replaceChildren(made("div", { class: "problems", role: "alert" }, made("h2", {}, `Cần sửa ${found.length} chỗ`), made("ul", {}, ...items)));
  field(found[0][0])?.focus();
};

const NAMES = ["service", "sender_kind", "sender_number", "sender_name", "sender_phone", "sender_email", "sender_address",
  "subject_kind", "subject_number", "subject_name", "why_incomplete", "weight", "seal", "postage", "postage_basis", "fees",
  "fees_basis", "payment", "return_way", "return_place", "receiver_name", "receiver_phone", "receiver_address", "note"];

const content = () => {
  const said = Object.fromEntries(NAMES.map((name) => [name, typed(name)]));
  const [desk, department, isChosen] = competent();
  const communes = { sender_commune: communeOf("sender"), case_commune: communeOf("case"), receiver_commune: communeOf("receiver") };
  const about = { sender_birth: form.dataset.birth ?? "", sender_sex: form.dataset.sex ?? "" };
  return { ...said, ...communes, ...about, procedure: chosen.code, papers: papers(), ...(isChosen ? { desk, department } : {}) };
};

// Sealed to the server: nobody reads it on this machine again, not even we.
const sealed = async (said, about) => {
  const curve = { name: "ECDH", namedCurve: "P-256" };
  const theirs = await crypto.subtle.importKey("raw", bytesOf(kit.key), curve, false, []);
  const own = await crypto.subtle.generateKey(curve, false, ["deriveBits"]);
  const point = await crypto.subtle.exportKey("raw", own.publicKey);
  const bits = await crypto.subtle.deriveBits({ name: "ECDH", public: theirs }, own.privateKey, 256);
  const secret = await crypto.subtle.importKey("raw", bits, "HKDF", false, ["deriveKey"]);
  const text = new TextEncoder();
  const how = { name: "HKDF", hash: "SHA-256", salt: point, info: text.encode("postal device form") };
  const key = await crypto.subtle.deriveKey(how, secret, { name: "AES-GCM", length: 256 }, false, ["encrypt"]);
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const data = await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: text.encode(about) }, key, text.encode(JSON.stringify(said)));
  return { point: base64(point), iv: base64(iv), data: base64(data) };
};

let isSaving = false;
const save = async () => {
  const found = wrong();
  showProblems(found);
  if (found.length || isSaving || (await silence()) >= LONGEST_SILENCE) return show();
  isSaving = true;
  try {
    const blank = await take();
    if (!blank) return await show();
    const [dossier, item] = blank;
    const fields = { dossier, item, offline_origin: true, sealed: await sealed(content(), dossier) };
    await Outbox.keep([{ kind: "registered", label: "Nhận hồ sơ", item, where: "", fields, photos: [], occurred_at: Outbox.stamped(), seen: [] }]);
    print(blank);
    clear();
    await show();
    say(`Đã lưu hồ sơ ${shown(dossier)} trên máy này lúc ${clock(Date.now())}, chưa gửi. Dán nhãn ${shown(item)} lên phong bì.`);
    if (navigator.onLine) await Outbox.flush();
  } finally {
    isSaving = false;
  }
};

const clear = () => {
  form.reset();
  chosen = null;
  delete form.dataset.birth;
  delete form.dataset.sex;
  proposed = { sum: "", basis: "" };
  find("price").textContent = "";
  find("procedures").replaceChildren();
  find("papers").replaceChildren();
  field("return_place").value = kit.office.code;
  route();
  field("card").focus();
};

// --- printing ----------------------------------------------------------------------------------------------------------

const symbol = (packed) => {
  const lines = packed.match(/.{6}/g).map((text) => parseInt(text, 16)); // version 1: 21 rows of six digits
  const size = lines.length;
  const drawing = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  drawing.setAttribute("viewBox", `-4 -4 ${size + 8} ${size + 8}`);
  drawing.setAttribute("class", "symbol");
  drawing.setAttribute("shape-rendering", "crispEdges");
  lines.forEach((line, y) => {
    for (let x = 0; x < size; x += 1) {
      if (!((line >> (size - 1 - x)) & 1)) continue;
      const dot = document.createElementNS("http://www.w3.org/2000/svg", "rect");
      Object.entries({ x, y, width: 1, height: 1 }).forEach(([name, value]) => dot.setAttribute(name, value));
      drawing.append(dot);
    }
  });
  return drawing;
};

const print = ([dossier, item, packed]) => {
  const [desk] = competent();
  const sheets = papers().reduce((sum, paper) => sum + COUNTS.reduce((part, name) => part + Number(paper[name] || 0), 0), 0);
  const time = `${clock(Date.now())} ${Outbox.stamped().slice(0, 10).split("-").reverse().join("/")}`;
  const p = (text, className = "") => made("p", className ? { class: className } : {}, text);
  const label = made("div", { class: "offline-label" }, symbol(packed), made("div", {}, p(shown(item), "code"), p(`HỒ SƠ ${sheets} tờ`), p(nameOf(kit.desks, desk), "to"), p(`${time} · ${kit.office.name}`, "small")));
  const sum = paid() + Number(typed("fees").replace(/\./g, "") || 0);
  const slip = made("div", { class: "offline-slip" }, made("h2", {}, "PHIẾU GỬI HỒ SƠ QUA BƯU ĐIỆN"), p("Mã hồ sơ:"), p(shown(dossier), "code"), p(`Nhận tại ${kit.office.name}, ${time}, khi mất mạng.`), p(`Giấy tờ: ${sheets} tờ. Gửi đến: ${nameOf(kit.desks, desk)}.`), p(`Đã thu: ${money(sum)}.`), p("Mã PIN để xem hồ sơ sẽ được gửi bằng tin nhắn khi bưu cục có mạng."), p(`Xem hồ sơ: ${kit.public_url}. Cần giúp, gọi ${kit.hotline}.`), p("Người gửi ký ……………………    Giao dịch viên ký ……………………"));
  find("print").replaceChildren(label, slip);
  find("print").hidden = false;
  self.print();
};

// --- beginning ---------------------------------------------------------------------------------------------------------

form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.target.tagName !== "INPUT") return;
  event.preventDefault();
  if (event.target.name === "card") readCard();
  if (event.target.name === "procedure_q") look();
});
form.addEventListener("change", (event) => {
  if (event.target.name === "procedure_q") look();
  if (kit) route();
  if (kit && !["postage", "postage_basis"].includes(event.target.name)) propose();
});
form.querySelector('[type="submit"]').addEventListener("click", save);
find("complete").addEventListener("click", complete);
find("more").addEventListener("click", () => find("papers").append(...Array.from({ length: FREE_LINES }, (_, n) => line(rows().length + n))));
find("send").addEventListener("click", async () => {
  await Outbox.flush();
  await show();
});
addEventListener("keydown", (event) => {
  if (form.hidden || !["F8", "F10"].includes(event.key)) return;
  event.preventDefault();
  if (event.key === "F8") complete();
  else save();
});
addEventListener("online", () => Outbox.flush().then(load).then(show));
addEventListener("offline", show);
setInterval(async () => {
  if (navigator.onLine && (await Outbox.waiting()).length) await Outbox.flush();
  await show();
}, 30000);

const begin = async () => {
  navigator.serviceWorker?.register("/offline.js", { updateViaCache: "none" });
  navigator.storage?.persist?.();
  await load();
  if (kit) fill();
  await show();
  if (!form.hidden) field("card").focus();
  if (navigator.onLine && (await Outbox.waiting()).length) await Outbox.flush().then(show);
};
begin();
