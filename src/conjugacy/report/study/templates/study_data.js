// the page's own data, and the packed numbers of one table when they are asked for
const byId = (id) => document.getElementById(id);
const data = JSON.parse(byId("study-data").textContent);
const square = data.columns === null;
const rowNames = data.rows;
const columnNames = square ? data.rows : data.columns;
const rowClass = data.rowClass;
const columnClass = square ? data.rowClass : data.columnClass;

const inflate = async (text) => {
  const packed = Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
};

// four planes of bytes back into little-endian single-precision numbers
const numbers = async (text) => {
  if (!text) return null;
  const planes = await inflate(text);
  const n = planes.length / 4;
  const bytes = new Uint8Array(planes.length);
  for (let k = 0; k < 4; k++) {
    for (let i = 0, from = k * n, to = k; i < n; i++, from++, to += 4) bytes[to] = planes[from];
  }
  const view = new DataView(bytes.buffer);
  return Float32Array.from({ length: n }, (_, i) => view.getFloat32(4 * i, true));
};

const opened = new Map();
const openTable = (k) => {
  if (!opened.has(k)) {
    const table = data.tables[k];
    opened.set(k, (async () => {
      const [value, low, high, p] = await Promise.all([table.value, table.gap_low || "", table.gap_high || "", table.p || ""].map(numbers));
      return { ...table, value, low, high, p, status: await inflate(table.status) };
    })());
  }
  return opened.get(k);
};

// where a pair stands; of a symmetric table the upper triangle is kept
const place = (table, i, j) => {
  if (!table.symmetric) return i * columnNames.length + j;
  const [a, b] = i <= j ? [i, j] : [j, i];
  return a * rowNames.length - (a * (a - 1)) / 2 + b - a;
};
const valueAt = (table, i, j) => (table.value ? table.value[place(table, i, j)] : NaN);
const statusAt = (table, i, j) => {
  const code = table.status[place(table, i, j)];
  return table.symmetric && i > j ? data.mirror[code] : code;
};

// two or three digits, as elsewhere in the reports
const digits = (x) => {
  if (x === null || Number.isNaN(x)) return "–";
  const size = Math.abs(x);
  if (size === 0) return "0";
  if (!Number.isFinite(x)) return String(x);
  if (size < 1e-3 || size >= 1e6) return x.toExponential(1).replace(".0e", "e").replace("e+", "e");
  if (size >= 100) return x.toFixed(0);
  return String(Number(x.toPrecision(size >= 10 ? 3 : 2)));
};
const threeDigits = (x) => (Number.isNaN(x) || x === 0 || Math.abs(x) < 1e-3 || Math.abs(x) >= 100 ? digits(x) : String(Number(x.toPrecision(3))));

// two digits, and as papers write it without the zero that it always has
const pDigits = (p) => (p < 1e-4 ? "< .0001" : `= ${String(Number(p.toPrecision(2))).replace(/^0\./, ".")}`);

const told = (table, i, j) => {
  const at = place(table, i, j);
  const value = valueAt(table, i, j);
  const low = table.low && table.low[at];
  const ends = table.low && Number.isFinite(low) ? ` [${digits(value - low)}, ${digits(value + table.high[at])}]` : "";
  return {
    value: Number.isNaN(value) ? "no value" : threeDigits(value) + ends,
    state: data.states[statusAt(table, i, j)],
    p: table.p && Number.isFinite(table.p[at]) ? pDigits(table.p[at]) : "",
  };
};
const classWords = (k) => (k < 0 ? "no class" : `class ${k + 1}`);
