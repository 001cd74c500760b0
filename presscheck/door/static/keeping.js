// What somebody types on a proof is kept by the door two seconds later, so that a reload, an ended session or another
// browser loses nothing. Never a password, a code or a token; and nothing is decided by what is kept.
"use strict";

{
  const page = document.getElementById("answer") || document.getElementById("talking");
  const told = document.getElementById("kept");
  const NEVER = new Set(["csrf", "password", "code", "do", "tab", "since", "show"]);
  const typed = () => JSON.stringify([...new FormData(page)].filter(([name]) => !NEVER.has(name)));
  let last = typed();
  let waiting, saving, again, stopped;

  function tell(words, act) {
    told.textContent = words;
    if (!act) return;
    const button = Object.assign(document.createElement("button"), { type: "button", className: "quiet" });
    button.textContent = "Keep what stands here instead";
    button.addEventListener("click", act);
    told.append(" ", button);
  }

  async function save() {
    clearTimeout(waiting);
    const fields = typed();
    if (stopped || fields === last) return;
    if (saving) {
      again = true;
      return;
    }
    saving = true;
    const { csrf, tab, since } = page.elements;
    const headers = { "Content-Type": "application/json", "X-Presscheck-CSRF": csrf.value };
    const body = `{"tab": ${JSON.stringify(tab.value)}, "since": ${JSON.stringify(since.value)}, "fields": ${fields}}`;
    try {
      // A page that is left still sends it, where it is no longer than browsers then allow.
      const keepalive = body.length < 20000;
      const answer = await fetch(`/-/api/reviews/${location.pathname.split("/").pop()}/begun`, { method: "POST", headers, body, keepalive });
      const said = await answer.json();
      if (answer.ok) {
        last = fields;
        since.value = said.mark;
        tell("");
      } else if (answer.status === 409) {
        stopped = true;
        tell(said.error, () => {
          stopped = false;
          since.value = said.mark;
          save();
        });
      } else {
        const ended = "Your session has ended, so what you type is on this page alone: sign in beside it, and it is kept again.";
        tell(answer.status === 401 ? ended : said.error);
      }
    } catch {
      tell("The door does not answer, so what you type is on this page alone.");
    }
    saving = false;
    if (again) save();
    again = false;
  }

  const ours = (event) => event.target.form === page;
  document.addEventListener("input", (event) => {
    if (!ours(event)) return;
    clearTimeout(waiting);
    waiting = setTimeout(save, 2000);
  });
  document.addEventListener("focusout", (event) => ours(event) && save());
  document.addEventListener("visibilitychange", () => document.hidden && save());
  addEventListener("pagehide", save);
  // What is sent is kept by whoever answers it, if it is to be kept.
  page.addEventListener("submit", () => {
    clearTimeout(waiting);
    stopped = true;
  });
  addEventListener("pageshow", (event) => {
    if (event.persisted) stopped = false;
  });
}
