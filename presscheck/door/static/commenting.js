// Comments with a script: C on words that are selected fills in which part they stand in and what they are. Sending is
// the page's own button, so nothing is said by this.
"use strict";

function selected() {
  const selection = getSelection();
  if (!selection.rangeCount || selection.isCollapsed) return null;
  const range = selection.getRangeAt(0);
  const inside = range.commonAncestorContainer;
  const part = (inside.nodeType === Node.ELEMENT_NODE ? inside : inside.parentElement).closest("[data-part]");
  const draft = part && part.closest(".draft");
  if (!draft) return null;
  const before = document.createRange();
  before.setStart(part, 0);
  before.setEnd(range.startContainer, range.startOffset);
  const quote = range.toString();
  // The door counts characters, and not the halves that some of them are here; white space at the ends is no word.
  const start = [...before.toString()].length + [...quote].length - [...quote.trimStart()].length;
  return { code: draft.id, part: part.dataset.part, quote: quote.trim(), start };
}

function begin({ code, part, quote, start }) {
  const field = (name) => document.querySelector(`[name="comment.${code}.${name}"]`);
  const words = field("words");
  if (!words) return;
  field("part").value = part;
  field("quote").value = quote;
  let at = field("start");
  if (!at) {
    at = Object.assign(document.createElement("input"), { type: "hidden", name: `comment.${code}.start` });
    if (words.getAttribute("form")) at.setAttribute("form", words.getAttribute("form"));
    words.after(at);
    // Whoever changes the words by hand means these, wherever they stand.
    field("quote").addEventListener("input", () => at.remove());
  }
  at.value = start;
  words.closest(".talk").open = true;
  words.focus();
}

document.addEventListener("keydown", (event) => {
  if (event.key.toLowerCase() !== "c" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (localStorage.getItem("keys") === "off" || event.target.matches("textarea, select, input:not([type=checkbox]):not([type=radio])")) return;
  const found = selected();
  if (!found) return;
  event.preventDefault();
  begin(found);
});
