// The service worker of the postman's day: pages come from the network first, else from what was downloaded, sealed.
// A form that cannot be sent is kept in the queue. Nothing outside the day is kept. SHELL is written in front of this.
"use strict";

importScripts("/static/outbox.js");

const PATIENCE_TO_READ = 5000;
const PATIENCE_AFTER_MISS = 1000;
const PATIENCE_TO_SEND = 15000;
const MISS_COUNTS = 20000;
const OURS = /^\/(today(\/[^/]+\/\d+)?|outbox)$/;
const COUNTER = /^\/(counter|dossiers\/new)$/;
const CACHE = `shell-${SHELL.version}`;
const KEPT_HEADERS = ["content-security-policy", "permissions-policy", "referrer-policy", "x-content-type-options"];

self.addEventListener("install", (event) => {
  self.skipWaiting();
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(SHELL.paths)));
});

self.addEventListener("activate", (event) => {
  const stale = (names) => Promise.all(names.filter((name) => name !== CACHE).map((name) => caches.delete(name)));
  event.waitUntil(caches.keys().then(stale).then(() => self.clients.claim()));
});

// The browser tries again later when this rejects.
const flushed = async () => {
  if ((await Outbox.flush()) === "offline") throw new Error("offline");
};
self.addEventListener("sync", (event) => event.waitUntil(flushed()));

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== location.origin) return;
  const isRead = request.method === "GET";
  if (isRead && SHELL.paths.includes(url.pathname)) return event.respondWith(shell(request, url));
  if (request.mode !== "navigate") return;
  if (isRead && OURS.test(url.pathname)) event.respondWith(page(event, url));
  else if (isRead && COUNTER.test(url.pathname)) event.respondWith(counter(request));
  else if (isRead && url.pathname === "/scan") event.respondWith(scan(request, url));
  else if (isRead) return;
  else if (url.pathname.startsWith("/today/")) event.respondWith(form(request, url));
  else if (url.pathname === "/sign-out") event.respondWith(leave(request, url));
  else if (url.pathname === "/sign-in") event.respondWith(arrive(request));
});

self.addEventListener("message", (event) => {
  if (event.data !== "download") return;
  const told = (answer) => event.ports[0].postMessage(answer);
  event.waitUntil(download().then(told, () => told({ outcome: "offline" })));
});

// Where the network has just failed nobody waits for it long again.
let missedAt = -Infinity;
const hasJustMissed = () => Date.now() - missedAt < MISS_COUNTS;

const soon = async (request) => {
  const patience = hasJustMissed() ? PATIENCE_AFTER_MISS : PATIENCE_TO_READ;
  const slow = new Promise((_, reject) => setTimeout(reject, patience, new Error("slow")));
  try {
    const answer = await Promise.race([fetch(request), slow]);
    missedAt = -Infinity;
    return answer;
  } catch (error) {
    missedAt = Date.now();
    throw error;
  }
};

// --- reading ---------------------------------------------------------------------------------------------------------

const shell = async (request, url) => {
  const kept = await caches.match(url.pathname);
  if (kept && hasJustMissed()) return kept;
  try {
    const answer = await soon(request);
    if (answer.ok) return answer;
  } catch {
    // no network: what was kept is as good
  }
  return kept ?? Response.error();
};

const page = async (event, url) => {
  try {
    const answer = await soon(event.request);
    if (answer.ok) event.waitUntil(refresh(url, answer.clone()));
    return answer;
  } catch {
    return (await kept(url)) ?? away();
  }
};

// Without network a counter goes on with the form that was kept here.
const counter = async (request) => {
  try {
    return await soon(request);
  } catch {
    return (await caches.match("/offline/register")) ?? away();
  }
};

const away = async () => (await caches.match("/offline")) ?? Response.error();

const scan = async (request, url) => {
  try {
    return await soon(request);
  } catch {
    const code = (url.searchParams.get("q") ?? "").toUpperCase().replace(/[\s-]/g, "");
    const pages = (await Outbox.lease()) ? await Outbox.within(["page"], "readonly", (store) => store.getAll()) : [];
    const door = pages.find((each) => each.codes.some((known) => code.endsWith(known)));
    return Response.redirect(door ? door.path : "/today?net=unknown", 303);
  }
};

// A page by what it shows: the door, and the one thing that is served at it.
const nameOf = (url) => {
  const kept = ["item", "pickup", "without"].filter((name) => url.searchParams.get(name));
  const query = kept.map((name) => `${name}=${url.searchParams.get(name)}`).join("&");
  return url.pathname + (query && `?${query}`);
};

const put = async (pages) => {
  const key = await Outbox.keyOf("pages key");
  const at = Outbox.stamped();
  const rows = [];
  for (const { path, html, codes, headers } of pages) {
    rows.push({ path, codes, headers, at, ...(await Outbox.sealText(key, html)) });
  }
  await Outbox.within(["page"], "readwrite", (store) => rows.forEach((row) => store.put(row)));
};

const headersOf = (answer) =>
  KEPT_HEADERS.filter((name) => answer.headers.has(name)).map((name) => [name, answer.headers.get(name)]);

// What was downloaded is kept as new as the last look at it; a page that is not of the download is not kept.
const refresh = async (url, answer) => {
  if (!(await Outbox.lease())) return;
  const path = nameOf(url);
  const known = await Outbox.within(["page"], "readonly", (store) => store.get(path));
  if (known) await put([{ path, html: await answer.text(), codes: known.codes, headers: headersOf(answer) }]);
};

const kept = async (url) => {
  if (!(await Outbox.lease())) return null;
  const names = [nameOf(url), nameOf(url).replace(/&without=1/, ""), url.pathname];
  for (const name of names) {
    const row = await Outbox.within(["page"], "readonly", (store) => store.get(name));
    if (!row) continue;
    const html = await Outbox.openedText(await Outbox.keyOf("pages key"), row);
    const headers = [...row.headers, ["Content-Type", "text/html; charset=utf-8"], ["Cache-Control", "no-store"]];
    return new Response(html.replace("<html ", `<html data-kept="${row.at}" `), { headers });
  }
  return null;
};

// Take the whole day along: one request, every page of it.
const download = async () => {
  const answer = await fetch("/offline/day", { credentials: "same-origin", cache: "no-store" });
  if (answer.status === 401) return { outcome: "signed-out" };
  if (!answer.ok) return { outcome: "refused" };
  const day = await answer.json();
  await Outbox.hello(day.account);
  await Outbox.purge();
  await Outbox.beginLease();
  const headers = headersOf(answer);
  await put(day.pages.map((each) => ({ ...each, headers })));
  return { outcome: "kept", stops: day.stops };
};

// --- forms -----------------------------------------------------------------------------------------------------------

const KINDS = {
  deliver: ["delivered", "Đã giao"],
  attempt: ["attempt_failed", "Chưa giao được"],
  invitation: ["invitation_left", "Để giấy mời"],
  fetch: ["pickup_made", "Đã lấy giấy tờ"],
};
const NOT_SENT = new Set(["csrf", "signature", "kept", "seen", "occurred_at", "photo"]);

const goTo = (path) => Response.redirect(path, 303);
const isLost = (answer) => answer.status === 401 || [502, 503, 504].includes(answer.status);

const send = (url, body, type) =>
  Outbox.patient(
    url,
    { method: "POST", body, headers: { "X-Outbox": "1", ...(type && { "Content-Type": type }) }, redirect: "manual" },
    PATIENCE_TO_SEND,
  );

// On line it is today's form and today's answer; what cannot be sent is kept on this device.
const form = async (request, url) => {
  const type = request.headers.get("content-type");
  const body = await request.arrayBuffer();
  const data = await new Response(body, { headers: { "Content-Type": type } }).formData();
  let answer;
  try {
    answer = await send(url, body, type);
    if (answer.status === 403) answer = await withFreshToken(url, data, answer);
  } catch {
    return keepForm(url, data, { next: "/today?kept=1", lost: "/today?net=needed" });
  }
  if (isLost(answer)) return keepForm(url, data, { next: whenOver(answer), lost: "/today?net=needed" });
  if (answer.type === "opaqueredirect" && url.pathname.endsWith("/close")) await Outbox.purge();
  return answer;
};

const whenOver = (answer) => {
  const said = "Phiên đã hết. Nội dung vừa nhập đã lưu trên máy này, chưa gửi. Đăng nhập để tiếp tục.";
  return answer.status === 401 ? `/sign-in?next=/outbox&said=${encodeURIComponent(said)}` : "/today?kept=1";
};

// A page from before the last sign-in has an old token; the form itself is as good as new.
const withFreshToken = async (url, data, refused) => {
  const who = await Outbox.session();
  if (!who) return new Response(null, { status: 401 });
  if (who.csrf === data.get("csrf")) return refused;
  data.set("csrf", who.csrf);
  return send(url, data);
};

const keepForm = async (url, data, { next, lost }) => {
  const drafts = draftsOf(url, data);
  if (!drafts.length || !(await Outbox.account())) return goTo(lost);
  try {
    await Outbox.keep(drafts);
  } catch {
    return goTo("/today?net=full");
  }
  self.registration.sync?.register("outbox").catch(() => {});
  return goTo(next);
};

const draftsOf = (url, data) => {
  const [, , run, place, act] = url.pathname.split("/");
  const occurred_at = data.get("occurred_at") || Outbox.stamped();
  const seen = (data.get("seen") ?? "").split(" ").filter(Boolean);
  if (run === "accept") {
    const heads = new Map(seen.map((each) => each.split(":")));
    const taken = (item) => ({ kind: "accepted", label: "Ký nhận", item, occurred_at, where: "", seen: headOf(heads, item) });
    return data.getAll("item").map(taken);
  }
  if (!KINDS[act]) return [];
  const [kind, label] = KINDS[act];
  const item = data.get("item") || data.get("pickup") || "";
  const fields = { run, stop: place };
  for (const [name, value] of data) if (typeof value === "string" && !NOT_SENT.has(name)) fields[name] = value.trim();
  const where = `/today/${run}/${place}`;
  return [{ kind, label, item, where, fields, photos: photosOf(data), occurred_at, seen }];
};

const headOf = (heads, item) => (heads.has(item) ? [heads.get(item)] : []);

const fromBase64 = (text, type) => new Blob([Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))], { type });

// One picture proves a visit: the photo, else the signature, else what the last try left.
const photosOf = (data) => {
  const [photo, drawn, before] = ["photo", "signature", "kept"].map((name) => data.get(name));
  if (photo?.size) return [{ name: "photo", blob: photo }];
  if (drawn) return [{ name: "signature", blob: fromBase64(drawn.split(",")[1], "image/png") }];
  return before ? [{ name: "photo", blob: fromBase64(before, "image/jpeg") }] : [];
};

// --- coming and going ------------------------------------------------------------------------------------------------

// Whoever leaves is told what waits; the list goes, the queue stays.
const leave = async (request, url) => {
  const data = await request.formData();
  if ((await Outbox.waiting()).length && !data.get("anyway")) return goTo("/outbox?leaving=1");
  await Outbox.leave();
  try {
    let answer = await send(url, data);
    if (answer.status === 403) answer = await withFreshToken(url, data, answer);
    return answer.status === 401 ? goTo("/sign-in") : answer;
  } catch {
    return away();
  }
};

// Another account on this device finds nothing of the one before.
const arrive = async (request) => {
  const sent = request.clone();
  const name = ((await request.formData()).get("username") ?? "").trim().toLowerCase();
  if (name !== (await Outbox.account())) await Outbox.leave();
  try {
    return await fetch(sent);
  } catch {
    return away();
  }
};
