// the networks as points in two principal coordinates of their distances
const plane = { canvas: byId("plane-canvas"), points: [], near: null, shown: null };

const planeLayOut = () => {
  const width = Math.floor(plane.canvas.parentElement.clientWidth);
  const height = Math.round(Math.min(460, Math.max(260, 0.7 * width)));
  plane.context = sized(plane.canvas, width, height);
  Object.assign(plane, planePlaced(width, height));
};

// where the marks lie in so much room
const planePlaced = (width, height) => {
  const placed = data.plane.map((p, i) => [p, i]).filter(([p]) => p);
  const ends = [0, 1].map((k) => placed.reduce(([low, high], [p]) => [Math.min(low, p[k]), Math.max(high, p[k])], [Infinity, -Infinity]));
  const room = [width - 80, height - 66];
  const spans = ends.map(([low, high]) => Math.max(high - low, 1e-12));
  // one scale for both, or distances would lie
  let scaled = Math.min(room[0] / spans[0], room[1] / spans[1]);
  if (!Number.isFinite(scaled) || scaled > 1e11) scaled = 1;
  const centre = ends.map(([low, high]) => (low + high) / 2);
  const points = placed.map(([p, i]) => [40 + room[0] / 2 + (p[0] - centre[0]) * scaled, 20 + room[1] / 2 - (p[1] - centre[1]) * scaled, i]);
  // networks on their own lie under the classes
  points.sort((a, b) => size(a[2]) - size(b[2]));
  return { full: [width, height], scale: scaled, points };
};
const size = (i) => (rowClass[i] < 0 ? 0 : data.classes[rowClass[i]].size);

const planePaint = () => {
  plane.context.clearRect(0, 0, ...plane.full);
  drawPlane(plane.context, plane);
};

// on the screen, or into a file
const drawPlane = (c, { full: [width, height], scale: scaled, points, near, shown }) => {
  const r = points.length > 300 ? 3.2 : 5;
  const far = new Set(data.outliers);
  for (const [x, y, i] of points) {
    const faint = shown && !shown.has(i);
    c.tip = rowNames[i];
    c.globalAlpha = faint ? 0.12 : 0.9;
    c.fillStyle = classColour(rowClass[i]);
    drawMark(c, x, y, r, rowClass[i]);
    c.fill();
    c.lineWidth = 0.6;
    c.strokeStyle = css("--edge");
    c.stroke();
    if (far.has(rowNames[i])) {
      c.strokeStyle = css("--ink");
      c.lineWidth = 1.2;
      c.beginPath(); c.arc(x, y, r + 4, 0, 2 * Math.PI); c.stroke();
    }
  }
  c.globalAlpha = 1;
  if (near !== null) {
    const [x, y] = points[near];
    c.strokeStyle = css("--ink");
    c.lineWidth = 2.5;
    c.beginPath(); c.arc(x, y, r + 2.5, 0, 2 * Math.PI); c.stroke();
  }
  planeAxes(c, width, height, points.length > 1 ? scaled : null);
};

const planeAxes = (c, width, height, scaled) => {
  c.strokeStyle = c.fillStyle = css("--muted");
  c.lineWidth = 1.5;
  c.font = `11px ${FONT}`;
  c.textAlign = "left";
  c.textBaseline = "top";
  if (scaled !== null) {
    // a bar as long as a round distance
    const rough = 110 / scaled;
    const ten = 10 ** Math.floor(Math.log10(rough));
    const length = [5, 2, 1].map((k) => k * ten).find((k) => k <= rough) || ten;
    c.beginPath(); c.moveTo(14, height - 22); c.lineTo(14 + length * scaled, height - 22); c.stroke();
    c.fillText(`distance ${digits(length)}`, 14, height - 17);
  }
  c.textAlign = "right";
  c.fillText("first coordinate →", width - 8, height - 17);
  c.save(); c.translate(4, 8); c.rotate(-Math.PI / 2);
  c.fillText("second coordinate →", 0, 0);
  c.restore();
};

const planeTell = (at) => {
  plane.near = at;
  planePaint();
  const readout = byId("plane-readout");
  if (at === null) { readout.textContent = "\u00a0"; return; }
  const i = plane.points[at][2];
  const far = data.outliers.includes(rowNames[i]) ? "; unusually far from its nearest" : "";
  readout.textContent = `${rowNames[i]}; ${classWords(rowClass[i])}${far}`;
};

const startPlane = () => {
  if (!plane.canvas) return;
  planeLayOut();
  planePaint();
  plane.canvas.addEventListener("pointermove", (event) => {
    const box = plane.canvas.getBoundingClientRect();
    const [px, py] = [event.clientX - box.left, event.clientY - box.top];
    let [best, least] = [null, 16];
    plane.points.forEach(([x, y], at) => {
      const gap = Math.hypot(x - px, y - py);
      if (gap <= least) [best, least] = [at, gap];
    });
    if (best !== plane.near) planeTell(best);
  });
  plane.canvas.addEventListener("pointerleave", () => planeTell(null));
  // with the keyboard, from left to right
  plane.canvas.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!step || !plane.points.length) return;
    event.preventDefault();
    const sorted = plane.points.map((_, at) => at).sort((a, b) => plane.points[a][0] - plane.points[b][0]);
    const now = plane.near === null ? (step > 0 ? -1 : sorted.length) : sorted.indexOf(plane.near);
    planeTell(sorted[Math.min(Math.max(now + step, 0), sorted.length - 1)]);
  });
};
