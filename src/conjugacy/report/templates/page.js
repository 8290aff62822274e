"use strict";
(() => {
  const byId = (id) => document.getElementById(id);

  // a point and the same stimulus in the other panel
  const plane = byId("plane");
  if (plane) {
    const rows = JSON.parse(byId("plane-rows").textContent);
    const readout = byId("plane-readout");
    const points = new Map();
    for (const point of plane.querySelectorAll("[data-row]")) {
      const own = points.get(point.dataset.row) || [];
      own.push(point);
      points.set(point.dataset.row, own);
    }
    const mark = (row, on) => (points.get(row) || []).forEach((point) => point.classList.toggle("same", on));
    plane.addEventListener("pointerover", (event) => {
      const row = event.target.dataset && event.target.dataset.row;
      if (row === undefined) return;
      mark(row, true);
      const [name, colour] = rows[Number(row)];
      readout.textContent = `stimulus ${name}; ${readout.dataset.label}: ${colour}`;
    });
    plane.addEventListener("pointerout", (event) => {
      const row = event.target.dataset && event.target.dataset.row;
      if (row === undefined) return;
      mark(row, false);
      readout.textContent = "\u00a0";
    });
  }

  // the layer map: one tab stop, then arrow keys
  const layers = byId("layers");
  if (layers) {
    const readout = byId("layers-readout");
    const table = layers.querySelector("table.map");
    const columns = [...table.tHead.rows[0].cells].map((cell) => cell.title);
    const read = (cell) => {
      const row = cell.parentElement.cells[0].title;
      readout.textContent = `A ${row}, B ${columns[cell.cellIndex]}: ${readout.dataset.label} ${cell.dataset.value}`;
    };
    const cellOf = (target) => target.closest && target.closest("td[data-value]");
    table.addEventListener("pointerover", (event) => {
      const cell = cellOf(event.target);
      if (cell) read(cell);
    });
    table.addEventListener("focusin", (event) => {
      const cell = cellOf(event.target);
      if (cell) read(cell);
    });
    const steps = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
    table.addEventListener("keydown", (event) => {
      const cell = cellOf(event.target);
      const step = steps[event.key];
      if (!cell || !step) return;
      const row = table.tBodies[0].rows[cell.parentElement.sectionRowIndex + step[0]];
      const next = row && row.cells[cell.cellIndex + step[1]];
      event.preventDefault();
      if (!next || next.tagName !== "TD") return;
      cell.tabIndex = -1;
      next.tabIndex = 0;
      next.focus();
    });
  }

  const download = byId("download");
  download.hidden = false;
  download.addEventListener("click", () => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([byId("record").textContent], { type: "application/json" }));
    link.download = "comparison.json";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  });

  // folded parts are printed, too
  addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((part) => { part.open = true; }));
})();
