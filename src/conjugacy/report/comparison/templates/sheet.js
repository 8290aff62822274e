// what a figure that is drawn for a file has besides: title, legend, notes
const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const EDGE = 12;

const written = (c, words, size, colour, weight = "") => {
  c.font = `${weight}${size}px x`;
  c.fillStyle = css(colour);
  c.textAlign = "left";
  c.textBaseline = "top";
  return words;
};
const headed = (c, title, more, width) => {
  let y = c.wrapped(written(c, title, 15, "--ink", "600 "), EDGE, EDGE, width, 20);
  y = c.wrapped(written(c, more, 11, "--muted"), EDGE, y + 2, width, 15);
  c.root.prepend(svgElement("title", {}, title));
  return y + 8;
};
// entries side by side: [draw at (x, y), its width, words]
const keyed = (c, entries, y, width) => {
  let x = EDGE;
  for (const [draw, room, words] of entries) {
    c.font = "11px x";
    const needed = room + 6 + c.measureText(words).width + 18;
    if (x > EDGE && x + needed > width) { x = EDGE; y += 19; }
    draw(x, y);
    c.fillText(written(c, words, 11, "--ink"), x + room + 6, y);
    x += needed;
  }
  return entries.length ? y + 22 : y;
};
const ended = (c, y, width) => {
  const notes = [...c.notes, document.querySelector("meta[name=generator]").content];
  for (const note of notes) y = c.wrapped(written(c, note, 10, "--muted"), EDGE, y, width, 14);
  c.root.prepend(svgElement("desc", {}, notes.join(" ")));
  c.root.setAttribute("height", short(y + EDGE));
  c.root.setAttribute("viewBox", `0 0 ${c.root.getAttribute("width")} ${short(y + EDGE)}`);
  return c.root;
};

const boxed = (c, colour, x, y, width = 12) => {
  c.fillStyle = colour || c.hatched(css("--raised"), css("--line"));
  c.fillRect(x, y, width, 12);
  c.strokeStyle = css("--line");
  c.lineWidth = 0.8;
  c.strokeRect(x, y, width, 12);
};
// a scale of colours with its ends and its unit
const ramped = (c, colours, low, high, unit) => {
  const stop = 192 / colours.length;
  const draw = (x, y) => colours.forEach((colour, k) => { c.fillStyle = colour; c.fillRect(x + k * stop, y, stop + 0.3, 12); });
  return [[() => {}, 0, low], [draw, 192, high], [() => {}, 0, unit]];
};
