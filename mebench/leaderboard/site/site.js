{
const say = (name, text, kind) => Object.assign(document.createElement(name), { textContent: text, className: kind ?? "" });
const data = JSON.parse(document.getElementById("data").textContent);
const comparison = document.getElementById("compare");
for (const each of document.querySelectorAll(".scripted")) each.hidden = false;

// Rows that open. What opens is text until it is wanted: it was escaped when the page was built.
const groups = new Map();
function fill(group) {
  const text = group.querySelector("noscript");
  if (!text) return;
  const made = document.createElement("template");
  made.innerHTML = text.textContent;
  for (const box of made.content.querySelectorAll(".repeat")) box.prepend(copier(box.querySelector("code")));
  const tools = made.content.querySelector(".tools");
  if (comparison) tools.append(comparer(tools.closest(".opened").id.split("/").pop()));
  text.replaceWith(made.content);
}
function open(group, opened) {
  if (opened) fill(group);
  group.rows[1].hidden = !opened;
  group.querySelector("details").open = opened;
  group.querySelector("button.opens").setAttribute("aria-expanded", opened);
}
for (const table of document.querySelectorAll("table.board")) {
  for (const group of table.tBodies) {
    const link = group.querySelector("a.opens"), button = say("button", link.textContent, "opens");
    button.type = "button";
    button.dataset.address = link.getAttribute("href").slice(1);
    button.setAttribute("aria-controls", button.dataset.address);
    groups.set(button.dataset.address, group);
    link.replaceWith(button);
    group.querySelector("summary").hidden = true;
    open(group, false);
  }
  table.addEventListener("click", (event) => {
    const button = event.target.closest("button.opens");
    if (!button) return;
    const closed = button.getAttribute("aria-expanded") === "false";
    open(button.closest("tbody"), closed);
    if (closed) history.replaceState(null, "", "#" + button.dataset.address);
  });
  table.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key], button = event.target.closest("button.opens");
    if (!step || !button) return;
    const seen = [...table.querySelectorAll("tbody:not([hidden]) button.opens")];
    const next = seen[seen.indexOf(button) + step];
    if (next) { event.preventDefault(); next.focus(); }
  });
}

// An address leads to its row, whatever the filter hides; one of a run leads to it under whatever rule.
function follow() {
  const address = decodeURIComponent(location.hash.slice(1));
  if (!address.includes("/")) return;
  const near = [...groups.keys()].find((each) => each.startsWith(address + "-"));
  const group = groups.get(address) ?? groups.get(near);
  if (!group) return;
  if (group.hidden) for (const each of group.closest("section").querySelectorAll(".filter [data-for]")) {
    each.value = "";
    each.dispatchEvent(new Event("input"));
  }
  open(group, true);
  group.rows[0].scrollIntoView({ block: "start", behavior: "instant" });
  group.closest(".wide").scrollLeft = 0;
  group.querySelector("button.opens").focus({ preventScroll: true });
}
addEventListener("hashchange", follow);
// A link to where one is already leads there, too.
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href^='#']");
  if (link && link.getAttribute("href") === location.hash) follow();
});

// Rows that are picked.
for (const bar of document.querySelectorAll(".filter:has([data-for])")) {
  const [words, facet] = [bar.querySelector("input"), bar.querySelector("select")];
  const table = document.getElementById(words.dataset.for);
  const pick = () => {
    const wanted = words.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const group of table.tBodies) {
      const text = group.rows[0].textContent.toLowerCase();
      const right = !facet?.value || group.dataset.facets.split("|").includes(facet.value);
      group.hidden = !(right && wanted.every((word) => text.includes(word)));
      count += !group.hidden;
    }
    bar.querySelector("output").textContent = count === table.tBodies.length ? `${count} rows` : `${count} of ${table.tBodies.length} rows`;
  };
  words.addEventListener("input", pick);
  facet?.addEventListener("input", pick);
}

// A command that is copied.
function copier(code) {
  const button = say("button", "Copy", "copy");
  button.type = "button";
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(code.textContent);
      button.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(code);
      button.textContent = "Selected: copy it by hand";
    }
    setTimeout(() => { button.textContent = "Copy"; }, 2000);
  });
  return button;
}

// Two rows beside each other.
const percent = (value) => (value === null ? "" : (100 * value).toFixed(2));
const signed = (value) => {
  const text = Math.abs(100 * value).toFixed(2);
  return text === "0.00" ? text : (value < 0 ? "\u2212" : "+") + text;
};
const bounded = ([value, low, high]) => percent(value) + (low === null || low === undefined ? "" : ` (${percent(low)} to ${percent(high)})`);
function table(caption, columns, rows) {
  const made = document.createElement("table"), head = made.createTHead().insertRow(), body = made.createTBody();
  made.prepend(say("caption", caption));
  columns.forEach((name, place) => { head.appendChild(say("th", name, place ? "figure" : "")).scope = "col"; });
  for (const cells of rows) {
    const row = body.insertRow();
    cells.forEach((text, place) => {
      const cell = row.appendChild(say(place ? "td" : "th", text, place ? "figure" : ""));
      if (!place) cell.scope = "row";
    });
  }
  const box = say("div", "", "wide");
  box.tabIndex = 0;
  box.append(made);
  return box;
}
function compare(section) {
  const [one, other] = section.querySelectorAll("select"), result = section.querySelector(".result");
  const [a, b] = [one.value, other.value], [mine, yours] = [data.rows[a], data.rows[b]];
  const pair = data.pairs.find((each) => (each.a === a && each.b === b) || (each.a === b && each.b === a));
  // What the second has more; the table tells what the first has.
  const turned = pair && pair.a === a ? -1 : 1, rows = [];
  const line = (name, x, y, paired) => {
    if (!x || !y) return;
    const known = x[0] !== null && y[0] !== null;
    let difference = known ? signed(x[0] - y[0]) : "", p = "";
    if (paired && paired[0] !== null) {
      const ends = [turned * paired[1], turned * paired[2]].sort((u, v) => u - v);
      difference = signed(turned * paired[0]) + (paired[1] === null ? "" : ` (${signed(ends[0])} to ${signed(ends[1])})`);
      p = paired[3] === null ? "" : paired[3] < 0.001 ? "< 0.001" : paired[3].toFixed(3);
    }
    rows.push([name, bounded(x), bounded(y), difference, p]);
  };
  data.measures.forEach((name, place) => line(name, mine.scores[place], yours.scores[place], pair?.scores[place]));
  for (const of of data.datasets) data.measures.forEach((name, place) => line(`${name} on ${of}`, mine.datasets[of]?.[place], yours.datasets[of]?.[place]));
  const called = (row) => `${row.name}, ${row.kind}`;
  result.replaceChildren(table("In percent, with 95 % intervals; differences are the first row less the second, in points", ["score", called(mine), called(yours), "difference", "p"], rows));
  const told = a === b ? "Both are one row." : pair ? "The differences of the pooled scores are paired over subjects: p is not corrected for how many pairs there are."
    : mine.kind === "reproduced" && yours.kind === "reproduced" ? "No paired test of these two is stored; whether two intervals overlap does not answer whether they differ."
    : "A printed figure comes without its predictions: no test can say whether the two differ.";
  result.append(say("p", told, "quiet"));
  const matrices = [a, b].map((anchor) => {
    const group = groups.get(`${data.address}/${anchor}`);
    fill(group);
    return [...group.querySelectorAll(".confusions figure")];
  });
  // Of each dataset one beside the other; where one has none, the other's alone says nothing.
  if (!matrices[0].length || !matrices[1].length) return;
  const sides = say("div", "", "sides");
  for (const figure of matrices[0]) {
    const of = figure.querySelector("figcaption").textContent;
    const twin = matrices[1].find((each) => each.querySelector("figcaption").textContent === of);
    if (!twin) continue;
    const both = [figure, twin].map((each) => each.cloneNode(true));
    both.forEach((each, place) => { each.querySelector("figcaption").textContent = `${of}: ${[mine, yours][place].name}`; });
    sides.append(...both);
  }
  result.append(sides);
}
function comparer(anchor) {
  const [one, other] = comparison.querySelectorAll("select");
  const button = say("button", "Compare with another row");
  button.type = "button";
  button.addEventListener("click", () => {
    one.value = anchor;
    compare(comparison);
    comparison.scrollIntoView();
    other.focus({ preventScroll: true });
  });
  return button;
}
if (comparison) {
  const [one, other] = comparison.querySelectorAll("select");
  other.selectedIndex = Math.min(1, other.length - 1);
  for (const each of [one, other]) each.addEventListener("input", () => compare(comparison));
  compare(comparison);
}
follow();
}
