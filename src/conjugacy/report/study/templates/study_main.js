// what is told beside the matrix, the choices over it, and the start of all
const element = (name, text, kind) => {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  if (kind) made.className = kind;
  return made;
};

const pairLines = (i, j) => [["row", rowNames[i], rowClass[i]], ["column", columnNames[j], columnClass[j]]].map(([side, name, k]) => {
  const line = element("div");
  line.append(element("dt", side), element("dd", name));
  if (data.classes.length) line.lastChild.append(element("span", ` ${classWords(k)}`, "quiet"));
  return line;
});

const showReadout = (cell) => {
  const readout = byId("matrix-readout");
  if (!cell || !matrix.table) { readout.replaceChildren(element("p", readout.dataset.empty, "quiet")); return; }
  const [i, j] = cell;
  const names = element("dl", undefined, "names");
  names.append(...pairLines(i, j));
  const found = told(matrix.table, i, j);
  const value = element("p", undefined, "told");
  value.append(element("strong", found.value), ` ${matrix.table.measure}`);
  const answer = element("p", `${square && i === j ? "a network and itself: " : ""}${found.state.words}${found.p ? `, p ${found.p}` : ""}`);
  readout.replaceChildren(names, value, answer);
};

const quoted = (text) => (/^[A-Za-z0-9_.\/:=@%+,-]+$/.test(text) && !text.startsWith("-") ? text : `'${text.replace(/'/g, "'\\''")}'`);
const filePart = (name) => name.replace(/[^A-Za-z0-9]+/g, "-").replace(/^-+|-+$/g, "").slice(0, 40) || "network";
const command = (a, b) => {
  const [from, to] = [a, b].map((name) => (Object.hasOwn(data.paths, name) ? data.paths[name] : name));
  const path = [from, to].map((text) => quoted(text.startsWith("-") ? `./${text}` : text));
  return `conjugacy compare ${path.join(" ")} --report ${filePart(a)}-and-${filePart(b)}.html`;
};

// everything that is known of one pair, and the way to more
const pin = async (cell) => {
  const [i, j] = cell;
  matrix.pinned = cell;
  paintOver();
  const tables = await Promise.all(data.tables.map((_, k) => openTable(k)));
  if (matrix.pinned !== cell) return;
  const names = byId("pinned-names");
  names.replaceChildren(...pairLines(i, j));
  byId("pinned-rows").replaceChildren(...tables.map((table) => {
    const found = told(table, i, j);
    const row = element("tr");
    const head = element("th", table.measure, "words");
    head.scope = "row";
    const state = element("td", found.state.words, "words");
    state.title = found.state.advice;
    row.append(head, element("td", table.layers, "words"), element("td", found.value), state, element("td", found.p.replace("= ", "") || "–"));
    return row;
  }));
  const link = data.links.find(([a, b]) => (a === rowNames[i] && b === columnNames[j]) || (b === rowNames[i] && a === columnNames[j]));
  byId("pinned-link").hidden = !link;
  byId("pinned-how").hidden = Boolean(link) || (square && i === j);
  if (link) byId("pinned-link").firstElementChild.href = link[2];
  byId("pinned-command").textContent = command(rowNames[i], columnNames[j]);
  byId("pinned-paths").hidden = [rowNames[i], columnNames[j]].every((name) => Object.hasOwn(data.paths, name));
  byId("pinned").hidden = false;
};

const endsOf = (table) => [(table.below ? "≤ " : "") + digits(table.low_end), (table.above ? "≥ " : "") + digits(table.high_end)];
// the statuses that there are, or pairs without a value, and the diagonal: [colour, words, advice]
const legendEntries = () => {
  const m = matrix;
  const [seen, hasHoles] = m.table.found;
  const itself = square && rowNames.some((_, i) => !cellColour(m.table, m.by, i, i)) ? [[rgb(css("--grid")), "a network and itself", ""]] : [];
  if (m.by === "value") return hasHoles ? [[null, "no value", ""], ...itself] : itself;
  const there = (code) => seen.has(code) || (m.table.symmetric && seen.has(data.mirror[code]));
  const found = data.states.map((state, code) => [stateColours[code], `${state.letter} ${state.words}`.trim(), state.advice, code]).filter((entry) => there(entry[3]));
  return [...found, ...itself];
};

const legend = () => {
  const m = matrix;
  const swatch = (colour) => {
    const box = element("span", undefined, colour ? "swatch" : "swatch hatched");
    if (colour) box.style.background = `rgb(${colour})`;
    return box;
  };
  const parts = [];
  if (m.by === "value") {
    const [low, high] = endsOf(m.table);
    const bar = element("span", undefined, "values");
    const colours = element("span", undefined, "ramp");
    colours.style.background = `linear-gradient(to right, ${data.scale.join(",")})`;
    colours.setAttribute("role", "img");
    colours.setAttribute("aria-label", `colour scale from ${m.table.low_end} to ${m.table.high_end}`);
    bar.append(element("span", low), colours, element("span", high));
    if (m.table.logarithmic) {
      const middle = element("span", digits(Math.sqrt(m.table.low_end * m.table.high_end)), "middle");
      colours.append(middle);
      middle.style.color = inkOn(scale[scale.length / 2]);
    }
    parts.push(bar, element("span", m.table.unit + (m.table.logarithmic ? ", logarithmic colours" : "")));
  }
  for (const [colour, words, advice] of legendEntries()) {
    const entry = element("span", undefined, "entry");
    entry.title = advice;
    entry.append(swatch(colour), ` ${words}`);
    parts.push(entry);
  }
  byId("matrix-legend").replaceChildren(...parts);
};

// the statuses of pairs of different networks, and whether any has no value
const whatThereIs = (table) => {
  const seen = new Set();
  let holes = false;
  for (let i = 0; i < rowNames.length; i++) {
    for (let j = table.symmetric ? i + 1 : 0; j < columnNames.length; j++) {
      if (square && i === j) continue;
      seen.add(statusAt(table, i, j));
      holes ||= Number.isNaN(valueAt(table, i, j));
    }
  }
  return [seen, holes];
};

const redraw = () => {
  matrix.image = cellImage(matrix.table, matrix.by, matrix.rows, matrix.columns);
  legend();
  requestPaint();
};
const chooseTable = async (k) => {
  const table = await openTable(k);
  matrix.table = { ...table, low_end: data.tables[k].low, high_end: data.tables[k].high };
  matrix.table.found = whatThereIs(matrix.table);
  redraw();
  showReadout(matrix.cursor);
};

// only what matches; the rest stays out of the matrix, and is faint in the plane
const applyFilter = () => {
  const text = byId("filter-name").value.trim().toLocaleLowerCase();
  const of = byId("filter-class").value;
  const fits = (names, classes) => names.map((_, i) => i).filter((i) => (!text || names[i].toLocaleLowerCase().includes(text)) && (of === "" || String(classes[i]) === of));
  const keep = byId("filter-columns").checked;
  const whole = !text && of === "";
  matrix.rows = fits(rowNames, rowClass);
  matrix.columns = whole || keep ? columnNames.map((_, j) => j) : fits(columnNames, columnClass);
  matrix.whole = whole;
  byId("filter-count").textContent = whole ? "" : `${matrix.rows.length} of ${rowNames.length} networks${matrix.rows.length ? "" : ": none has such a name"}`;
  matrix.cursor = null;
  showReadout(null);
  layOut();
  if (matrix.rows.length && matrix.columns.length) { redraw(); settle(); } else paint();
  plane.shown = whole ? null : new Set(matrix.rows);
  if (plane.canvas) planePaint();
};

const fillChoices = () => {
  const select = byId("choose-table");
  data.tables.forEach((table, k) => select.append(new Option(`${table.measure} (${table.layers})`, k)));
  select.disabled = data.tables.length < 2;
  const classes = byId("filter-class");
  data.classes.forEach((one, k) => { if (one.size > 1) classes.append(new Option(`class ${k + 1}: ${[...one.name].slice(0, 40).join("")} (${one.size})`, k)); });
  const present = rowClass.some((k) => k < 0);
  if (data.classes.length && present) classes.append(new Option("not sorted", -1));
  classes.parentElement.hidden = classes.options.length < 2;
};

const start = async () => {
  fillChoices();
  layOut();
  byId("choose-table").addEventListener("change", (event) => chooseTable(Number(event.target.value)));
  byId("choose-colour").addEventListener("change", (event) => { matrix.by = event.target.value; redraw(); });
  let soon = 0;
  byId("filter-name").addEventListener("input", () => { clearTimeout(soon); soon = setTimeout(applyFilter, 120); });
  byId("filter-class").addEventListener("change", applyFilter);
  byId("filter-columns").addEventListener("change", applyFilter);
  for (const button of document.querySelectorAll("button[data-class]")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      byId("filter-name").value = "";
      byId("filter-class").value = button.dataset.class;
      applyFilter();
      byId("matrix").scrollIntoView();
    });
  }
  followPointer();
  followKeys();
  showReadout(null);
  // where the main table has answers, these say more than its values
  matrix.by = byId("choose-colour").value;
  await chooseTable(0);
  settle();
  let width = document.documentElement.clientWidth;
  addEventListener("resize", () => {
    if (document.documentElement.clientWidth === width) return;
    width = document.documentElement.clientWidth;
    layOut();
    settle();
    if (plane.canvas) { planeLayOut(); planePaint(); }
  });
};

if (matrix.canvas) {
  if (typeof DecompressionStream === "undefined") byId("matrix-trouble").hidden = false;
  else start().then(() => { byId("matrix").dataset.ready = "yes"; }, () => { byId("matrix-trouble").hidden = false; });
}
startPlane();
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  if (matrix.table) redraw();
  if (plane.canvas) planePaint();
});

const graph = byId("order-graph");
if (graph) {
  const readout = byId("order-readout");
  const tell = (event) => {
    const arrow = event.target.closest("[data-words]");
    readout.textContent = arrow ? arrow.dataset.words : "\u00a0";
  };
  graph.addEventListener("pointerover", tell);
  graph.addEventListener("focusin", tell);
}
for (const button of document.querySelectorAll("button.copy")) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", () => {
    navigator.clipboard.writeText(byId(button.dataset.copy).textContent).then(() => {
      button.textContent = "Copied";
      setTimeout(() => { button.textContent = "Copy"; }, 1500);
    });
  });
}
addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((part) => { part.open = true; }));
