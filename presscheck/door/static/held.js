// Counts down how long an answer can be taken back, and U takes the last one back. The page is complete without it.
"use strict";

// In a block, because it stands beside the scripts of the proof: two of them cannot share a name.
{
  const held = [...document.querySelectorAll(".held[data-left]")];
  const ends = new Map(held.map((one) => [one, performance.now() + 1000 * Number(one.dataset.left)]));

  function count() {
    for (const [one, end] of ends) {
      const left = Math.ceil((end - performance.now()) / 1000);
      if (left > 0) {
        // No live region: a reader of the screen would hear every second.
        one.querySelector(".left").textContent = `${left} s`;
        continue;
      }
      ends.delete(one);
      one.removeAttribute("data-left");
      const over = Object.assign(document.createElement("p"), { textContent: "Its time is over: it is submitted." });
      over.setAttribute("role", "status");
      // Whoever stands on one of the buttons stays there; the rest goes on without them.
      if (!one.contains(document.activeElement)) one.querySelector(".actions").remove();
      one.append(over);
    }
    if (ends.size) setTimeout(count, 250);
  }
  if (ends.size) count();

  document.addEventListener("keydown", (event) => {
    const typing = event.target.matches("textarea, select, input:not([type=checkbox]):not([type=radio])");
    if (event.key.toLowerCase() !== "u" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (localStorage.getItem("keys") === "off") return;
    const last = held.find((one) => ends.has(one));
    if (!last) return;
    event.preventDefault();
    last.querySelector("[value=take-back]").click();
  });
}
