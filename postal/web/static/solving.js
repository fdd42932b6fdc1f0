"use strict";
// Shows how far a plan is without loading the page. When it is over the page is loaded anew, unless somebody is at work
// in it: then a link says that there is something new.
(() => {
  const EVERY_MS = 1000, LONGEST_MS = 15000;
  let wait = EVERY_MS;
  const shown = () => document.querySelector("[data-solving][data-open]");
  const isAtWork = () => document.querySelector("#board input[name=stop]:checked") !== null;

  function over(part) {
    if (!isAtWork()) return location.reload();
    const news = document.createElement("p");
    const link = document.createElement("a");
    link.href = location.href;
    link.textContent = "Xem bảng mới";
    news.append(link);
    part.append(news);
  }

  async function look() {
    const part = shown();
    if (!part) return;
    try {
      const answer = await fetch(`/runs/solvings/${part.dataset.solving}/progress`, { headers: { Accept: "text/html" } });
      if (!answer.ok) throw new Error(String(answer.status));
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const now = page.querySelector("[data-solving]");
      wait = EVERY_MS;
      if (!("open" in now.dataset)) {
        part.replaceWith(now);
        return over(now);
      }
      refresh(part, now);
    } catch {
      wait = Math.min(LONGEST_MS, wait * 2); // no network for a while: look less often
    }
    setTimeout(look, wait);
  }

  // Only words and the bar change while it runs, so that the focus stays on the button.
  function refresh(part, now) {
    for (const selector of ["[role=status] strong", ".hint:nth-of-type(2)", ".hint:nth-of-type(3)"]) {
      const old = part.querySelector(selector), fresh = now.querySelector(selector);
      if (old && fresh && old.textContent !== fresh.textContent) old.textContent = fresh.textContent;
    }
    part.querySelector("progress").value = now.querySelector("progress").value;
    if (part.querySelectorAll("form").length !== now.querySelectorAll("form").length
      || part.querySelectorAll(".hint").length !== now.querySelectorAll(".hint").length) part.replaceWith(now);
  }

  if (shown()) setTimeout(look, wait);
})();
