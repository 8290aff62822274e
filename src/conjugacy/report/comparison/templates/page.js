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

  // any pair of layers, drawn from whole numbers that the page carries
  const choice = JSON.parse(byId("choice-data").textContent);
  if (layers && choice) {
    const svg = "http://www.w3.org/2000/svg";
    const points = (numbers) => Array.from({ length: numbers.length / 2 }, (_, i) => [numbers[2 * i], numbers[2 * i + 1]]);
    // the best turn of b onto a, with or without a mirror: both have a closed form in the plane
    const turned = (a, b) => {
      let [xx, xy, yx, yy] = [0, 0, 0, 0];
      a.forEach(([x, y], i) => {
        const [u, v] = b[i];
        xx += u * x; xy += u * y; yx += v * x; yy += v * y;
      });
      const plain = Math.hypot(xx + yy, xy - yx);
      const mirror = Math.hypot(xx - yy, xy + yx);
      const sign = plain >= mirror ? 1 : -1;
      const angle = Math.atan2(xy - sign * yx, xx + sign * yy);
      const [c, s] = [Math.cos(angle), Math.sin(angle)];
      return b.map(([u, v]) => [c * u - sign * s * v, s * u + sign * c * v]);
    };
    const draw = (plot, shown) => {
      plot.replaceChildren(...shown.map(([x, y], i) => {
        const round = choice.shapes[i] === "o";
        const point = document.createElementNS(svg, round ? "circle" : "path");
        if (round) {
          point.setAttribute("cx", x.toFixed(0));
          point.setAttribute("cy", (-y).toFixed(0));
          point.setAttribute("r", "11");
        } else {
          point.setAttribute("d", `M${x.toFixed(0)} ${(-y - 13).toFixed(0)}l13 24h-26z`);
        }
        point.setAttribute("class", "point");
        point.setAttribute("fill", choice.colours[i]);
        point.dataset.at = i;
        return point;
      }));
    };
    const plots = [byId("choice-plot-a"), byId("choice-plot-b")];
    const names = JSON.parse(byId("plane-rows").textContent);
    const told = byId("choice-readout");
    const link = (event, on) => {
      const at = event.target.dataset && event.target.dataset.at;
      if (at === undefined) return;
      for (const plot of plots) plot.children[at].classList.toggle("same", on);
      const [name, colour] = names[choice.rows[at]];
      told.textContent = on ? `stimulus ${name}; ${byId("plane-readout").dataset.label}: ${colour}` : "\u00a0";
    };
    byId("choice").addEventListener("pointerover", (event) => link(event, true));
    byId("choice").addEventListener("pointerout", (event) => link(event, false));
    let marked = null;
    const choose = (cell) => {
      const [i, j] = [Number(cell.dataset.a), Number(cell.dataset.b)];
      const a = points(choice.a[i]);
      draw(plots[0], a);
      draw(plots[1], turned(a, points(choice.b[j])));
      plots[0].setAttribute("aria-label", `${a.length} stimuli in two principal coordinates of layer ${choice.layersA[i]} of A`);
      plots[1].setAttribute("aria-label", `the same stimuli in two principal coordinates of layer ${choice.layersB[j]} of B`);
      byId("choice-a").textContent = byId("choice-a").title = choice.layersA[i];
      byId("choice-b").textContent = byId("choice-b").title = choice.layersB[j];
      byId("choice-title").textContent = `Chosen: ${choice.layersA[i]} of A and ${choice.layersB[j]} of B, ${byId("layers-readout").dataset.label} ${cell.dataset.value}.`;
      if (marked) marked.classList.remove("chosen-pair");
      cell.classList.add("chosen-pair");
      marked = cell;
      byId("choice").hidden = false;
    };
    layers.addEventListener("click", (event) => {
      const cell = event.target.closest("td[data-a]");
      if (cell) choose(cell);
    });
    layers.addEventListener("keydown", (event) => {
      const cell = event.target.closest("td[data-a]");
      if (!cell || (event.key !== "Enter" && event.key !== " ")) return;
      event.preventDefault();
      choose(cell);
    });
    const first = layers.querySelector("td.compared") || layers.querySelector("td[data-a]");
    if (first) choose(first);
  }

  for (const button of document.querySelectorAll("button.copy")) {
    if (!navigator.clipboard) continue;
    button.hidden = false;
    button.addEventListener("click", () => {
      navigator.clipboard.writeText(byId(button.dataset.copy).textContent).then(() => { button.textContent = "Copied"; });
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
