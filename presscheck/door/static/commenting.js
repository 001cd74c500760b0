// Comments with a script: C on words that are selected fills in which part they stand in and what they are. Sending is
// the page's own button, so nothing is said by this.
"use strict";

function selected() {
  const selection = getSelection();
  if (!selection.rangeCount || selection.isCollapsed) return null;
  const range = selection.getRangeAt(0);
  const inside = range.commonAncestorContainer;
  const element = inside.nodeType === Node.ELEMENT_NODE ? inside : inside.parentElement;
  const part = element.closest("[data-part]");
  const draft = part && part.closest(".draft");
  // A row of a table says where it begins, a cell stands behind those before it; words of several cells stand in no one place.
  const cell = element.closest("[data-at] > *");
  if (!draft || (!cell && part.querySelector("[data-at]"))) return null;
  const before = document.createRange();
  before.setStart(cell || part, 0);
  before.setEnd(range.startContainer, range.startOffset);
  const quote = range.toString();
  // The door counts characters, and not the halves that some of them are here; white space at the ends is no word.
  const start = (cell ? place(cell) : 0) + [...before.toString()].length + [...quote].length - [...quote.trimStart()].length;
  return { code: draft.id, part: part.dataset.part, quote: quote.trim(), start };
}

function place(cell) {
  const earlier = [...cell.parentElement.children].slice(0, cell.cellIndex);
  return earlier.reduce((at, one) => at + [...one.textContent].length + 1, Number(cell.parentElement.dataset.at));
}

function begin({ code, part, quote, start }) {
  const page = document.getElementById("answer") || document.getElementById("talking");
  const field = (name) => page.elements[`comment.${code}.${name}`];
  function fill(name, value) {
    const known = field(name);
    const one = known || Object.assign(document.createElement("input"), { type: "hidden", name: `comment.${code}.${name}` });
    one.value = value;
    if (!known) page.append(one);
  }
  // Whoever changes the words by hand means those, wherever they stand.
  if (field("quote") && !field("start")) field("quote").addEventListener("input", () => field("start")?.remove());
  for (const [name, value] of Object.entries({ part, quote, start })) fill(name, value);
  const words = field("words");
  if (words) {
    words.closest(".talk").open = true;
    words.focus();
  } else {
    // Of many drafts the door opens the fields of this one, with what was filled in.
    document.querySelector(`[value="say:${code}"]`)?.click();
  }
}

document.addEventListener("keydown", (event) => {
  if (event.key.toLowerCase() !== "c" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (localStorage.getItem("keys") === "off" || event.target.matches("textarea, select, input:not([type=checkbox]):not([type=radio])")) return;
  const found = selected();
  if (!found) return;
  event.preventDefault();
  begin(found);
});

// ---------------------------------------------------------------- whom one calls

// Behind an @ the names that begin so stand under the field, as buttons that Tab reaches next; the page has them all anyway.
const called = [...(document.getElementById("called")?.options || [])].map((one) => one.value);
const offered = document.createElement("p");
offered.className = "small actions";

document.addEventListener("input", ({ target }) => {
  if (!target.matches("textarea[name^='comment.']")) return;
  const begun = /(?:^|[^\p{L}\p{N}_@])@([^@\n]{1,60})$/u.exec(target.value.slice(0, target.selectionStart));
  const found = begun ? called.filter((one) => one.toLowerCase().startsWith(begun[1].toLowerCase())).slice(0, 5) : [];
  offered.replaceChildren(...found.map((one) => offer(target, begun[1], one)));
  target.closest("label").after(offered);
});

function offer(field, begun, name) {
  const button = Object.assign(document.createElement("button"), { type: "button", className: "plain", textContent: `@${name}` });
  button.addEventListener("click", () => {
    field.setRangeText(`${name} `, field.selectionStart - begun.length, field.selectionStart, "end");
    offered.replaceChildren();
    field.focus();
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
  return button;
}
