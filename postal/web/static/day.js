// The postman's day on a phone: what is kept here, what waits to be sent, and honest words about both.
"use strict";

const ONE_DAY = 24 * 3600e3;
const LITTLE_SPACE = 20e6;
const EVERY = 30000;
const SHORTEST_STROKE = 24;

const keptAt = document.documentElement.dataset.kept;
const owner = document.querySelector('meta[name="outbox-account"]')?.content;
const asked = new URLSearchParams(location.search);
const sending = new Map();

const shown = (code) => (/^.{10}$/.test(code) ? `${code.slice(0, 5)}-${code.slice(5)}` : code);
const inVietnam = (time, parts) => new Intl.DateTimeFormat("vi-VN", { timeZone: "Asia/Ho_Chi_Minh", ...parts }).format(time);
const clock = (time) => inVietnam(time, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const day = (time) => inVietnam(time, { day: "2-digit", month: "2-digit" }).replace("-", "/");
const when = (time) => (day(time) === day(Date.now()) ? clock(time) : `${clock(time)} ngày ${day(time)}`);
const megabytes = (bytes) => `${Math.max(0.1, bytes / 1e6).toFixed(1).replace(".", ",")} MB`;

const made = (tag, className, ...inside) => {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...inside);
  return element;
};

// --- notices ---------------------------------------------------------------------------------------------------------

const board = document.querySelector("[data-notices]");
const notices = new Map();

// One place for each thing there is to say; an empty sentence takes it away.
const say = (about, sentence, tone = "") => {
  if (!board) return;
  notices.get(about)?.remove();
  notices.delete(about);
  if (!sentence) return;
  const line = made("p", `notice ${tone}`, ...[sentence].flat());
  notices.set(about, line);
  board.append(line);
};

const NET = {
  needed: "Không có mạng. Việc này cần mạng nên chưa làm được gì. Thử lại khi có mạng.",
  full: "Máy hết chỗ trống, CHƯA lưu được việc vừa làm. Ghi ra giấy, xóa bớt ảnh, video rồi làm lại.",
  unknown: "Không có mạng, và mã vừa quét không có trong danh sách đã tải.",
};

const sayWhere = () => {
  const isOffline = !navigator.onLine || keptAt;
  say("net", isOffline ? `Không có mạng. Mọi việc vẫn lưu trên máy này. ${howOld()}` : "", "offline");
  say("failed", NET[asked.get("net")] ?? "", "problem");
  say("kept", asked.get("kept") ? "Đã lưu trên máy này, chưa đồng bộ. Có mạng là tự gửi." : "");
  const since = daysSince();
  const old = since === 1 ? "Danh sách tải từ hôm qua. Tải lại khi có mạng." : `Danh sách tải từ ${since} ngày trước. Tải lại khi có mạng.`;
  say("list", since > 0 ? old : "");
};
const daysSince = () =>
  keptAt ? Math.round((Date.parse(day8(Date.now())) - Date.parse(keptAt.slice(0, 10))) / ONE_DAY) : 0;
const howOld = () =>
  keptAt && daysSince() < 1 && location.pathname.startsWith("/today") ? `Danh sách tải lúc ${clock(new Date(keptAt))}.` : "";
const day8 = (time) => inVietnam(time, { year: "numeric", month: "2-digit", day: "2-digit" }).split(/\D+/).reverse().join("-");

const sayWhatIsShort = async () => {
  if (/zalo/i.test(navigator.userAgent)) say("zalo", "Mở bằng Chrome để quét được khi mất sóng.");
  const { quota, usage } = (await navigator.storage?.estimate?.()) ?? {};
  if (quota - usage < LITTLE_SPACE) say("space", `Máy chỉ còn ${megabytes(quota - usage)} trống. Xóa bớt ảnh, video rồi đi phát.`);
  const battery = await navigator.getBattery?.();
  if (battery && !battery.charging && battery.level <= 0.05) {
    say("battery", `Máy còn ${Math.round(battery.level * 100)}% pin. Gửi ngay nếu có mạng.`);
  }
};

// --- the words of an entry -------------------------------------------------------------------------------------------

const answeredAt = (entry) => entry.answer?.at ?? 0;
const wordsOf = (entry) => {
  if (sending.has(entry.id)) return ["Đang gửi", "moving"];
  const state = Outbox.stateOf(entry);
  if (state === "look") return [`Đã ghi lại, cần xem: ${Outbox.why(entry)}`, "needs_citizen"];
  if (state === "sent") return [`Đã gửi lên hệ thống ${when(answeredAt(entry))}`, "done"];
  if (entry.answer) return ["Đã gửi sự việc · ảnh còn trên máy, chưa đồng bộ", "needs_citizen"];
  return ["Đã lưu trên máy · chưa đồng bộ", Date.now() - entry.kept_at >= ONE_DAY ? "problem" : "needs_citizen"];
};
const ICONS = { moving: "→", needs_citizen: "!", problem: "×", done: "✓" };
const tag = (entry) => {
  const [words, tone] = wordsOf(entry);
  return made("span", `tag ${tone}`, `${ICONS[tone]} ${words}`);
};
const age = (entry) => {
  const minutes = Math.max(0, Math.floor((Date.now() - entry.kept_at) / 60000));
  if (minutes < 1) return "vừa xong";
  if (minutes < 60) return `${minutes} phút`;
  return minutes < 1440 ? `${Math.floor(minutes / 60)} giờ` : `${Math.floor(minutes / 1440)} ngày`;
};

// --- showing the queue -----------------------------------------------------------------------------------------------

const list = document.querySelector("[data-outbox]");
const isToSend = (entry) => Outbox.isWaiting(entry) || Outbox.mayBeSettled(entry);

const row = (entry) => {
  const isWaiting = Outbox.isWaiting(entry);
  const code = made("span", "code", shown(entry.item));
  const since = `Lưu lúc ${when(entry.kept_at)}${isWaiting ? ` (${age(entry)})` : ""}`;
  const title = made("strong", "", `${entry.label} `, code);
  return made("li", "stop", made("p", "door", made("span", "who-where", title, made("span", "", since), tag(entry))));
};

const showList = (mine, others) => {
  if (!list) return;
  const waits = mine.filter(Outbox.isWaiting);
  const rest = mine.filter((entry) => !Outbox.isWaiting(entry)).reverse();
  const toLookAt = rest.filter((entry) => Outbox.stateOf(entry) === "look");
  const sent = rest.filter((entry) => Outbox.stateOf(entry) === "sent");
  const part = (title, entries) =>
    entries.length ? [made("h2", "", title), made("ul", "stops", ...entries.map(row))] : [];
  const empty = waits.length ? [] : [made("p", "lead", "Không còn mục nào chưa gửi.")];
  const foreign = others ? [made("p", "notice", `${others} mục của người khác chưa gửi trên máy này. Người đó đăng nhập thì gửi được.`)] : [];
  list.replaceChildren(...empty, ...foreign, ...part(`Chưa gửi (${waits.length})`, waits), ...part("Cần xem", toLookAt), ...part("Đã gửi", sent));
  const leaving = document.querySelector("[data-leaving]");
  if (leaving) leaving.hidden = !(asked.get("leaving") && waits.length);
  const warning = document.querySelector("[data-leaving] p");
  if (warning) warning.textContent = `Còn ${waits.length} mục chưa gửi. Đăng xuất sẽ không xóa chúng, nhưng chỉ máy này gửi được.`;
  document.querySelector("[data-send]").hidden = !mine.some(isToSend);
};

const showBadge = (mine, others) => {
  const waits = mine.filter(Outbox.isWaiting);
  const isOld = waits.some((entry) => Date.now() - entry.kept_at >= ONE_DAY);
  for (const badge of document.querySelectorAll("[data-count]")) {
    badge.textContent = waits.length;
    badge.closest("a").className = waits.length ? (isOld ? "waits old" : "waits") : "";
  }
  const link = Object.assign(made("a", "tap", `Chưa đồng bộ: ${waits.length} mục (${waits.length ? age(waits[0]) : ""})`), { href: "/outbox" });
  say("waits", waits.length && !list ? [link] : "", isOld ? "problem" : "");
  say("others", others && !list ? `${others} mục của người khác chưa gửi trên máy này.` : "");
};

// A door whose work is kept here is done as far as this phone knows, and says that nobody else knows it yet.
const showDoors = (mine) => {
  const open = mine.filter((entry) => Outbox.stateOf(entry) !== "sent" || (keptAt && answeredAt(entry) > Date.parse(keptAt)));
  document.querySelectorAll("[data-own]").forEach((each) => each.remove());
  for (const entry of open.filter((each) => each.where)) {
    for (const door of document.querySelectorAll(`.stops a.door[href="${entry.where}"] .who-where`)) {
      const told = made("span", "", `${entry.label} `, made("span", "code", shown(entry.item)), " ", tag(entry));
      told.dataset.own = "";
      door.append(told);
      const own = open.filter((each) => each.where === entry.where).map((each) => each.item);
      const isAll = new Set(own).size >= Number(door.closest("[data-things]")?.dataset.things);
      door.querySelector("[data-state]").hidden = isAll; // what the server said is older than what was done
    }
  }
  const done = new Map(open.filter((each) => each.kind !== "attempt_failed").map((entry) => [entry.item, entry]));
  for (const field of document.querySelectorAll('main form input[name="item"], main form input[name="pickup"]')) {
    const entry = done.get(field.value);
    if (!entry || Outbox.stateOf(entry) === "look" || field.form.hidden) continue;
    field.form.hidden = true;
    const details = field.form.closest("details");
    if (details) details.hidden = true;
    else field.form.after(made("p", "kept", `${entry.label}. `, tag(entry)));
    document.querySelectorAll('a.tap[href*="miss=1"], a.tap[href*="without=1"]').forEach((link) => (link.hidden = true));
  }
};

const show = async () => {
  const { mine, others } = await Outbox.mineAndOthers();
  showBadge(mine, others);
  showList(mine, others);
  showDoors(mine);
};

// --- sending ---------------------------------------------------------------------------------------------------------

const OUTCOMES = {
  "signed-out": "Phiên đã hết. Nội dung đã lưu vẫn còn trên máy này.",
  refused: "Máy chủ chưa nhận được. Mọi mục vẫn còn trên máy này, sẽ tự gửi lại.",
};

Outbox.onNews(async (news) => {
  if (news.about === "sending") {
    sending.clear();
    news.ids.forEach((id) => sending.set(id, true));
    say("sending", news.of ? `Đang gửi ${Math.min(news.done + news.ids.length, news.of)}/${news.of}` : "Đang gửi ảnh");
  } else if (news.about === "flushed") {
    sending.clear();
    say("sending", "");
    const waits = (await Outbox.waiting()).length;
    const isOver = news.outcome === "signed-out";
    const signIn = Object.assign(made("a", "tap", "Đăng nhập để tiếp tục"), { href: "/sign-in?next=/outbox" });
    const sentence = OUTCOMES[news.outcome] ?? "";
    say("outcome", isOver ? [`${sentence} `, signIn] : waits ? sentence : "");
    if (news.outcome === "sent" && asked.get("kept") && !waits) say("kept", "");
  }
  await show();
});

// What waits is sent; whoever looks at the list also asks whether what had to be looked at is settled by now.
const flushIfWaiting = async () => {
  const { mine } = await Outbox.mineAndOthers();
  if (mine.some(list ? isToSend : Outbox.isWaiting)) await Outbox.flush();
};

for (const button of document.querySelectorAll("[data-send]")) {
  button.addEventListener("click", async () => {
    const outcome = await Outbox.flush();
    if (outcome === "offline") say("outcome", "Không có mạng. Mọi mục vẫn còn trên máy này, có mạng là tự gửi.");
  });
}

// --- taking the day along --------------------------------------------------------------------------------------------

const offer = document.querySelector("[data-download]");

const download = async (worker) => {
  const button = offer.querySelector("button");
  button.disabled = true;
  navigator.storage?.persist?.();
  const pipe = new MessageChannel();
  const answered = new Promise((done) => (pipe.port1.onmessage = (event) => done(event.data)));
  worker.postMessage("download", [pipe.port2]);
  const { outcome, stops } = await answered;
  button.disabled = false;
  const done = outcome === "kept";
  const sentence = done ? `✓ Đã tải ${stops} điểm lúc ${clock(Date.now())}. Mất sóng vẫn giao được.` : (OUTCOMES[outcome] ?? "Chưa tải được: không có mạng.");
  offer.querySelector("p").textContent = sentence;
  if (done) offer.classList.add("is-done");
};

const offerDownload = async () => {
  const { active } = await navigator.serviceWorker.ready;
  if (!offer || keptAt) return;
  const lease = await Outbox.lease();
  if (lease) offer.querySelector("p").textContent = "Danh sách hôm nay đã có trên máy. Tải lại nếu có điểm mới.";
  offer.hidden = false;
  offer.querySelector("button").addEventListener("click", () => download(active));
};

// --- forms -----------------------------------------------------------------------------------------------------------

const hasLine = (canvas) => {
  const { width, height } = canvas;
  const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
  let [left, right, top, bottom] = [width, 0, height, 0];
  for (let at = 3, pixel = 0; at < data.length; at += 4, pixel += 1) {
    if (data[at] < 96) continue;
    const [x, y] = [pixel % width, Math.floor(pixel / width)];
    [left, right, top, bottom] = [Math.min(left, x), Math.max(right, x), Math.min(top, y), Math.max(bottom, y)];
  }
  return Math.max(right - left, bottom - top) >= SHORTEST_STROKE;
};

// What nobody could mend later: the server would ask for it, and at the door there is still time.
const lackingIn = (form) => {
  const field = (name) => form.elements.namedItem(name);
  const isTicked = (name) => !field(name) || field(name).checked;
  const isGiving = form.classList.contains("giving");
  if (form.action.endsWith("/attempt") && !field("reason").value) return "Chưa chọn lý do chưa giao được. Chọn một lý do rồi lưu.";
  if (!isGiving) return "";
  if (form.querySelector("[data-must-pay]") && !field("payment").value) return "Chưa thu đủ tiền. Thu đủ, đánh dấu đã thu rồi lưu; chưa có tiền thì hẹn ngày khác.";
  if (!isTicked("identity")) return "Chưa kiểm tra giấy tờ tùy thân của người nhận. Xem căn cước hoặc hộ chiếu rồi đánh dấu.";
  const isForAnother = field("authorisation") && field("receiver").value !== "addressee";
  if (isForAnother && !isTicked("authorisation")) return "Nhận thay phải có giấy ủy quyền hoặc giấy giới thiệu.";
  if (isForAnother && !(field("delegate_name").value.trim() && field("delegate_paper").value.trim())) return "Ghi họ tên người nhận thay và số giấy ủy quyền (giấy giới thiệu).";
  const back = [...form.querySelectorAll('input[type="checkbox"][name^="recovered_"]')];
  if (back.some((box) => !box.checked) && !field("why_fewer").value.trim()) return "Thu hồi đủ giấy tờ cho cơ quan, hoặc ghi lý do thu thiếu.";
  if (back.some((box) => box.checked) && !field("recovered_seal").value.trim()) return "Nhập số niêm phong phong bì giấy thu hồi.";
  if (field("seal") && !field("seal").value.trim()) return "Nhập số niêm phong.";
  const canvas = form.querySelector("canvas");
  const isProven = field("photo")?.files.length || field("kept")?.value || (field("signature")?.value && hasLine(canvas));
  return isProven ? "" : "Chưa có chữ ký hoặc ảnh. Lấy chữ ký hoặc chụp ảnh rồi lưu.";
};

const hidden = (form, name, value) => {
  const input = form.elements.namedItem(name) ?? form.appendChild(Object.assign(made("input"), { type: "hidden", name }));
  input.value = value;
};

for (const form of document.querySelectorAll('main form[method="post"][action^="/today/"]')) {
  // A page from before is shown many times: each time it is a form of its own.
  if (keptAt && form.elements.namedItem("request")) form.elements.namedItem("request").value = Outbox.newId();
  form.addEventListener("submit", (event) => {
    const lacking = !navigator.onLine || keptAt ? lackingIn(form) : "";
    say("lacking", lacking, "problem");
    if (lacking) {
      event.preventDefault();
      board.scrollIntoView({ block: "center" });
      return;
    }
    hidden(form, "occurred_at", Outbox.stamped());
  });
}

if (keptAt && asked.get("without")) {
  const reason = document.querySelector('input[name="reason"][value="no_authorisation"]');
  if (reason) reason.checked = true;
}
if (keptAt && (asked.get("miss") || asked.get("without"))) document.getElementById("missing")?.setAttribute("open", "");

// --- beginning -------------------------------------------------------------------------------------------------------

const begin = async () => {
  if (owner && !keptAt) await Outbox.hello(owner);
  sayWhere();
  await show();
  await flushIfWaiting();
  if (navigator.serviceWorker && owner) {
    // Without network, or in a browser that refuses, the page is what it was: tomorrow is another try.
    await navigator.serviceWorker.register("/offline.js", { updateViaCache: "none" }).then(offerDownload, () => {});
  }
  await sayWhatIsShort();
};

addEventListener("online", () => {
  sayWhere();
  flushIfWaiting();
});
addEventListener("offline", sayWhere);
setInterval(() => (document.visibilityState === "visible" ? flushIfWaiting() : undefined), EVERY);
setInterval(show, 60000);
addEventListener("pageshow", (event) => event.persisted && show());
begin();
