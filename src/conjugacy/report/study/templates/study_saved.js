// matrix and plane as files of their own: title, what is shown, legend, names; and the numbers behind them as tables
const MOST_LOOKS = 56; // every look of a class twice
const NAMED_POINTS = 30;
const MOST_LINES = 500000;

const matrixKey = (c) => {
  const boxes = legendEntries().map(([colour, words]) => [(x, y) => boxed(c, colour && `rgb(${colour})`, x, y), 12, words]);
  if (matrix.by !== "value") return boxes;
  const { logarithmic, unit } = matrix.table;
  return [...ramped(c, data.scale, ...endsOf(matrix.table), unit + (logarithmic ? ", logarithmic colours" : "")), ...boxes];
};

const stepOf = (n) => {
  if (n <= 120) return Math.min(LARGEST_CELL, Math.max(9.5, 640 / n)); // room for names and letters
  return n <= 300 ? 8.5 : 1600 / n; // room for names, then for neither
};
const cellsInSight = () => {
  const m = matrix;
  const rows = m.rows.slice(...inSight(m.y, m.sy, m.height, m.rows.length));
  return { table: m.table, rows, columns: m.columns.slice(...inSight(m.x, m.sx, m.width, m.columns.length)) };
};
// each as large as names need
const partInSight = () => {
  const m = matrix;
  const { rows, columns } = cellsInSight();
  const [sx, sy] = [stepOf(columns.length), stepOf(rows.length)];
  const whole = m.whole && rows.length === rowNames.length && columns.length === columnNames.length;
  const image = cellImage(m.table, m.by, rows, columns);
  return { ...m, rows, columns, whole, image, x: 0, y: 0, sx, sy, width: sx * columns.length, height: sy * rows.length };
};
const namesLeft = (c, part) => {
  if (Math.min(part.sx, part.sy) < SMALLEST_NAME) return ["Cells are too small for names; the table (CSV) has them all in this order."];
  const notes = [];
  c.font = "11px x";
  const long = (names, at, room) => at.some((k) => c.measureText(names[k].slice(0, 400)).width > room);
  if (long(rowNames, part.rows, part.left - STRIP - 10) || long(columnNames, part.columns, part.bottom - 10)) notes.push("Long names are cut in the middle; the table (CSV) has them whole.");
  return notes;
};

matrix.canvas && (matrix.canvas.saved = {
  svg: () => {
    if (!matrix.table || !matrix.rows.length || !matrix.columns.length) return null;
    const part = partInSight();
    const probe = new Drawing(1, 1);
    arranged(part, [part.sy, part.sx].map((step) => (step < SMALLEST_NAME ? 70 : 420)), 74, probe);
    const width = Math.max(part.left + part.width + EDGE, 640);
    const c = new Drawing(width, 1);
    c.notes = namesLeft(probe, part);
    const shown = part.whole ? `${rowNames.length} networks${square ? "" : ` against ${columnNames.length}`}` : `${part.rows.length} of ${rowNames.length} rows, ${part.columns.length} of ${columnNames.length} columns`;
    const classes = data.classes.length ? "; coloured strips are classes, and frames those of several networks" : "";
    const y = headed(c, `${matrix.by === "value" ? "Values" : "Answers or status"} of every pair: ${part.table.measure} (${part.table.layers})`, shown + classes, width - 2 * EDGE);
    const top = keyed(c, matrixKey(c), y, width - EDGE);
    c.save();
    c.translate(0, top);
    drawMatrix(c, part);
    c.restore();
    return ended(c, top + part.top + part.height + part.bottom + 6, width - 2 * EDGE);
  },
  // one line for each pair in sight, once where both orders say the same; of very many pairs only what is coloured
  csv: () => {
    if (!matrix.table) return [];
    const { table, rows, columns } = cellsInSight();
    const number = (x) => (x === null || !Number.isFinite(x) ? "" : String(Number(x.toPrecision(4))));
    const words = (i, j) => data.states[statusAt(table, i, j)].words;
    if (rows.length * columns.length > MOST_LINES) {
      const of = matrix.by === "value" ? (i, j) => number(valueAt(table, i, j)) : words;
      const corner = `${table.measure} (${table.layers}): ${matrix.by === "value" ? "value" : "answer or status"}; zoom or filter to fewer pairs for intervals and p`;
      return [[corner, ...columns.map((j) => columnNames[j])], ...rows.map((i) => [rowNames[i], ...columns.map((j) => of(i, j))])];
    }
    const [inRows, inColumns] = [new Set(rows), new Set(columns)];
    const lines = [["row", "column", "measure", "layers", "value", "low", "high", "p", "answer or status"]];
    for (const i of rows) {
      for (const j of columns) {
        if (square && (i === j || (table.symmetric && i > j && inRows.has(j) && inColumns.has(i)))) continue;
        const at = place(table, i, j);
        const value = valueAt(table, i, j);
        const ends = table.low ? [value - table.low[at], value + table.high[at]] : [null, null];
        lines.push([rowNames[i], columnNames[j], table.measure, table.layers, number(value), ...ends.map(number), number(table.p && table.p[at]), words(i, j)]);
      }
    }
    return lines;
  },
});

// names beside their marks, to the right or to the left; none where it would lie on another
const besideMarks = (c, points, width) => {
  c.font = "10px x";
  const taken = points.map(([x, y]) => [x - 6, y - 6, x + 6, y + 6]);
  const free = (box) => box[0] >= 0 && box[2] <= width && taken.every((other) => box[2] <= other[0] || other[2] <= box[0] || box[3] <= other[1] || other[3] <= box[1]);
  const named = [];
  for (const [x, y, i] of points) {
    const words = cut(c, rowNames[i], 200);
    const long = c.measureText(words).width;
    const box = [x + 7, x - 7 - long].map((left) => [left, y - 6, left + long, y + 7]).find(free);
    if (box) { taken.push(box); named.push([words, box[0], box[1]]); }
  }
  return named;
};

plane.canvas && (plane.canvas.saved = {
  svg: () => {
    const width = 760;
    const c = new Drawing(width, 1);
    const y = headed(c, "Networks in two principal coordinates of their distances", plane.canvas.dataset.words, width - 2 * EDGE);
    const mark = (k) => (x, down) => { c.fillStyle = classColour(k); drawMark(c, x + 6, down + 6, 5, k); c.fill(); };
    const shared = data.classes.map((one, k) => [one, k]).filter(([one]) => one.size > 1);
    const entries = shared.slice(0, MOST_LOOKS).map(([one, k]) => [mark(k), 12, `class ${k + 1} (${one.size})`]);
    if (shared.length > MOST_LOOKS) entries.push([() => {}, 0, `and ${shared.length - MOST_LOOKS} more classes`]);
    if (plane.points.some(([, , i]) => size(i) < 2)) entries.push([mark(-1), 12, "alone or not sorted"]);
    const ring = (x, down) => { c.strokeStyle = css("--ink"); c.lineWidth = 1.2; c.beginPath(); c.arc(x + 6, down + 6, 6, 0, 2 * Math.PI); c.stroke(); };
    if (data.outliers.length) entries.push([ring, 12, "unusually far from the nearest"]);
    const top = keyed(c, entries, y, width - EDGE);
    const part = planePlaced(width, 532);
    c.save();
    c.translate(0, top);
    drawPlane(c, { ...part, near: null, shown: plane.shown });
    const named = part.points.length <= NAMED_POINTS ? besideMarks(c, part.points, width) : [];
    for (const [words, x, at] of named) c.fillText(written(c, words, 10, "--muted"), x, at);
    if (named.length < part.points.length) c.notes.push("A mark without words carries the name of its network, and the table (CSV) has them all.");
    c.restore();
    return ended(c, top + 542, width - 2 * EDGE);
  },
  csv: () => {
    const far = new Set(data.outliers);
    const places = rowNames.map((name, i) => [name, classWords(rowClass[i]), ...(data.plane[i] || ["", ""]).map(String), far.has(name) ? "yes" : "no"]);
    return [["network", "class", "first coordinate", "second coordinate", "unusually far"], ...places];
  },
});
