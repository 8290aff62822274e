// the matrix on its canvas: tree, strips of classes, cells, names; a second canvas over it holds what follows the pointer
const matrix = {
  canvas: byId("matrix-canvas"), over: byId("matrix-over"), table: null, by: "value", image: null,
  rows: rowNames.map((_, i) => i), columns: columnNames.map((_, j) => j), whole: true,
  left: 0, top: 0, width: 0, height: 0, x: 0, y: 0, sx: 1, sy: 1, least: [1, 1], cursor: null, pinned: null,
};
const FONT = 'system-ui, -apple-system, "Segoe UI", "DejaVu Sans", Verdana, sans-serif';
const STRIP = 13;
const LARGEST_CELL = 64;
const SMALLEST_NAME = 8;

// as much as the longest name needs, within reason
const namesRoom = (c, names, most) => {
  c.font = `11px ${FONT}`;
  let longest = data.classes.length ? c.measureText("class 000").width : 24;
  for (let k = 0; k < names.length && longest < most; k++) longest = Math.max(longest, c.measureText(names[k].slice(0, 200)).width);
  return Math.ceil(Math.min(longest, most));
};

const sized = (canvas, width, height) => {
  const dense = window.devicePixelRatio || 1;
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  canvas.width = Math.round(width * dense);
  canvas.height = Math.round(height * dense);
  const context = canvas.getContext("2d");
  context.setTransform(dense, 0, 0, dense, 0, 0);
  return context;
};

// what stands round the cells: names at most so long, a tree so high
const arranged = (m, [long, high], tall, c) => {
  m.left = namesRoom(c, rowNames, long) + STRIP + 14;
  m.top = (m.whole && data.tree.length ? tall : 4) + STRIP + 4;
  m.bottom = namesRoom(c, columnNames, high) + 14;
};

// room for everything, with the whole matrix in sight
const layOut = () => {
  const m = matrix;
  const width = Math.floor(m.canvas.parentElement.clientWidth);
  const narrow = width < 480;
  const [rows, columns] = [m.rows.length, m.columns.length];
  arranged(m, narrow ? [84, 84] : [170, 150], narrow ? 46 : 74, m.canvas.getContext("2d"));
  const most = width - m.left - 4;
  const tallest = Math.max(240, Math.min(most, 0.78 * window.innerHeight));
  let sx = Math.min(LARGEST_CELL, most / Math.max(columns, 1));
  let sy = Math.min(LARGEST_CELL, (square && rows === columns ? most : tallest) / Math.max(rows, 1));
  if (square && rows === columns) sx = sy = Math.min(sx, sy);
  // few columns beside many rows stay broad enough to be seen
  if (!square || rows !== columns) [sx, sy] = [Math.min(sx, Math.max(24, sy)), Math.min(sy, Math.max(24, sx))];
  m.width = sx * columns;
  m.height = sy * rows;
  m.least = [sx, sy];
  [m.x, m.y, m.sx, m.sy] = [0, 0, sx, sy];
  const height = m.top + m.height + m.bottom;
  m.context = sized(m.canvas, width, height);
  m.overContext = sized(m.over, width, height);
  m.full = [width, height];
};

const paint = () => {
  const m = matrix;
  const c = m.context;
  c.clearRect(0, 0, ...m.full);
  if (!m.table || !m.rows.length || !m.columns.length) return;
  drawMatrix(c, m);
  paintOver();
  tellView();
};

// on the screen, or into a file
const drawMatrix = (c, m) => {
  c.save();
  c.beginPath();
  c.rect(m.left, m.top, m.width, m.height);
  c.clip();
  c.fillStyle = c instanceof Drawing ? c.hatched(css("--raised"), css("--line")) : hatching(c);
  c.fillRect(m.left, m.top, m.width, m.height);
  c.imageSmoothingEnabled = m.sx < 1 || m.sy < 1;
  c.imageSmoothingQuality = "high";
  c.drawImage(m.image, m.left - m.x, m.top - m.y, m.sx * m.columns.length, m.sy * m.rows.length);
  paintNumbers(c, m);
  paintBounds(c, m);
  c.restore();
  paintStrips(c, m);
  paintNames(c, m);
  if (m.whole) paintTree(c, m);
};

// where the cells lie; the browser tests read it to point at one
const tellView = () => {
  const { left, top, width, height, x, y, sx, sy, rows, columns } = matrix;
  matrix.over.dataset.view = JSON.stringify({ left, top, width, height, x, y, sx, sy, rows: rows.length, columns: columns.length });
};

const hatching = (context) => {
  const tile = document.createElement("canvas");
  tile.width = tile.height = 6;
  const c = tile.getContext("2d");
  c.fillStyle = css("--raised");
  c.fillRect(0, 0, 6, 6);
  c.strokeStyle = css("--line");
  c.lineWidth = 1.5;
  for (const shift of [-6, 0, 6]) { c.beginPath(); c.moveTo(shift - 1, 7); c.lineTo(shift + 7, -1); c.stroke(); }
  return context.createPattern(tile, "repeat");
};

// the cells in sight, from and to, along one side
const inSight = (shift, step, room, n) => [Math.max(0, Math.floor(shift / step)), Math.min(n, Math.ceil((shift + room) / step))];

const paintNumbers = (c, m) => {
  const numbers = m.sx >= 34 && m.sy >= 18;
  if (!numbers && (m.by === "value" || Math.min(m.sx, m.sy) < 9)) return;
  const [i0, i1] = inSight(m.y, m.sy, m.height, m.rows.length);
  const [j0, j1] = inSight(m.x, m.sx, m.width, m.columns.length);
  c.font = `11px ${FONT}`;
  c.textAlign = "center";
  c.textBaseline = "middle";
  for (let i = i0; i < i1; i++) {
    for (let j = j0; j < j1; j++) {
      const value = valueAt(m.table, m.rows[i], m.columns[j]);
      const colour = cellColour(m.table, m.by, m.rows[i], m.columns[j]);
      if ((numbers && Number.isNaN(value)) || !colour || (square && m.rows[i] === m.columns[j])) continue;
      c.fillStyle = inkOn(colour);
      // colours of answers are alike in grey; their letters are not
      const letter = m.by === "value" ? "" : data.states[statusAt(m.table, m.rows[i], m.columns[j])].letter;
      const number = numbers ? digits(value) : "";
      c.fillText(letter && number ? `${letter} ${number}` : letter || number, m.left - m.x + (j + 0.5) * m.sx, m.top - m.y + (i + 0.5) * m.sy);
    }
  }
};

// runs of neighbours of one class: [first, after the last, class]
const runs = (indices, of) => {
  const found = [];
  indices.forEach((index, at) => {
    const last = found[found.length - 1];
    if (last && last[2] === of[index] && of[index] >= 0) last[1] = at + 1;
    else found.push([at, at + 1, of[index]]);
  });
  return found;
};

const paintBounds = (c, m) => {
  const rows = runs(m.rows, rowClass);
  const columns = runs(m.columns, columnClass);
  c.strokeStyle = css("--paper");
  c.lineWidth = 1;
  // thin lines between classes, where a block is wide enough to bear them
  c.beginPath();
  for (const [from, to] of rows) {
    if (from && (to - from) * m.sy >= 6) { const y = Math.round(m.top - m.y + from * m.sy) + 0.5; c.moveTo(m.left, y); c.lineTo(m.left + m.width, y); }
  }
  for (const [from, to] of columns) {
    if (from && (to - from) * m.sx >= 6) { const x = Math.round(m.left - m.x + from * m.sx) + 0.5; c.moveTo(x, m.top); c.lineTo(x, m.top + m.height); }
  }
  c.stroke();
  // and a frame round every class of several networks
  if (!square || rows.length !== columns.length) return;
  for (const [colour, line] of [[css("--paper"), 4], [css("--ink"), 2]]) {
    c.strokeStyle = colour;
    c.lineWidth = line;
    rows.forEach(([from, to, k], at) => {
      if (k < 0 || to - from < 2) return;
      c.strokeRect(m.left - m.x + columns[at][0] * m.sx, m.top - m.y + from * m.sy, (to - from) * m.sx, (to - from) * m.sy);
    });
  }
};

const paintStrips = (c, m) => {
  if (!data.classes.length) return;
  for (const [from, to, k] of runs(m.rows, rowClass)) strip(c, m, from, to, k, false);
  for (const [from, to, k] of runs(m.columns, columnClass)) strip(c, m, from, to, k, true);
};
const strip = (c, m, from, to, k, across) => {
  const [shift, step, start, room] = across ? [m.x, m.sx, m.left, m.width] : [m.y, m.sy, m.top, m.height];
  const low = Math.max(start, start - shift + from * step);
  const high = Math.min(start + room, start - shift + to * step);
  if (high <= low || k < 0) return;
  c.fillStyle = classColour(k);
  const gap = high - low > 3 ? 0.5 : 0;
  if (across) c.fillRect(low + gap, m.top - STRIP - 2, high - low - 2 * gap, STRIP);
  else c.fillRect(m.left - STRIP - 2, low + gap, STRIP, high - low - 2 * gap);
  if (high - low < 16 || data.classes[k].size < 2) return;
  c.fillStyle = inkOn(rgb(classColour(k)));
  c.font = `600 10px ${FONT}`;
  c.textAlign = "center";
  c.textBaseline = "middle";
  const at = (low + high) / 2;
  if (across) c.fillText(String(k + 1), at, m.top - STRIP / 2 - 2);
  else c.fillText(String(k + 1), m.left - STRIP / 2 - 2, at);
};

// names where the cells are high enough, else the numbers of the classes
const paintNames = (c, m) => {
  c.fillStyle = css("--ink");
  c.textBaseline = "middle";
  for (const [from, to, text, step] of labels(m.rows, rowNames, rowClass, m.sy)) {
    const y = middle(from, to, m.y, step, m.height);
    if (y === null) continue;
    c.font = `${nameSize(m.sy)}px ${FONT}`;
    c.textAlign = "right";
    c.fillText(cut(c, text, m.left - STRIP - 10), m.left - STRIP - 6, m.top + y);
  }
  for (const [from, to, text, step] of labels(m.columns, columnNames, columnClass, m.sx)) {
    const x = middle(from, to, m.x, step, m.width);
    if (x === null) continue;
    c.save();
    c.font = `${nameSize(m.sx)}px ${FONT}`;
    c.translate(m.left + x, m.top + m.height + 6);
    c.rotate(-Math.PI / 2);
    c.textAlign = "right";
    c.fillText(cut(c, text, m.bottom - 10), 0, 0);
    c.restore();
  }
};
const nameSize = (step) => (step >= SMALLEST_NAME ? Math.min(step, 11) : 11);
const labels = (indices, names, of, step) => {
  if (step >= SMALLEST_NAME) return indices.map((index, at) => [at, at + 1, names[index], step]);
  return runs(indices, of).filter(([from, to, k]) => k >= 0 && (to - from) * step >= 13).map(([from, to, k]) => [from, to, classWords(k), step]);
};
const middle = (from, to, shift, step, room) => {
  const low = Math.max(0, from * step - shift);
  const high = Math.min(room, to * step - shift);
  return high - low < Math.min(10, step * (to - from)) - 0.5 ? null : (low + high) / 2;
};

const paintTree = (c, m) => {
  if (!data.tree.length) return;
  const floor = m.top - STRIP - 5;
  const highest = Math.max(...data.tree.map((branch) => branch[4]), 1e-12);
  const tall = floor - 12;
  const x = (at) => m.left - m.x + (at + 0.5) * m.sx;
  const y = (height) => floor - (height / highest) * tall;
  c.save();
  c.beginPath();
  c.rect(m.left, 0, m.width, floor + 1);
  c.clip();
  c.strokeStyle = css("--muted");
  c.lineWidth = m.sx < 3 ? 0.6 : 1;
  c.beginPath();
  for (const [a, b, low, high, top] of data.tree) {
    c.moveTo(x(a), y(low)); c.lineTo(x(a), y(top)); c.lineTo(x(b), y(top)); c.lineTo(x(b), y(high));
  }
  c.stroke();
  c.restore();
  c.fillStyle = css("--muted");
  c.font = `10px ${FONT}`;
  c.textAlign = "right";
  c.textBaseline = "middle";
  c.fillText(`distance ${digits(highest)}`, m.left - 5, y(highest) + 1);
  c.fillText("0", m.left - 5, floor);
  c.strokeStyle = css("--line");
  c.lineWidth = 1;
  c.beginPath(); c.moveTo(m.left - 2, y(highest)); c.lineTo(m.left - 2, floor); c.stroke();
};

// the pair under the pointer and the pinned one
const paintOver = () => {
  const m = matrix;
  const c = m.overContext;
  c.clearRect(0, 0, ...m.full);
  for (const [cell, colour] of [[m.pinned, "--focus"], [m.cursor, "--ink"]]) {
    if (!cell) continue;
    const [i, j] = [m.rows.indexOf(cell[0]), m.columns.indexOf(cell[1])];
    if (i < 0 || j < 0) continue;
    const [x, y] = [m.left - m.x + j * m.sx, m.top - m.y + i * m.sy];
    const [w, h] = [Math.max(m.sx, 3), Math.max(m.sy, 3)];
    c.save();
    c.beginPath();
    c.rect(0, m.top - 2, m.left + m.width + 3, m.height + 4);
    c.rect(m.left - 2, 0, m.width + 4, m.full[1]);
    c.clip();
    c.fillStyle = css(colour);
    if (x >= m.left - m.sx && x <= m.left + m.width) c.fillRect(x, m.top - STRIP - 4, w, 2);
    if (y >= m.top - m.sy && y <= m.top + m.height) c.fillRect(m.left - STRIP - 4, y, 2, h);
    c.lineWidth = 6;
    c.strokeStyle = css("--paper");
    c.strokeRect(x - 1, y - 1, w + 2, h + 2);
    c.lineWidth = 3;
    c.strokeStyle = css(colour);
    c.strokeRect(x - 1, y - 1, w + 2, h + 2);
    c.restore();
  }
};
