// The queue of a device that works without network: kept strictly, sealed, sent oldest first, answered one by one.
// Pages and the service worker share it. An entry is kept until the server's answer to it is kept.
"use strict";

self.Outbox = (() => {
  const MOST_EVENTS = 200;
  const MOST_BYTES = 50000;
  const LEASE = 96 * 3600e3;
  const ASK_AGAIN = 24 * 3600e3;
  const KEPT_AFTER_ANSWER = 7 * 24 * 3600e3;
  const PATIENCE = 30000;

  const hex = (bytes) => Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");
  const newId = () => hex(crypto.getRandomValues(new Uint8Array(16)));
  const two = (number) => String(Math.trunc(Math.abs(number))).padStart(2, "0");

  // A time as the device's clock shows it, with its offset: 2026-11-22T10:31:05+07:00.
  const stamped = (time = new Date()) => {
    const ahead = -time.getTimezoneOffset();
    const day = `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
    const clock = `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`;
    return `${day}T${clock}${ahead < 0 ? "-" : "+"}${two(ahead / 60)}:${two(ahead % 60)}`;
  };

  // --- the database --------------------------------------------------------------------------------------------------

  let connection;
  const base = () => {
    connection = connection ?? new Promise((resolve, reject) => {
      const asked = indexedDB.open("postal", 1);
      asked.onupgradeneeded = () => {
        asked.result.createObjectStore("entry", { keyPath: "id" });
        asked.result.createObjectStore("photo", { keyPath: "key" });
        asked.result.createObjectStore("page", { keyPath: "path" });
        asked.result.createObjectStore("note", { keyPath: "name" });
      };
      asked.onsuccess = () => {
        asked.result.onversionchange = () => asked.result.close();
        asked.result.onclose = () => (connection = undefined);
        resolve(asked.result);
      };
      asked.onerror = () => reject(asked.error);
    });
    return connection;
  };

  // Resolves only when the transaction is complete, which is when it is on the disk.
  const within = async (stores, mode, work) => {
    const database = await base();
    return new Promise((resolve, reject) => {
      const transaction = database.transaction(stores, mode, { durability: "strict" });
      const found = work(...stores.map((name) => transaction.objectStore(name)));
      transaction.oncomplete = () => resolve(found?.result);
      transaction.onabort = () => reject(transaction.error);
    });
  };
  const noted = async (name) => (await within(["note"], "readonly", (notes) => notes.get(name)))?.value;
  const note = (name, value) => within(["note"], "readwrite", (notes) => notes.put({ name, value }));

  // --- sealing -------------------------------------------------------------------------------------------------------

  // A key that no script can read out; the first one that was made stays.
  const keyOf = async (name) => {
    const known = await noted(name);
    if (known) return known;
    const made = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
    await within(["note"], "readwrite", (notes) => {
      const stands = notes.get(name);
      stands.onsuccess = () => stands.result || notes.put({ name, value: made });
    });
    return noted(name);
  };
  const seal = async (key, bytes) => {
    const iv = crypto.getRandomValues(new Uint8Array(12));
    return { iv, data: await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, bytes) };
  };
  const opened = (key, { iv, data }) => crypto.subtle.decrypt({ name: "AES-GCM", iv }, key, data);
  const sealText = (key, text) => seal(key, new TextEncoder().encode(text));
  const openedText = async (key, sealed) => new TextDecoder().decode(await opened(key, sealed));

  // --- whose device this is now --------------------------------------------------------------------------------------

  const account = async () => (await noted("account")) ?? "";
  const device = async () => {
    const known = await noted("device");
    if (known) return known;
    await within(["note"], "readwrite", (notes) => {
      const stands = notes.get("device");
      stands.onsuccess = () => stands.result || notes.put({ name: "device", value: `app-${newId().slice(0, 16)}` });
    });
    return noted("device");
  };

  // Forget the day: the pages, and the key without which what is left of them on the disk says nothing.
  const purge = () =>
    within(["page", "note"], "readwrite", (pages, notes) => {
      pages.clear();
      notes.delete("lease");
      notes.delete("pages key");
    });
  const leave = async () => {
    await purge();
    await within(["note"], "readwrite", (notes) => notes.delete("account"));
  };
  const hello = async (name) => {
    await note("contact", stamped());
    const before = await account();
    if (before === name) return;
    await purge();
    await note("account", name);
  };
  const lease = async () => {
    const found = await noted("lease");
    if (!found) return null;
    if (Date.now() < found.until && found.account === (await account())) return found;
    await purge();
    return null;
  };
  const beginLease = async () => {
    await keyOf("pages key");
    await note("lease", { account: await account(), until: Date.now() + LEASE });
  };

  // --- keeping -------------------------------------------------------------------------------------------------------

  const digest = async (blob) => hex(await crypto.subtle.digest("SHA-256", await blob.arrayBuffer()));

  const sealedPhoto = async (key, id, { name, blob }) => ({
    about: { name, sha256: await digest(blob), type: blob.type, size: blob.size, sent: false, refused: "" },
    row: { key: `${id} ${name}`, ...(await seal(key, await blob.arrayBuffer())) },
  });

  // What a page knew of the thing, and what this device itself said of it before.
  const parentsOf = (draft, before) => {
    const own = before.filter((entry) => entry.item === draft.item).sort((a, b) => b.device_seq - a.device_seq);
    return [...new Set([...draft.seen, ...own.slice(0, 1).map((entry) => entry.id)])];
  };

  // Keep what was done, all of it or nothing. drafts: {kind, item, to, label, where, fields, photos, occurred_at, seen}
  const keep = async (drafts) => {
    const [who, key, after] = [await account(), await keyOf("queue key"), await noted("contact")];
    const ready = [];
    for (const { fields, photos = [], ...draft } of drafts) {
      const id = newId();
      const pictures = await Promise.all(photos.map((photo) => sealedPhoto(key, id, photo)));
      const content = await sealText(key, JSON.stringify(fields ?? null));
      const about = pictures.map((picture) => picture.about);
      const own = { id, after, account: who, is_form: Boolean(fields), content, photos: about, answer: null, kept_at: Date.now() };
      const entry = { ...draft, ...own };
      ready.push({ entry, rows: pictures.map((picture) => picture.row) });
    }
    await within(["entry", "photo", "note"], "readwrite", (entries, pictures, notes) => {
      const [before, counted] = [entries.getAll(), notes.get("count")];
      counted.onsuccess = () => {
        let count = counted.result?.value ?? 0;
        for (const { entry, rows } of ready) {
          entry.device_seq = count += 1;
          entry.parents = parentsOf(entry, before.result);
          entries.put(entry);
          before.result.push(entry);
          rows.forEach((row) => pictures.put(row));
        }
        notes.put({ name: "count", value: count });
      };
    });
    tell({ about: "kept" });
    return ready.map(({ entry }) => entry);
  };

  // --- reading -------------------------------------------------------------------------------------------------------

  const all = async () => {
    const found = await within(["entry"], "readonly", (entries) => entries.getAll());
    return found.sort((a, b) => a.device_seq - b.device_seq);
  };
  const isWaiting = (entry) => !entry.answer || entry.photos.some((photo) => !photo.sent && !photo.refused);
  const mineAndOthers = async () => {
    const [who, found] = [await account(), await all()];
    const others = found.filter((entry) => entry.account !== who && isWaiting(entry)).length;
    return { mine: found.filter((entry) => entry.account === who), others };
  };
  const waiting = async () => (await mineAndOthers()).mine.filter(isWaiting);

  const why = ({ answer, photos }) => {
    if (!answer) return "";
    const refused = photos.find((photo) => photo.refused);
    if (refused) return refused.refused;
    if (answer.status === "mismatch" || answer.status === "quarantined") return answer.detail ?? "chưa đọc được.";
    return answer.fits === false ? (answer.detail ?? "chưa khớp với sổ của hệ thống.") : "";
  };

  // saved | sent | look: what may be said of an entry, and nothing more than what is certain
  const stateOf = (entry) => (why(entry) ? "look" : isWaiting(entry) ? "saved" : "sent");

  // --- sending -------------------------------------------------------------------------------------------------------

  const channel = new BroadcastChannel("outbox");
  const tell = (news) => {
    channel.postMessage(news);
    if (self.document) channel.onmessage?.({ data: news });
  };

  // A request that does not wait for ever, as a weak signal would let it.
  const patient = async (path, options, patience = PATIENCE) => {
    const control = new AbortController();
    const timer = setTimeout(() => control.abort(), patience);
    try {
      return await fetch(path, { credentials: "same-origin", cache: "no-store", signal: control.signal, ...options });
    } finally {
      clearTimeout(timer);
    }
  };
  const asked = (path, options = {}) => patient(path, options);

  // Who is signed in, and what unsafe requests must carry; null when the session is over.
  const session = async () => {
    const answer = await asked("/offline/session");
    if (answer.status === 401) return null;
    if (!answer.ok) throw new Error(`session: ${answer.status}`);
    return answer.json();
  };

  const lineOf = async (key, entry) => {
    const { id, device_seq, kind, occurred_at, after, parents } = entry;
    const line = { id, device_seq, kind, occurred_at, after, parents };
    if (!entry.is_form) return { ...line, item: entry.item, ...(entry.to && { to: entry.to }) };
    const fields = JSON.parse(await openedText(key, entry.content));
    return { ...line, fields, photos: entry.photos.map(({ name, sha256 }) => ({ name, sha256 })) };
  };

  const batches = async (key, entries) => {
    const [made, coder] = [[], new TextEncoder()];
    let size = Infinity;
    for (const entry of entries) {
      const line = await lineOf(key, entry);
      const bytes = coder.encode(JSON.stringify(line)).length + 1;
      if (size + bytes > MOST_BYTES || made[made.length - 1].length === MOST_EVENTS) {
        made.push([]);
        size = 200;
      }
      made[made.length - 1].push(line);
      size += bytes;
    }
    return made;
  };

  const change = (ids, alter) =>
    within(["entry"], "readwrite", (entries) => {
      for (const id of ids) {
        const found = entries.get(id);
        found.onsuccess = () => found.result && entries.put(alter(found.result));
      }
    });

  const sendBatch = async (csrf, lines) => {
    const body = JSON.stringify({ device: await device(), sent_at: stamped(), events: lines });
    const headers = { "Content-Type": "application/json", "X-CSRF-Token": csrf };
    const answer = await asked("/api/v1/events:batch", { method: "POST", headers, body });
    if (!answer.ok) throw Object.assign(new Error("batch"), { status: answer.status });
    const { results } = await answer.json();
    const told = new Map(results.map((each) => [each.id, { ...each, at: Date.now() }]));
    await change(told.keys(), (entry) => ({ ...entry, answer: told.get(entry.id) }));
  };

  const sendPhoto = async (csrf, key, entry, photo) => {
    const row = await within(["photo"], "readonly", (photos) => photos.get(`${entry.id} ${photo.name}`));
    if (!row) return;
    const headers = { "Content-Type": photo.type, "X-CSRF-Token": csrf };
    const body = await opened(key, row);
    const answer = await asked(`/api/v1/photos/${photo.sha256}`, { method: "PUT", headers, body });
    if (!answer.ok && answer.status !== 413 && answer.status !== 422) {
      throw Object.assign(new Error("photo"), { status: answer.status });
    }
    const refused = answer.ok ? "" : ((await answer.json()).detail ?? "ảnh không đọc được.");
    const marked = (each) => (each.name === photo.name ? { ...each, sent: answer.ok, refused } : each);
    await change([entry.id], (found) => ({ ...found, photos: found.photos.map(marked) }));
  };

  // What may have been settled meanwhile: its answer said that it waits.
  const mayBeSettled = (entry) =>
    entry.answer?.fits === false && entry.content && Date.now() - entry.answer.at < ASK_AGAIN;

  const sendAll = async () => {
    const who = await session();
    if (!who) return "signed-out";
    await hello(who.account);
    const key = await keyOf("queue key");
    const own = async () => (await all()).filter((entry) => entry.account === who.account);
    const news = (await own()).filter((entry) => !entry.answer);
    let done = 0;
    for (const lines of await batches(key, news)) {
      tell({ about: "sending", done, of: news.length, ids: lines.map((line) => line.id) });
      await sendBatch(who.csrf, lines);
      done += lines.length;
    }
    for (const entry of await own()) {
      for (const photo of entry.photos.filter((each) => entry.answer && !each.sent && !each.refused)) {
        tell({ about: "sending", done, of: news.length, ids: [entry.id] });
        await sendPhoto(who.csrf, key, entry, photo);
      }
    }
    const unsettled = (await own()).filter(mayBeSettled);
    for (const lines of await batches(key, unsettled)) await sendBatch(who.csrf, lines);
    await tidy();
    return "sent";
  };

  // What the server has is dropped here: the content at once, the line in the list after a while.
  const tidy = async () => {
    const done = (await all()).filter((entry) => !isWaiting(entry) && !mayBeSettled(entry));
    await within(["entry", "photo"], "readwrite", (entries, photos) => {
      for (const entry of done) {
        entry.photos.forEach((photo) => photos.delete(`${entry.id} ${photo.name}`));
        if (Date.now() - entry.answer.at > KEPT_AFTER_ANSWER) entries.delete(entry.id);
        else if (entry.content) entries.put({ ...entry, content: null });
      }
    });
  };

  // Send what waits; one sender at a time on this device. Resolves to sent | signed-out | offline | refused | busy.
  const flush = () =>
    navigator.locks.request("outbox", { ifAvailable: true }, async (lock) => {
      if (!lock) return "busy";
      let outcome;
      try {
        outcome = await sendAll();
      } catch (error) {
        outcome = error.status === 401 ? "signed-out" : error.status ? "refused" : "offline";
      }
      tell({ about: "flushed", outcome });
      return outcome;
    });

  const onNews = (heard) => (channel.onmessage = (event) => heard(event.data));

  return {
    newId, stamped, patient, within, keyOf, sealText, openedText, account, purge, leave, hello, lease, beginLease, keep,
    mineAndOthers, waiting, isWaiting, mayBeSettled, stateOf, why, session, flush, onNews,
  };
})();
