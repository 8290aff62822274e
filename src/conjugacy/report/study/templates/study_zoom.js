// moving about in the matrix: wheel, two fingers, a dragged box, keys, buttons
const zoomed = () => matrix.sx > matrix.least[0] * 1.001;

const settle = () => {
  const m = matrix;
  const most = (least, room) => Math.max(least, Math.min(LARGEST_CELL, room));
  m.sx = Math.min(Math.max(m.sx, m.least[0]), most(m.least[0], m.width));
  m.sy = Math.min(Math.max(m.sy, m.least[1]), most(m.least[1], m.height));
  m.x = Math.min(Math.max(0, m.x), m.sx * m.columns.length - m.width);
  m.y = Math.min(Math.max(0, m.y), m.sy * m.rows.length - m.height);
  m.over.style.touchAction = zoomed() ? "none" : "pan-x pan-y";
  byId("zoom-whole").disabled = !zoomed();
  requestPaint();
};

let waiting = false;
const requestPaint = () => {
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(() => { waiting = false; paint(); });
};

// by a factor, about a point of the canvas
const zoomBy = (factor, px = matrix.left + matrix.width / 2, py = matrix.top + matrix.height / 2) => {
  const m = matrix;
  const [u, v] = [px - m.left, py - m.top];
  const [sx, sy] = [m.sx, m.sy];
  const limit = Math.max(LARGEST_CELL / sx, LARGEST_CELL / sy, 1);
  const by = Math.min(factor, limit);
  m.sx = Math.max(sx * by, m.least[0]);
  m.sy = Math.max(sy * by, m.least[1]);
  m.x = (m.x + u) * (m.sx / sx) - u;
  m.y = (m.y + v) * (m.sy / sy) - v;
  settle();
};
const zoomWhole = () => { [matrix.sx, matrix.sy] = matrix.least; settle(); };
const zoomTo = (x0, y0, x1, y1) => {
  const m = matrix;
  const factor = Math.min(m.width / Math.max(Math.abs(x1 - x0), 4), m.height / Math.max(Math.abs(y1 - y0), 4));
  const [sx, sy] = [m.sx, m.sy];
  m.sx = Math.min(sx * factor, Math.max(LARGEST_CELL, sx));
  m.sy = Math.min(sy * factor, Math.max(LARGEST_CELL, sy));
  m.x = (m.x + (x0 + x1) / 2 - m.left) * (m.sx / sx) - m.width / 2;
  m.y = (m.y + (y0 + y1) / 2 - m.top) * (m.sy / sy) - m.height / 2;
  settle();
};

const spot = (event) => {
  const box = matrix.over.getBoundingClientRect();
  return [event.clientX - box.left, event.clientY - box.top];
};
const cellUnder = ([px, py]) => {
  const m = matrix;
  if (px < m.left || py < m.top || px >= m.left + m.width || py >= m.top + m.height) return null;
  const [i, j] = [Math.floor((py - m.top + m.y) / m.sy), Math.floor((px - m.left + m.x) / m.sx)];
  return i < m.rows.length && j < m.columns.length ? [m.rows[i], m.columns[j]] : null;
};

const moveCursor = (cell) => {
  matrix.cursor = cell;
  paintOver();
  showReadout(cell);
};

const drawBox = ([x0, y0], [x1, y1]) => {
  paintOver();
  const c = matrix.overContext;
  c.strokeStyle = css("--focus");
  c.lineWidth = 2;
  c.setLineDash([5, 3]);
  c.strokeRect(Math.min(x0, x1), Math.min(y0, y1), Math.abs(x1 - x0), Math.abs(y1 - y0));
  c.setLineDash([]);
};

const followPointer = () => {
  const over = matrix.over;
  const down = new Map();
  let start = null;
  let moved = false;
  over.addEventListener("pointerdown", (event) => {
    over.setPointerCapture(event.pointerId);
    down.set(event.pointerId, spot(event));
    start = down.size === 1 ? { at: spot(event), x: matrix.x, y: matrix.y } : null;
    moved = down.size > 1;
  });
  over.addEventListener("pointermove", (event) => {
    const now = spot(event);
    if (!down.has(event.pointerId)) { moveCursor(cellUnder(now)); return; }
    const before = [...down.values()];
    down.set(event.pointerId, now);
    if (down.size === 2) {
      const [a, b] = before;
      const [c, d] = [...down.values()];
      zoomBy(Math.hypot(c[0] - d[0], c[1] - d[1]) / Math.max(Math.hypot(a[0] - b[0], a[1] - b[1]), 1), (c[0] + d[0]) / 2, (c[1] + d[1]) / 2);
      return;
    }
    if (!start) return;
    const [dx, dy] = [now[0] - start.at[0], now[1] - start.at[1]];
    if (Math.hypot(dx, dy) > 5) moved = true;
    if (!moved) return;
    if (zoomed() && !event.shiftKey) { matrix.x = start.x - dx; matrix.y = start.y - dy; settle(); } else drawBox(start.at, now);
  });
  const up = (event) => {
    const now = spot(event);
    const alone = down.delete(event.pointerId) && !down.size;
    if (alone && start && event.type === "pointerup") {
      if (!moved) { moveCursor(cellUnder(now)); if (matrix.cursor) pin(matrix.cursor); }
      else if ((!zoomed() || event.shiftKey) && Math.abs(now[0] - start.at[0]) > 8 && Math.abs(now[1] - start.at[1]) > 8) zoomTo(...start.at, ...now);
      else paintOver();
    }
    if (alone) start = null;
  };
  over.addEventListener("pointerup", up);
  over.addEventListener("pointercancel", up);
  over.addEventListener("pointerleave", () => { if (!down.size) moveCursor(null); });
  // the wheel scrolls the page until the matrix was clicked, or with Ctrl, as two fingers on a pad send it
  over.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !event.metaKey && document.activeElement !== over) return;
    event.preventDefault();
    zoomBy(Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : 0.002)), ...spot(event));
  }, { passive: false });
};

const followKeys = () => {
  const steps = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
  matrix.over.addEventListener("keydown", (event) => {
    const m = matrix;
    if (!m.rows.length || !m.columns.length || event.ctrlKey || event.metaKey || event.altKey) return;
    const step = steps[event.key];
    if (step) {
      const [i, j] = m.cursor ? [m.rows.indexOf(m.cursor[0]), m.columns.indexOf(m.cursor[1])] : [0, -step[1]];
      const to = [Math.min(Math.max(i + step[0], 0), m.rows.length - 1), Math.min(Math.max(j + step[1], 0), m.columns.length - 1)];
      bringIntoSight(...to);
      moveCursor([m.rows[to[0]], m.columns[to[1]]]);
    } else if (event.key === "Enter" || event.key === " ") {
      if (m.cursor) pin(m.cursor);
    } else if (event.key === "+" || event.key === "=") zoomBy(1.5);
    else if (event.key === "-") zoomBy(1 / 1.5);
    else if (event.key === "0" || event.key === "Escape") zoomWhole();
    else return;
    event.preventDefault();
  });
  byId("zoom-in").addEventListener("click", () => zoomBy(1.6));
  byId("zoom-out").addEventListener("click", () => zoomBy(1 / 1.6));
  byId("zoom-whole").addEventListener("click", zoomWhole);
};
const bringIntoSight = (i, j) => {
  const m = matrix;
  m.x = Math.min(m.x, j * m.sx);
  m.x = Math.max(m.x, (j + 1) * m.sx - m.width);
  m.y = Math.min(m.y, i * m.sy);
  m.y = Math.max(m.y, (i + 1) * m.sy - m.height);
  settle();
};
