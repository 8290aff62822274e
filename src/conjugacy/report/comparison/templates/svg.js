// a context like that of a canvas, which keeps what is drawn as SVG: one painter serves the screen and the file
const SVG = "http://www.w3.org/2000/svg";
const FILE_FONT = '"DejaVu Sans", Verdana, sans-serif';
const MOST_RUNS = 400000; // rectangles that editors still open; beyond, cells are an image of one pixel each

// of a document that shows nothing: what the page's policy forbids to load is only written down here
const drawings = document.implementation.createDocument(SVG, "svg");
const svgElement = (name, attributes, text) => {
  const made = drawings.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  return made;
};
const short = (x) => String(Number(x.toFixed(2)));

// six digits and an opacity, which every reader of SVG understands
const ruler = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
const solid = (colour) => {
  ruler.fillStyle = "#000";
  ruler.fillStyle = colour;
  const found = ruler.fillStyle.match(/^rgba\((\d+), (\d+), (\d+), ([\d.]+)\)$/);
  if (!found) return [ruler.fillStyle, 1];
  return [`#${found.slice(1, 4).map((c) => Number(c).toString(16).padStart(2, "0")).join("")}`, Number(found[4])];
};

const STATE = ["fillStyle", "strokeStyle", "lineWidth", "font", "textAlign", "textBaseline", "globalAlpha"];
const BASELINES = { middle: 0.36, top: 0.85 }; // by hand: few editors know dominant-baseline

class Drawing {
  constructor(width, height) {
    this.root = svgElement("svg", { viewBox: `0 0 ${short(width)} ${short(height)}`, width: short(width), height: short(height) });
    this.defs = svgElement("defs", {});
    this.root.append(this.defs);
    this.at = this.root;
    this.stack = [];
    this.path = "";
    this.notes = [];
    this.tip = null; // what the next shape is called
    Object.assign(this, { fillStyle: "#000", strokeStyle: "#000", lineWidth: 1, font: "10px x", textAlign: "left", textBaseline: "alphabetic", globalAlpha: 1 });
  }

  add(name, attributes, text) {
    const made = svgElement(name, attributes, text);
    if (this.tip !== null) made.append(svgElement("title", {}, this.tip));
    this.tip = null;
    this.at.append(made);
    return made;
  }
  paintOf(kind) {
    const style = this[`${kind}Style`];
    const [colour, opacity] = style.startsWith("url(") ? [style, 1] : solid(style);
    const seen = opacity * this.globalAlpha;
    return { [kind]: colour, ...(seen < 1 ? { [`${kind}-opacity`]: short(seen) } : {}) };
  }
  strokeOf() { return { fill: "none", ...this.paintOf("stroke"), "stroke-width": short(this.lineWidth) }; }

  save() { this.stack.push([this.at, Object.fromEntries(STATE.map((key) => [key, this[key]]))]); }
  restore() {
    const [at, state] = this.stack.pop();
    this.at = at;
    Object.assign(this, state);
  }
  within(attributes) { this.at = this.add("g", attributes); }
  translate(x, y) { this.within({ transform: `translate(${short(x)} ${short(y)})` }); }
  rotate(angle) { this.within({ transform: `rotate(${short((180 * angle) / Math.PI)})` }); }
  clip() {
    const id = `clip-${this.defs.childElementCount}`;
    const clip = svgElement("clipPath", { id });
    clip.append(svgElement("path", { d: this.path }));
    this.defs.append(clip);
    this.within({ "clip-path": `url(#${id})` });
  }
  hatched(ground, line) {
    const tile = svgElement("pattern", { id: "hatching", width: 6, height: 6, patternUnits: "userSpaceOnUse" });
    tile.append(svgElement("path", { d: "M0 0h6v6h-6z", fill: solid(ground)[0] }), svgElement("path", { d: "M-1 7L7-1M-1 1L1-1M5 7L7 5", stroke: solid(line)[0], "stroke-width": 1.5 }));
    if (!this.defs.querySelector("#hatching")) this.defs.append(tile);
    return "url(#hatching)";
  }

  beginPath() { this.path = ""; }
  closePath() { this.path += "Z"; }
  moveTo(x, y) { this.path += `M${short(x)} ${short(y)}`; }
  lineTo(x, y) { this.path += `L${short(x)} ${short(y)}`; }
  rect(x, y, w, h) { this.path += `M${short(x)} ${short(y)}h${short(w)}v${short(h)}h${short(-w)}Z`; }
  // whole circles: nothing else is drawn here
  arc(x, y, r) { this.path += `M${short(x + r)} ${short(y)}A${short(r)} ${short(r)} 0 1 1 ${short(x - r)} ${short(y)}A${short(r)} ${short(r)} 0 1 1 ${short(x + r)} ${short(y)}Z`; }
  fill() { this.add("path", { d: this.path, ...this.paintOf("fill") }); }
  stroke() { if (this.path) this.add("path", { d: this.path, ...this.strokeOf() }); }
  fillRect(x, y, width, height) { this.add("rect", { x: short(x), y: short(y), width: short(width), height: short(height), ...this.paintOf("fill") }); }
  strokeRect(x, y, width, height) { this.add("rect", { x: short(x), y: short(y), width: short(width), height: short(height), ...this.strokeOf() }); }

  fontOf() {
    const [, weight, size] = this.font.match(/^(?:(\d+) )?([\d.]+)px/);
    return [weight || "400", Number(size)];
  }
  measureText(text) {
    const [weight, size] = this.fontOf();
    ruler.font = `${weight} ${size}px ${FILE_FONT}`;
    return ruler.measureText(text);
  }
  fillText(text, x, y) {
    const [weight, size] = this.fontOf();
    const anchor = { center: "middle", right: "end" }[this.textAlign];
    const down = size * (BASELINES[this.textBaseline] || 0);
    this.add("text", { x: short(x), y: short(y + down), "font-size": short(size), ...(weight === "400" ? {} : { "font-weight": weight }), ...(anchor ? { "text-anchor": anchor } : {}), ...this.paintOf("fill") }, text);
  }

  // one pixel per cell: neighbours of one colour in a row are one rectangle
  drawImage(image, x, y, w, h) {
    const { width, height } = image;
    const pixels = new Uint32Array(image.getContext("2d").getImageData(0, 0, width, height).data.buffer);
    const runs = new Map();
    let count = 0;
    for (let i = 0; i < height && count <= MOST_RUNS; i++) {
      for (let j = 0; j < width;) {
        const start = j;
        const colour = pixels[i * width + j];
        while (j < width && pixels[i * width + j] === colour) j += 1;
        if (!(colour >>> 24)) continue;
        count += 1;
        if (!runs.has(colour)) runs.set(colour, []);
        runs.get(colour).push(`M${start} ${i}h${j - start}v1h${start - j}z`);
      }
    }
    if (count > MOST_RUNS) {
      this.add("image", { href: image.toDataURL(), x: short(x), y: short(y), width: short(w), height: short(h), preserveAspectRatio: "none", style: "image-rendering:pixelated" });
      this.notes.push("The cells are an image of one pixel each, as there are too many for shapes; none is left out.");
      return;
    }
    const cells = this.add("g", { transform: `translate(${short(x)} ${short(y)}) scale(${w / width} ${h / height})`, "shape-rendering": "crispEdges" });
    for (const [colour, parts] of runs) {
      const [r, g, b] = [colour & 255, (colour >> 8) & 255, (colour >> 16) & 255];
      cells.append(svgElement("path", { d: parts.join(""), fill: `#${[r, g, b].map((c) => c.toString(16).padStart(2, "0")).join("")}` }));
    }
  }

  // words over several lines; returns where the next line begins
  wrapped(text, x, y, width, line) {
    let now = "";
    for (const word of text.split(" ")) {
      const longer = now ? `${now} ${word}` : word;
      if (now && this.measureText(longer).width > width) { this.fillText(now, x, y); y += line; now = word; } else now = longer;
    }
    this.fillText(now, x, y);
    return y + line;
  }
}
