"use strict";
// every figure as SVG (what is drawn on a canvas as PNG) and every table as CSV, by a button under each
(() => {
  const save = (blob, name) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  };

  const nameOf = (element) => {
    const named = element.closest("section[id]");
    const near = element.closest("section, article, .card");
    const heading = near && near.querySelector("h2, h3");
    const words = named ? named.id : heading ? heading.textContent : "conjugacy";
    return words.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "").slice(0, 60) || "conjugacy";
  };

  // outside of the page there are no variables: every colour is written out
  const alone = (svg) => {
    const style = getComputedStyle(svg);
    const copy = svg.cloneNode(true);
    copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
    const text = new XMLSerializer().serializeToString(copy).replace(/var\((--[a-z-]+)\)/g, (_, name) => style.getPropertyValue(name).trim());
    return text.replace(/^<svg/, `<svg font-family="DejaVu Sans, Verdana, sans-serif" style="background:${style.getPropertyValue("--paper").trim()}"`);
  };

  const cell = (element) => {
    const text = element.textContent.replace(/\s+/g, " ").trim();
    const plain = /^[=+\-@]/.test(text) && !/^[+\-]?[0-9.]/.test(text) ? `'${text}` : text; // a table program would run it
    return /[",\n;]/.test(plain) ? `"${plain.replace(/"/g, '""')}"` : plain;
  };
  const csv = (table) => [...table.rows].map((row) => [...row.cells].map(cell).join(",")).join("\r\n") + "\r\n";

  const add = (after, words, make) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "save";
    button.textContent = words;
    button.addEventListener("click", make);
    after.after(button);
  };

  for (const svg of document.querySelectorAll("svg.figure")) {
    add(svg.closest(".scroll, .pair") || svg, "SVG", () => save(new Blob([alone(svg)], { type: "image/svg+xml" }), `${nameOf(svg)}.svg`));
  }
  for (const table of document.querySelectorAll("table")) {
    if (table.rows.length > 1) {
      const around = table.closest(".scroll");
      add(around && !around.parentElement.matches(".places") ? around : table, "CSV", () => save(new Blob(["\ufeff", csv(table)], { type: "text/csv" }), `${nameOf(table)}.csv`));
    }
  }
  for (const id of ["matrix-canvas", "plane-canvas"]) {
    const canvas = document.getElementById(id);
    if (canvas) {
      add(canvas.closest(".matrix, .plane") || canvas.closest(".canvases"), "PNG", () => canvas.toBlob((blob) => save(blob, `${nameOf(canvas)}.png`)));
    }
  }
})();
