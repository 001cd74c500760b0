// The proof's bar with a script: keys, and checks while one types. The page is complete without it, and nothing is decided here: every answer is the form, sent by its own button.
"use strict";

const form = document.getElementById("answer");
const drafts = [...form.querySelectorAll(".draft")];

function made(tag, className, content) {
  const one = Object.assign(document.createElement(tag), { className });
  // Texts become text nodes, so nothing that somebody typed is ever markup.
  one.append(...[content].flat());
  return one;
}

// Of passwords and codes nothing is looked at.
const SECRET = new Set(["csrf", "password", "code"]);
const fields = () => [...new FormData(form)].filter(([name]) => !SECRET.has(name));

// ---------------------------------------------------------------- checks while one types

let waiting, asking, changed;

async function check() {
  // One question at a time, and the last one is never left out.
  if (asking) {
    changed = true;
    return;
  }
  asking = true;
  changed = false;
  const headers = { "Content-Type": "application/json", "X-Presscheck-CSRF": form.elements.csrf.value };
  const body = JSON.stringify({ fields: fields().filter(([name]) => name !== "do") });
  try {
    const answer = await fetch(`/-/api/reviews/${location.pathname.split("/").pop()}/check`, { method: "POST", headers, body });
    const told = await answer.json();
    if (answer.ok) draw(told);
    else say(answer.status === 401 ? "Your session has ended: sign in beside this page, and go on." : told.error);
  } catch {
    say("The door does not answer.");
  }
  asking = false;
  if (changed) check();
}

function say(words) {
  document.getElementById("live").textContent = words;
}

function draw(told) {
  for (const [code, found] of Object.entries(told.drafts)) {
    const here = document.getElementById(code)?.querySelector(".live");
    if (!here) continue;
    const lines = found.map((one) => {
      const quoted = one.words ? [" ", made("q", "", one.words)] : [];
      return made("li", one.level, [made("strong", "", one.level), ...quoted, ` ${one.message} ${one.suggestion}`]);
    });
    here.replaceChildren(...(lines.length ? lines : [made("li", "muted", "Nothing is found in it.")]));
  }
  const picks = form.querySelector("[name=pick]:checked") || !form.querySelector("[name=pick]");
  const blocked = Object.keys(told.drafts).filter((code) => told.drafts[code].some((one) => one.level === "block"));
  const why = blocked.length ? `what stands under ${blocked.join(", ")} is blocked.` : told.refused;
  say(picks && told.refused ? `A yes would be refused: ${why}` : "");
}

function measure(one) {
  const told = one.parentElement.nextElementSibling;
  if (told && told.matches(".measure")) told.textContent = `${[...one.value].length} characters`;
}

form.addEventListener("input", (event) => {
  measure(event.target);
  clearTimeout(waiting);
  waiting = setTimeout(check, 250);
});
form.addEventListener("submit", () => {
  clearTimeout(waiting);
});

// Whoever proved beside this page who they are has another session, and its token. For somebody else the form stays one
// of before, which the door refuses.
document.addEventListener("visibilitychange", async () => {
  if (document.hidden) return;
  const answer = await fetch("/-/api/session").catch(() => null);
  if (!answer || !answer.ok) return;
  const who = await answer.json();
  if (who.person === form.dataset.person) form.elements.csrf.value = who.csrf;
});

// ---------------------------------------------------------------- keys

const typing = (one) => one.matches("textarea, select, input:not([type=checkbox]):not([type=radio])");
const line = (draft) => draft.querySelector(".one > summary");
const shown = () => drafts.filter((one) => one.checkVisibility({ visibilityProperty: true }));

function move(step) {
  const lines = shown();
  const at = lines.findIndex((one) => one.contains(document.activeElement));
  const next = lines[Math.min(Math.max(at + step, 0), lines.length - 1)];
  if (next) line(next).focus();
  if (next) next.scrollIntoView({ block: "nearest" });
}

function here() {
  return drafts.find((one) => one.contains(document.activeElement));
}

function press(selector, within = form) {
  const found = within && within.querySelector(selector);
  if (found) found.click();
}

function pick(draft) {
  const box = draft.querySelector("[name=pick]");
  box.click();
  document.getElementById("told").textContent = `${box.value} ${box.checked ? "picked" : "no longer picked"}`;
}

function decide(value) {
  const radio = form.querySelector(`[name=decision][value=${value}]`);
  if (!radio) return;
  radio.click();
  // The reason comes first where one is needed; a yes is sent by Enter on its radio, which no letter and no space does.
  (value === "approve" ? radio : form.elements.reason).focus();
}

let pinned;

function compare(draft) {
  if (!pinned || pinned === draft.id) {
    pinned = draft.id;
    say(`${pinned} is held: press = at another draft to see both side by side.`);
    return;
  }
  window.open(`/beside/${location.pathname.split("/").pop()}?one=${pinned}&other=${draft.id}`, "_blank", "noopener");
  pinned = undefined;
  say("");
}

const KEYS = {
  j: () => move(1),
  k: () => move(-1),
  " ": () => pick(here()),
  e: () => here() && press("[value^='edit:']", here()),
  "=": () => here() && compare(here()),
  f: () => press(`[name=show][value=${form.querySelector("[name=show][value=found]:checked") ? "all" : "found"}]`),
  a: () => here() && decide("approve"),
  r: () => here() && decide("request_changes"),
  x: () => here() && decide("reject"),
  "?": () => {
    const keys = document.getElementById("keys");
    keys.open = !keys.open;
    keys.scrollIntoView({ block: "nearest" });
  },
};

// Keys of one letter can be turned off (WCAG 2.2, 2.1.4): a voice that is typed out presses many.
const on = document.getElementById("keys-on");
on.checked = localStorage.getItem("keys") !== "off";
on.addEventListener("change", () => localStorage.setItem("keys", on.checked ? "on" : "off"));

document.addEventListener("keydown", (event) => {
  // Whoever ends with the six digits has answered, or stands on a decision; in a line of a text Enter looks at it.
  if (event.key === "Enter" && event.target.matches(".prove input, [name=decision]:checked")) {
    event.preventDefault();
    form.querySelector("[value=answer]").click();
    return;
  }
  if (!on.checked || event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  const act = KEYS[event.key.toLowerCase()];
  // Space on a button or a box is theirs; on the line of a draft that can be picked it picks, and Enter unfolds.
  const picks = event.target.matches(".one > summary") && here().querySelector("[name=pick]");
  if (!act || (event.key === " " && !picks)) return;
  event.preventDefault();
  act();
});

form.classList.add("scripted");
// Whoever comes from one answer to the next question goes on where their hands are: at its first draft.
const after = new URLSearchParams(location.search).get("after");
if (after && drafts.length) line(drafts[0]).focus();
form.querySelectorAll("[name^='edit.'], [name^='text.']").forEach(measure);
// Whoever typed before this script ran, or came back to what they had typed, is told of that too.
const written = [...form.querySelectorAll("[name^='edit.'], [name^='text.']")];
if (written.some((one) => one.value !== one.defaultValue)) check();
