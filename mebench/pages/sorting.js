
"use strict";
// A row, or where each row is a group of its own with what opens below it, a group.
for (const table of document.querySelectorAll("table.sorted")) {
  const heads = [...table.tHead.rows[0].cells], groups = table.tBodies.length > 1;
  const cell = (each, place) => (groups ? each.rows[0] : each).cells[place];
  const key = (each, place) => cell(each, place).dataset.value ?? cell(each, place).textContent.trim();
  heads.forEach((head, place) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const rows = groups ? [...table.tBodies] : [...table.tBodies[0].rows];
      const keys = new Map(rows.map((row) => [row, key(row, place)]));
      const numbers = [...keys.values()].every((value) => !isNaN(value));
      const before = head.getAttribute("aria-sort");
      // Of figures the largest come first, of names the first of the alphabet; what is not known is always last.
      const down = before ? before === "ascending" : numbers;
      for (const other of heads) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      rows.sort((a, b) => {
        const [x, y] = [keys.get(a), keys.get(b)];
        if (x === "" || y === "") return (x === "") - (y === "");
        const order = numbers ? x - y : x.localeCompare(y, "en", { numeric: true });
        return down ? -order : order;
      });
      (groups ? table : table.tBodies[0]).append(...rows);
    });
  });
}
