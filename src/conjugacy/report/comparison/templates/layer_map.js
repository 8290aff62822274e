// the layer map as a file of its own
(() => {
  const table = document.querySelector("#layers table.map");
  if (!table) return;
  const CELL = 30;
  const named = (cell) => cell.title;
  table.saved = { svg: () => {
    const rows = [...table.tBodies[0].rows];
    const columns = [...table.tHead.rows[0].cells].slice(1).map(named);
    const names = rows.map((row) => named(row.cells[0]));
    const probe = new Drawing(1, 1);
    probe.font = "11px x";
    const room = (words) => Math.ceil(Math.max(20, ...words.map((name) => probe.measureText(name).width))) + 8;
    const [left, below] = [EDGE + room(names), room(columns)];
    const width = Math.max(left + CELL * columns.length + EDGE, 460);
    const c = new Drawing(width, 1);
    const figure = table.closest("figure");
    const [A, B] = [...document.querySelectorAll(".networks dd")].map((name) => name.textContent);
    const label = document.getElementById("layers-readout").dataset.label;
    const key = figure.querySelector(".legend .scale");
    const [low, high] = [...key.querySelectorAll("span")].map((end) => end.textContent);
    const y = headed(c, `Layers of A (rows) and B (columns): ${label}`, `A: ${A}; B: ${B}`, width - 2 * EDGE);
    const outline = (x, at) => { c.strokeStyle = css("--ink"); c.lineWidth = 2.5; c.strokeRect(x + 1, at + 1, 10, 10); };
    const dot = (x, at) => { c.fillStyle = css("--ink"); c.beginPath(); c.arc(x + 6, at + 6, 3); c.fill(); };
    const entries = ramped(c, [...key.querySelectorAll("rect")].map((stop) => stop.getAttribute("fill")), low, high, "no unit");
    if (table.querySelector("td.compared")) entries.push([outline, 12, "the pair that was compared"]);
    if (table.querySelector("td.path")) entries.push([dot, 12, "the best path"]);
    const top = keyed(c, entries, y, width - EDGE);
    rows.forEach((row, i) => {
      [...row.cells].slice(1).forEach((cell, j) => {
        const [x, at] = [left + CELL * j, top + CELL * i];
        c.fillStyle = cell.style.background ? cell.style.backgroundColor : c.hatched(css("--raised"), css("--line"));
        c.fillRect(x, at, CELL - 1, CELL - 1);
        c.fillStyle = cell.style.color || css("--ink");
        const mark = c.fillStyle;
        c.font = "10px x";
        c.textAlign = "center";
        c.textBaseline = "middle";
        c.fillText(cell.textContent.trim(), x + CELL / 2, at + CELL / 2 - (cell.matches(".path") ? 3 : 0));
        if (cell.matches(".path")) { c.fillStyle = mark; c.beginPath(); c.arc(x + CELL / 2, at + CELL - 7, 2.6); c.fill(); }
      });
      written(c, "", 11, "--ink");
      c.textAlign = "right";
      c.textBaseline = "middle";
      c.fillText(names[i], left - 6, top + CELL * (i + 0.5));
    });
    const end = top + CELL * rows.length;
    columns.forEach((name, j) => {
      c.save();
      written(c, "", 11, "--ink");
      c.translate(left + CELL * (j + 0.5), end + 6);
      c.rotate(-Math.PI / 2);
      c.textAlign = "right";
      c.textBaseline = "middle";
      c.fillText(name, 0, 0);
      c.restore();
    });
    for (const cell of table.querySelectorAll("td.compared")) {
      const [i, j] = [cell.parentElement.sectionRowIndex, cell.cellIndex - 1];
      c.strokeStyle = css("--ink");
      c.lineWidth = 3;
      c.strokeRect(left + CELL * j - 1, top + CELL * i - 1, CELL + 1, CELL + 1);
    }
    return ended(c, end + below + 8, width - 2 * EDGE);
  } };
})();
