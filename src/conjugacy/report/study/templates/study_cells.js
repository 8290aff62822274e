// colours of cells, marks of classes, and names cut to fit
const rgb = (colour) => [1, 3, 5].map((k) => parseInt(solid(colour)[0].slice(k, k + 2), 16)); // short ones, too: paper has #ccc
const scale = data.scale.map(rgb);
const stateColours = data.states.map((state) => (state.colour ? rgb(state.colour) : null));

const valueColour = (table, value) => {
  if (Number.isNaN(value)) return null;
  const along = table.logarithmic ? Math.log : Number;
  const x = (along(value) - along(table.low_end)) / (along(table.high_end) - along(table.low_end));
  return scale[Math.round(Math.min(1, Math.max(0, x)) * (scale.length - 1))];
};
const cellColour = (table, by, i, j) => {
  if (by === "status") return stateColours[statusAt(table, i, j)];
  return valueColour(table, valueAt(table, i, j));
};
const inkOn = ([r, g, b]) => {
  const linear = [r, g, b].map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
  const light = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
  return (light + 0.05) / 0.05 > 1.05 / (light + 0.05) ? "#000" : "#fff";
};

// one pixel per cell; what has no colour stays empty, and the hatching behind it shows
const cellImage = (table, by, rows, columns) => {
  const image = document.createElement("canvas");
  image.width = columns.length;
  image.height = rows.length;
  const context = image.getContext("2d");
  const pixels = context.createImageData(image.width, image.height);
  let at = 0;
  const itself = rgb(css("--grid"));
  for (const i of rows) {
    for (const j of columns) {
      const colour = cellColour(table, by, i, j) || (square && i === j ? itself : null);
      if (colour) {
        pixels.data[at] = colour[0];
        pixels.data[at + 1] = colour[1];
        pixels.data[at + 2] = colour[2];
        pixels.data[at + 3] = 255;
      }
      at += 4;
    }
  }
  context.putImageData(pixels, 0, 0);
  return image;
};

const classColour = (k) => (k < 0 || !data.classes[k].colour ? css("--muted") : data.classes[k].colour);
// a mark of the class: shapes change where the colours have run out
const drawMark = (context, x, y, r, k) => {
  const shape = k < 0 ? "circle" : data.classes[k].shape;
  context.beginPath();
  if (shape === "circle") context.arc(x, y, r, 0, 2 * Math.PI);
  if (shape === "square") context.rect(x - 0.9 * r, y - 0.9 * r, 1.8 * r, 1.8 * r);
  if (shape === "triangle") { context.moveTo(x, y - 1.2 * r); context.lineTo(x + 1.15 * r, y + 0.9 * r); context.lineTo(x - 1.15 * r, y + 0.9 * r); }
  if (shape === "diamond") { context.moveTo(x, y - 1.35 * r); context.lineTo(x + 1.2 * r, y); context.lineTo(x, y + 1.35 * r); context.lineTo(x - 1.2 * r, y); }
  context.closePath();
};

// names tend to differ at the end, so the middle goes
const cut = (context, name, width) => {
  const signs = [...name.replace(/\s+/g, " ")];
  if (context.measureText(signs.slice(0, 400).join("")).width <= width && signs.length <= 400) return signs.join("");
  let keep = Math.min(signs.length, 120);
  let text = "";
  do {
    keep -= 1;
    const head = Math.ceil(keep / 3);
    text = `${signs.slice(0, head).join("")}…${signs.slice(signs.length - (keep - head)).join("")}`;
  } while (keep > 2 && context.measureText(text).width > width);
  return text;
};
