// What the page computes, without the page: formulas at points, ranges to look at, contours and borders.

const clipped = (x, low, high) => Math.min(Math.max(x, low), high);
const sum = (terms) => terms.reduce((a, b) => a + b, 0);
const sorted = (values) => [...values].sort((a, b) => a - b);

// Put the abbreviations into an object, in order; `only` says which.
function abbreviate(where, e) {
  for (const { name, of } of where) e[name] = of(e);
  return e;
}

// The place of the regime that holds; where none does, that of the infeasible one.
function regime_at(formula, e) {
  const found = formula.regimes.findIndex((r) => r.feasible && r.holds(e));
  if (found >= 0) return found;
  const nowhere = formula.regimes.findIndex((r) => !r.feasible);
  return nowhere >= 0 ? nowhere : formula.regimes.length;
}

function value_of(formula, index, e) {
  const regime = formula.regimes[index];
  return regime && regime.feasible ? regime.value(e) : Infinity;
}

// Value, regime and reasons at one point.
function evaluate(formula, point) {
  const e = abbreviate(formula.where, { ...point });
  const index = regime_at(formula, e);
  return { value: value_of(formula, index, e), index, e };
}

// As Python's format `.3g` writes a number.
function three_digits(x) {
  if (!Number.isFinite(x)) return Number.isNaN(x) ? "nan" : x > 0 ? "inf" : "-inf";
  const [mantissa, power] = x.toExponential(2).split("e");
  const exponent = Number(power);
  if (exponent >= -4 && exponent < 3) return String(Number(x.toPrecision(3)));
  return `${Number(mantissa)}e${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
}

function reasons_at(formula, { index, e }) {
  const regime = formula.regimes[index];
  if (!regime) return "no branch of the published formula covers this point";
  return regime.reasons
    .filter((reason) => reason.when(e))
    .map((reason) => reason.text.replace(/\{(\w+)\}/g, (_, name) => three_digits(reason.values[name](e))))
    .join("\n");
}

// The derivative from the right, by differences: more than the three digits that are said of it.
function slope_at(formula, at, name) {
  const x = at[name];
  if (!Number.isFinite(x)) return 0;
  const h = 1e-6 * (name === "C" ? 1 + Math.abs(x) : Math.max(Math.abs(x), 1e-3));
  const [a, b, c] = [0, h, 2 * h].map((d) => evaluate(formula, { ...at, [name]: x + d }).value);
  return (4 * b - 3 * a - c) / (2 * h);
}

// What a little more of each bound is worth; nothing where none binds.
function prices_at(formula, at, theorem) {
  const { name, unit } = theorem.value;
  const gains = theorem.arguments.map((a) => ({ ...a, gain: -slope_at(formula, at, a.name) }));
  const parts = gains
    .filter(({ gain }) => gain > 1e-7 && gain < Infinity)
    .map((a, i) => {
      const lowers = i ? "" : ` lowers ${name}`;
      return `one more ${a.unit || "unit"} of ${a.name}${lowers} by ${three_digits(a.gain)}${unit && ` ${unit}`}`;
    });
  return parts.length ? `At the margin, ${parts.join(" and ")}.` : "";
}

// A formula over one or two letters that vary: what depends on neither is computed once, what depends on the first once
// for each of its values.
function along(formula, fixed, x, y) {
  const moves = { [x]: 1, ...(y ? { [y]: 2 } : {}) };
  const stages = [[], [], []];
  for (const item of formula.where) {
    moves[item.name] = item.needs.reduce((all, letter) => all | (moves[letter] || 0), 0);
    stages[moves[item.name] & 2 ? 2 : moves[item.name]].push(item);
  }
  const e = abbreviate(stages[0], { ...fixed, [x]: 0, ...(y ? { [y]: 0 } : {}) });
  const line = {
    index: 0,
    first(value) {
      e[x] = value;
      abbreviate(stages[1], e);
      return line;
    },
    second(value) {
      e[y] = value;
      abbreviate(stages[2], e);
      return line.value();
    },
    value() {
      line.index = regime_at(formula, e);
      return value_of(formula, line.index, e);
    },
  };
  return line;
}

// Ranges --------------------------------------------------------------------------------------------------------------

const spread_evenly = (low, high, count) => Array.from({ length: count }, (_, i) => low + ((high - low) * i) / (count - 1));

// For each argument the least interval outside which neither the regime nor, to the eye, the value changes.
function ranges_of(formula, names, fixed, points) {
  const found = {};
  const inactive = Object.fromEntries(names.map((name) => [name, Infinity]));
  for (const round of [0, 1]) {
    for (const name of [...names].reverse()) {
      const lines = [{ ...fixed, ...inactive }];
      for (const other of round ? names.filter((n) => n !== name) : []) {
        for (const place of spread_evenly(...found[other], 9)) {
          lines.push({ ...fixed, ...inactive, [other]: other === "C" ? place : Math.max(place, 0) });
        }
      }
      found[name] = extent(formula, name, lines, points);
    }
  }
  return Object.fromEntries(names.map((name) => [name, padded(name, ...found[name])]));
}

function extent(formula, name, lines, points) {
  const half = spread_evenly(0, 14, points).map((t) => Math.sinh(t) * 1e-2);
  const axis = name === "C" ? [...half.slice(1).reverse().map((t) => -t), ...half] : half;
  const firsts = [];
  const lasts = [];
  for (const fixed of lines) {
    const line = along(formula, fixed, name);
    const values = [];
    const regimes = [];
    for (const at of axis) {
      values.push(line.first(at).value());
      regimes.push(line.index);
    }
    const end = values[values.length - 1];
    const top = Math.max(...values.filter(Number.isFinite));
    const span = Number.isFinite(end) ? Math.min(top - end, 10 * (1 + Math.abs(end))) : 0;
    const changes = (i) =>
      regimes[i] !== regimes[i + 1] || (Number.isFinite(values[i + 1]) && Math.abs(values[i + 1] - end) > 0.01 * span);
    const places = axis.slice(1).flatMap((_, i) => (changes(i) ? [i] : []));
    if (places.length) {
      firsts.push(places[0]);
      lasts.push(places[places.length - 1] + 1);
    }
  }
  if (!firsts.length) return [0, 1];
  // The last changes along a few lines may lie far out on an infinite tail: they do not count beyond twice the others.
  const usual = axis[sorted(lasts)[Math.floor((name === "P" ? 0.5 : 0.7) * (lasts.length - 1))]];
  const far = Math.max(...lasts.map((k) => axis[k]).filter((end) => name === "C" || end <= 2 * usual));
  return [axis[Math.min(...firsts)], far];
}

function padded(name, low, high) {
  const margin = 0.1 * (high - low);
  if (name === "R") return [0, high + margin];
  return [name === "C" ? low - margin : Math.max(0, low - margin), high + margin];
}

// Pictures in numbers -------------------------------------------------------------------------------------------------

// Round steps between two numbers, about as many as wanted.
function ticks(low, high, wanted) {
  const raw = (high - low) / wanted;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 2.5, 5, 10].map((m) => m * power).find((s) => s >= raw * 0.999);
  const first = Math.ceil(low / step - 1e-9);
  const list = [];
  for (let k = first; k * step <= high + 1e-9 * step; k++) list.push(Number((k * step).toPrecision(12)));
  return list;
}

// Levels of contours: a value that grows beyond all bounds is cut where few points are left.
function levels_of(values) {
  const finite = sorted(values.filter(Number.isFinite));
  if (!finite.length) return { low: 0, high: 1, levels: [] };
  const [low, most] = [finite[0], finite[finite.length - 1]];
  const cut = finite[Math.floor(0.985 * (finite.length - 1))];
  const high = most - low > 1.6 * (cut - low) && cut > low ? cut : most;
  if (!(high - low > 1e-9 * Math.max(1, Math.abs(high)))) return { low: low - 0.5, high: low + 0.5, levels: [] };
  const levels = ticks(low, high, 10).filter((level) => level > low + 1e-6 * (high - low));
  return { low, high, levels };
}

// Values and regimes on the nodes of a grid, filled a column at a time.
function empty_grid(nx, ny) {
  return { nx, ny, done: 0, values: new Float64Array(nx * ny), regimes: new Int16Array(nx * ny) };
}

function fill_column(grid, line, xs, ys) {
  const i = grid.done++;
  line.first(xs[i]);
  for (let j = 0; j < grid.ny; j++) {
    grid.values[i * grid.ny + j] = line.second(ys[j]);
    grid.regimes[i * grid.ny + j] = line.index;
  }
}

// Segments [x0, y0, x1, y1], in units of the grid, on which the values have a level; cells with infinite corners have none.
function contour(grid, level) {
  const segments = [];
  const at = (a, b) => (level - a) / (b - a);
  for (let i = 0; i + 1 < grid.nx; i++) {
    for (let j = 0; j + 1 < grid.ny; j++) {
      const k = i * grid.ny + j;
      const [a, b, c, d] = [grid.values[k], grid.values[k + grid.ny], grid.values[k + grid.ny + 1], grid.values[k + 1]];
      if (!(a + b + c + d < Infinity)) continue;
      const cuts = [];
      if (a < level !== b < level) cuts.push([i + at(a, b), j]);
      if (b < level !== c < level) cuts.push([i + 1, j + at(b, c)]);
      if (d < level !== c < level) cuts.push([i + at(d, c), j + 1]);
      if (a < level !== d < level) cuts.push([i, j + at(a, d)]);
      for (let m = 0; m + 1 < cuts.length; m += 2) segments.push([...cuts[m], ...cuts[m + 1]]);
    }
  }
  return segments;
}

// Borders between regimes: the crossings of every cell, bisected along its edges, joined to each other or to their middle.
function borders(grid, regime_at_node, steps) {
  const { nx, ny, regimes } = grid;
  const known = new Map();
  const crossing = (i0, j0, i1, j1) => {
    const [a, b] = [regimes[i0 * ny + j0], regimes[i1 * ny + j1]];
    if (a === b) return null;
    const key = ((i0 * ny + j0) << 1) | (i1 - i0);
    if (!known.has(key)) {
      let [low, high] = [0, 1];
      for (let step = 0; step < steps; step++) {
        const t = (low + high) / 2;
        if (regime_at_node(i0 + t * (i1 - i0), j0 + t * (j1 - j0)) === a) low = t;
        else high = t;
      }
      const t = (low + high) / 2;
      known.set(key, { x: i0 + t * (i1 - i0), y: j0 + t * (j1 - j0), pair: a < b ? `${a} ${b}` : `${b} ${a}` });
    }
    return known.get(key);
  };
  const pieces = [];
  const add = (a, b, pair) => pieces.push({ line: [a.x, a.y, b.x, b.y], pair: pair.split(" ").map(Number) });
  for (let i = 0; i + 1 < nx; i++) {
    for (let j = 0; j + 1 < ny; j++) {
      const edges = [
        crossing(i, j, i + 1, j),
        crossing(i, j + 1, i + 1, j + 1),
        crossing(i, j, i, j + 1),
        crossing(i + 1, j, i + 1, j + 1),
      ].filter(Boolean);
      if (edges.length === 2 && edges[0].pair === edges[1].pair) add(edges[0], edges[1], edges[0].pair);
      else if (edges.length) {
        const middle = { x: sum(edges.map((c) => c.x)) / edges.length, y: sum(edges.map((c) => c.y)) / edges.length };
        for (const c of edges) add(c, middle, c.pair);
      }
    }
  }
  return pieces;
}

// The roomiest place of each regime: the node that is farthest from all others, and from the edge of the picture.
function roomiest(grid) {
  const { nx, ny, regimes } = grid;
  const room = new Float64Array(nx * ny);
  const best = new Map();
  const relax = (i, j, back) => {
    const k = i * ny + j;
    const edge = i === 0 || j === 0 || i === nx - 1 || j === ny - 1;
    let least = back ? room[k] : edge ? 1 : Infinity;
    for (const [di, dj, far] of [[1, 0, 1], [0, 1, 1], [1, 1, Math.SQRT2], [1, -1, Math.SQRT2]]) {
      const [a, b] = back ? [i + di, j + dj] : [i - di, j - dj];
      if (a < 0 || b < 0 || a >= nx || b >= ny) continue;
      least = Math.min(least, regimes[a * ny + b] === regimes[k] ? room[a * ny + b] + far : 1);
    }
    room[k] = least;
  };
  for (let i = 0; i < nx; i++) for (let j = 0; j < ny; j++) relax(i, j, false);
  for (let i = nx - 1; i >= 0; i--) for (let j = ny - 1; j >= 0; j--) relax(i, j, true);
  room.forEach((value, k) => {
    const found = best.get(regimes[k]);
    if (!found || value > found.room + 1e-9) best.set(regimes[k], { i: Math.floor(k / ny), j: k % ny, room: value });
  });
  return best;
}
