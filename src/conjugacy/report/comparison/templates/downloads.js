// every figure as SVG and every table as CSV, by a button under each; a canvas says itself what its files hold
(() => {
  const save = (blob, name) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  };

  // what a table shows, else where it stands; no name twice
  const taken = new Map();
  const nameOf = (element, ending) => {
    const label = element.matches("table") ? element.closest(".scroll").getAttribute("aria-label") : "";
    const named = element.closest("section[id], figure[id]");
    const near = element.closest("section, article, .card");
    const heading = near && near.querySelector("h2, h3");
    const words = label || (element.matches(".chosen") ? element.id : named ? named.id : heading ? heading.textContent : "");
    const plain = words.toLowerCase().replace(/[^a-z0-9]+/g, "-").slice(0, 60).replace(/^-|-$/g, "") || "conjugacy";
    const count = (taken.get(plain + ending) || 0) + 1;
    taken.set(plain + ending, count);
    return `${plain}${count > 1 ? `-${count}` : ""}${ending}`;
  };
  const paper = (style) => style.getPropertyValue("--paper").trim();
  const legal = (text) => text.replace(/[^\t\n\r -\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, "\uFFFD");
  const file = (svg, style) => {
    svg.setAttribute("font-family", FILE_FONT);
    svg.setAttribute("style", `background:${paper(style)}`);
    return new Blob([legal(new XMLSerializer().serializeToString(svg))], { type: "image/svg+xml" });
  };

  // outside of the page there are no variables and no rules: every colour is written out
  const LOOKS = ["fill", "stroke", "stroke-width", "font-size", "font-weight", "text-anchor"];
  const alone = (svg) => {
    const style = getComputedStyle(svg);
    const copy = svg.cloneNode(true);
    if (!svg.matches(".figure")) {
      const originals = [...svg.querySelectorAll("path, rect, circle, text")];
      [...copy.querySelectorAll("path, rect, circle, text")].forEach((one, k) => {
        const seen = getComputedStyle(originals[k]);
        for (const name of LOOKS) {
          const value = seen.getPropertyValue(name);
          const [colour, opacity] = name === "fill" || name === "stroke" ? (value === "none" ? ["none", 1] : solid(value)) : [value, 1];
          one.setAttribute(name, colour);
          if (opacity < 1) one.setAttribute(`${name}-opacity`, opacity);
        }
      });
    }
    const text = new XMLSerializer().serializeToString(copy).replace(/var\((--[a-z-]+)\)/g, (_, name) => style.getPropertyValue(name).trim());
    return file(new DOMParser().parseFromString(text, "image/svg+xml").documentElement, style);
  };

  const quoted = (given) => {
    const text = given.replace(/\s+/g, " ").trim();
    const plain = /^[=+\-@]/.test(text) && !/^[+\-]?[0-9.]/.test(text) ? `'${text}` : text; // a table program would run it
    return /[",\n;]/.test(plain) ? `"${plain.replace(/"/g, '""')}"` : plain;
  };
  const csv = (lines) => new Blob(["\ufeff", ...lines.map((line) => `${line.map(quoted).join(",")}\r\n`)], { type: "text/csv" });
  const wordsOf = (table) => [...table.rows].map((row) => [...row.cells].map((cell) => cell.dataset.value || (cell.tagName === "TH" && cell.title) || cell.textContent));

  const add = (after, of, ending, make) => {
    const name = nameOf(of, ending);
    const button = document.createElement("button");
    button.type = "button";
    button.className = "save";
    button.textContent = ending.slice(1).toUpperCase();
    button.title = `save as ${name}`;
    button.addEventListener("click", () => make((blob) => save(blob, name)));
    after.after(button);
  };

  for (const svg of document.querySelectorAll("svg.figure, svg.order, svg.chosen")) {
    const around = svg.matches(".chosen") ? svg : svg.closest(".scroll, .pair") || svg;
    add(around, svg, ".svg", (keep) => keep(alone(svg)));
  }
  for (const table of document.querySelectorAll("table")) {
    if (table.rows.length > 1 || table.tBodies[0].id) {
      const around = table.closest(".scroll");
      add(around.parentElement.matches(".places") ? table : around, table, ".csv", (keep) => keep(csv(wordsOf(table))));
    }
  }
  for (const one of document.querySelectorAll("canvas, table.map")) {
    if (!one.saved) continue;
    const after = one.closest(".matrix") || one.closest(".canvases, .scroll");
    if (one.toBlob) add(after, one, ".png", (keep) => one.toBlob(keep));
    if (one.saved.csv) add(after, one, ".csv", (keep) => keep(csv(one.saved.csv())));
    add(after, one, ".svg", (keep) => { const drawn = one.saved.svg(); if (drawn) keep(file(drawn, getComputedStyle(one))); });
  }
})();
