// Try a text: asks the door 300 ms after the last key, and shows what it found as _checked.html does. It keeps nothing.
"use strict";

const form = document.getElementById("try");
const at = (name) => document.getElementById(`try-${name}`);

function made(tag, className, content, more = {}) {
  const one = Object.assign(document.createElement(tag), { className, ...more });
  // Texts become text nodes, so nothing that somebody typed is ever markup.
  one.append(...[content].flat());
  return one;
}

function words(one) {
  if (!one.level) return one.text;
  const mark = made("mark", one.level, one.text, { title: one.title });
  if (one.numbers) mark.dataset.numbers = one.numbers;
  return mark;
}

function finding(one) {
  const quoted = one.words ? [" ", made("q", "", one.words, { dir: "auto" })] : [];
  const rule = made("span", "muted", `(${one.rule})`);
  return made("li", one.level, [made("strong", "", one.level), ...quoted, ` ${one.message} ${one.suggestion} `, rule]);
}

function draw(told) {
  const parts = told.parts.flatMap((part) => [
    made("h3", "plain small", part.title),
    made("div", "words", part.words.map(words), { dir: "auto" }),
  ]);
  const found = made("ol", "findings", told.findings.map(finding));
  at("found").replaceChildren(
    ...told.hidden.map((one) => made("p", "fault", one)),
    made("div", "columns", [made("div", "", parts), found]),
  );
  at("said").className = `verdict ${told.verdict}`;
  at("said").textContent = told.said;
}

function show(told, fault) {
  if (told) draw(told);
  at("shown").hidden = !told || !told.verdict;
  at("fault").textContent = fault;
  at("fault").hidden = !fault;
}

let waiting, asking, changed;

async function check() {
  // One question at a time, and the last one is never left out.
  if (asking) {
    changed = true;
    return;
  }
  asking = true;
  changed = false;
  const { csrf, ...typed } = Object.fromEntries(new FormData(form));
  const headers = { "Content-Type": "application/json", "X-Presscheck-CSRF": csrf };
  try {
    const answer = await fetch("/-/api/try", { method: "POST", headers, body: JSON.stringify(typed) });
    const told = await answer.json();
    if (answer.ok) show(told, "");
    else if ([401, 403].includes(answer.status)) show(null, "Your session has ended. Copy your text and open this page anew.");
    else show(null, told.error);
  } catch {
    show(null, "The door does not answer. Go on typing to ask again.");
  }
  asking = false;
  if (changed) check();
}

form.addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(check, 300);
});
