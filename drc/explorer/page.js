// The page: what is chosen, what is drawn of it, what is said of it, what may be taken along.

const $ = (id) => document.getElementById(id);
const now = { theorem: null, values: {}, ranges: {}, x: "", y: "", form: "exact", hover: null, map: null };
let cost = 0.003; // milliseconds that one value takes, as measured last
let refinement = 0; // the number of the refinement under way; a new one ends it

const exact = () => now.theorem.exact;
const letter = (name) => [...now.theorem.arguments, ...now.theorem.parameters].find((l) => l.name === name);
const titled = ({ words, name, unit }) => `${words} ${name}${unit ? ` (${unit})` : ""}`;
const value_letter = () => now.theorem.value;
const point = () => ({ ...now.values, ...(now.hover || {}) });
const written = (v, digits = 6) =>
  v === Infinity ? "∞" : v === -Infinity ? "−∞" : String(Number(v.toPrecision(digits))).replace("-", "−");

// A published form may be about fewer problems.
const uncovered = () => now.theorem.covered.filter((c) => !c.holds(now.values));
const printed = () => (now.theorem.published && !uncovered().length ? now.theorem.published : null);

// Choosing ------------------------------------------------------------------------------------------------------------

function choose(id, given = {}) {
  now.theorem = THEOREMS.find((t) => t.id === id) || THEOREMS[0];
  const { theorem } = now;
  $("theorem").value = theorem.id;
  now.form = "exact";
  now.hover = null;
  now.values = Object.fromEntries(theorem.parameters.map((l) => [l.name, l.start]));
  for (const l of theorem.parameters) {
    const value = given[l.name];
    if (Number.isFinite(value)) set_parameter(l.name, value);
  }
  set_axes("R C", "D C", "R P", "D P");
  measure_cost();
  fit_ranges();
  for (const { name } of theorem.arguments) now.values[name] = now.ranges[name][0];
  start_point();
  for (const { name } of theorem.arguments) {
    if (given[name] !== undefined) now.values[name] = given[name];
    reach(name);
  }
  build_controls();
  describe();
  draw();
}

// The axes of the map: the first of these pairs that the theorem has, or the only argument and a parameter.
function set_axes(...wanted) {
  const names = now.theorem.arguments.map((a) => a.name);
  if (names.length === 1) [now.x, now.y] = [names[0], "R_c"];
  else [now.x, now.y] = wanted.map((pair) => pair.split(" ")).find((pair) => pair.every((n) => names.includes(n)));
}

function planes() {
  const names = now.theorem.arguments.map((a) => a.name);
  return names.flatMap((a, i) => names.slice(i + 1).map((b) => [a, b]));
}

function measure_cost() {
  const { theorem } = now;
  const at = { ...now.values, ...Object.fromEntries(theorem.arguments.map((a) => [a.name, 0.5])) };
  const before = performance.now();
  for (let k = 0; k < 40; k++) evaluate(exact(), { ...at, R: 0.3 + 0.05 * k });
  cost = clipped((performance.now() - before) / 40, 0.001, 1);
}

function fit_ranges() {
  const names = now.theorem.arguments.map((a) => a.name);
  const parameters = Object.fromEntries(now.theorem.parameters.map(({ name }) => [name, now.values[name]]));
  // About forty lines of points; as many points as a tenth of a second has.
  now.ranges = ranges_of(exact(), names, parameters, clipped(Math.round(100 / (45 * cost)), 60, 240));
  for (const l of now.theorem.parameters) now.ranges[l.name] = [l.low, l.high];
  names.forEach(reach);
}

// Let the axis of an argument reach its value.
function reach(name) {
  const [low, high] = now.ranges[name];
  const value = now.values[name];
  if (!Number.isFinite(value) || (value >= low && value <= high)) return;
  now.ranges[name] = [Math.min(low, value), Math.max(high, value + 0.05 * (value - low))];
}

// A point that is feasible, near the middle of the map.
function start_point() {
  for (const { name } of now.theorem.arguments) {
    const [low, high] = now.ranges[name];
    if (name !== now.x && name !== now.y) now.values[name] = rounded(low + 0.3 * (high - low), high - low);
  }
  let best = Infinity;
  const found = {};
  const axes = [now.x, now.y].filter((name) => now.theorem.arguments.some((a) => a.name === name));
  const places = (name) => (axes.includes(name) ? spread_evenly(0.05, 0.95, 13) : [0]);
  for (const a of places(now.x)) {
    for (const b of places(now.y)) {
      const at = { ...now.values };
      axes.forEach((name, k) => (at[name] = now.ranges[name][0] + [a, b][k] * (now.ranges[name][1] - now.ranges[name][0])));
      const far = Math.hypot(a - 0.42, b - 0.5);
      if (far < best && evaluate(exact(), at).value < Infinity) {
        best = far;
        axes.forEach((name) => (found[name] = rounded(at[name], now.ranges[name][1] - now.ranges[name][0])));
      }
    }
  }
  Object.assign(now.values, found);
}

const rounded = (value, span) => Number(value.toFixed(clipped(3 - Math.floor(Math.log10(span)), 0, 8)));

// Set a parameter as far as the assumptions allow; say which one stopped it.
function set_parameter(name, wanted) {
  const broken = (v) => now.theorem.assumptions.find((a) => !a.holds({ ...sample_arguments(), ...now.values, [name]: v }));
  const stop = broken(wanted);
  let value = wanted;
  if (stop) {
    let [good, bad] = [now.values[name], wanted];
    for (let k = 0; k < 60; k++) {
      const middle = (good + bad) / 2;
      if (broken(middle)) bad = middle;
      else good = middle;
    }
    value = good;
  }
  now.values[name] = value;
  $("assumed").innerHTML = stop ? `Stopped where ${stop.html} would fail.` : "";
  return value;
}

const sample_arguments = () => Object.fromEntries(now.theorem.arguments.map((a) => [a.name, 1]));

// Controls ------------------------------------------------------------------------------------------------------------

function build_controls() {
  $("arguments").replaceChildren(...now.theorem.arguments.map((l) => slider(l, true)));
  $("parameters").replaceChildren(...now.theorem.parameters.map((l) => slider(l, false)));
  const list = planes();
  $("axes").hidden = list.length < 2;
  $("plane").replaceChildren(...list.map(([a, b]) => new Option(`${a} and ${b}`, `${a} ${b}`, false, a === now.x && b === now.y)));
  $("form").hidden = !now.theorem.published;
  document.querySelectorAll("[name=form]").forEach((radio) => (radio.checked = radio.value === now.form));
  build_guide();
}

function slider(l, is_argument) {
  const row = document.createElement("div");
  row.className = "slider";
  const [low, high] = now.ranges[l.name];
  const id = `slide-${l.name}`;
  row.innerHTML =
    `<label for="${id}">${l.html}${l.words}</label>` +
    `<input type="range" id="${id}" min="${low}" max="${high}" step="any">` +
    `<input type="number" id="type-${l.name}" step="any" aria-label="${titled(l)}">` +
    (is_argument ? `<button type="button" id="none-${l.name}" aria-label="no bound on ${l.name}" title="no bound">∞</button>` : "");
  const [range, typed] = row.querySelectorAll("input");
  const set = (value) => {
    if (is_argument) {
      now.values[l.name] = l.name === "C" ? value : Math.max(value, 0);
      reach(l.name);
    } else set_parameter(l.name, value);
    show_controls();
    draw_soon();
  };
  // The arrows of a slider whose step is "any" would move it by a hundredth: a thousandth is what people want.
  range.addEventListener("keydown", (event) => {
    const steps = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -50, PageUp: 50 }[event.key];
    if (!steps) return;
    event.preventDefault();
    const [from, to] = now.ranges[l.name];
    set(clipped(rounded(shown_value(l.name) + (steps * (to - from)) / 500, to - from), from, to));
    settle(is_argument);
  });
  range.addEventListener("input", () => set(rounded(Number(range.value), now.ranges[l.name][1] - now.ranges[l.name][0])));
  range.addEventListener("change", () => settle(is_argument));
  typed.addEventListener("change", () => {
    if (typed.value.trim() === "" || !Number.isFinite(Number(typed.value))) return show_controls();
    set(Number(typed.value));
    settle(is_argument);
  });
  row.querySelector("button")?.addEventListener("click", () => {
    now.values[l.name] = now.values[l.name] === Infinity ? shown_value(l.name) : Infinity;
    show_controls();
    draw_soon();
  });
  return row;
}

// A bound that is infinite stands at the far end of its slider.
const shown_value = (name) => (now.values[name] === Infinity ? now.ranges[name][1] : now.values[name]);

function show_controls() {
  for (const { name } of [...now.theorem.arguments, ...now.theorem.parameters]) {
    const [range, typed, none] = [$(`slide-${name}`), $(`type-${name}`), $(`none-${name}`)];
    const value = now.values[name];
    [range.min, range.max] = now.ranges[name];
    range.value = shown_value(name);
    range.setAttribute("aria-valuetext", value === Infinity ? "no bound" : written(value, 5));
    if (document.activeElement !== typed || Number(typed.value) !== value) {
      typed.value = value === Infinity ? "" : String(Number(value.toPrecision(8)));
    }
    typed.placeholder = value === Infinity ? "∞" : "";
    none?.setAttribute("aria-pressed", String(value === Infinity));
  }
}

// After a parameter has come to rest the axes follow, if they no longer fit.
function settle(is_argument) {
  if (is_argument) return;
  const before = now.ranges;
  fit_ranges();
  const fits = now.theorem.arguments.every(({ name }) => {
    const [a, b] = before[name];
    const [c, d] = now.ranges[name];
    return Math.abs(a - c) + Math.abs(b - d) < 0.12 * (d - c);
  });
  if (fits) now.ranges = before;
  draw_soon();
}

// Drawing -------------------------------------------------------------------------------------------------------------

let asked = false;
let idle = 0;

function draw_soon() {
  if (asked) return;
  asked = true;
  requestAnimationFrame(() => {
    asked = false;
    draw();
  });
}

function draw() {
  const before = performance.now();
  show_controls();
  titles();
  prepare_map(coarse_cell());
  const filled = performance.now();
  while (now.map.grid.done < now.map.grid.nx) fill_column(now.map.grid, now.map.line, now.map.xs, now.map.ys);
  cost = 0.5 * cost + 0.5 * clipped((performance.now() - filled) / now.map.grid.values.length, 0.0005, 1);
  draw_map($("map"), now.map);
  point_moved();
  performance.measure("drawn", { start: before });
  clearTimeout(idle);
  refinement += 1;
  idle = setTimeout(refine, 90, refinement, now.map.cell);
}

// The least cell, in pixels, whose map takes less than about ten milliseconds.
function coarse_cell() {
  const { width, height } = $("map").getBoundingClientRect();
  return [8, 12, 16, 24, 32].find((cell) => ((width * height) / cell ** 2) * cost < 10) || 48;
}

function prepare_map(cell) {
  const { width, height } = sharp($("map"));
  const [x_range, y_range] = [now.ranges[now.x], now.ranges[now.y]];
  const f = frame(width, height, x_range, y_range, width < 480 ? 58 : 76);
  const [nx, ny] = [f.right - f.left, f.bottom - f.top].map((size) => Math.max(8, Math.round(size / cell) + 1));
  const formula = now.form === "published" ? printed() || exact() : exact();
  const line = along(formula, now.values, now.x, now.y);
  const probe = along(formula, now.values, now.x, now.y);
  now.map = {
    cell, x_range, y_range, line, frame: f, grid: empty_grid(nx, ny),
    xs: spread_evenly(...x_range, nx), ys: spread_evenly(...y_range, ny),
    regime_at: (x, y) => (probe.first(x).second(y), probe.index),
    is_feasible: (index) => Boolean(formula.regimes[index]?.feasible),
    names: formula.regimes.map((r) => r.name),
    steps: cell <= 4 ? 8 : cost > 0.015 ? 0 : cost > 0.004 ? 2 : 5,
    x_title: titled(letter(now.x)), y_title: titled(letter(now.y)), value_title: value_letter().name,
  };
}

// Finer and finer maps, in slices that leave the page awake.
function refine(number, cell) {
  const next = [8, 4, 2].find((finer) => finer < cell);
  const { width, height } = $("map").getBoundingClientRect();
  if (number !== refinement || !next || ((width * height) / next ** 2) * cost > 6000) return finished(number);
  const drawn = now.map;
  prepare_map(next);
  const finer = now.map;
  now.map = drawn;
  const slice = () => {
    if (number !== refinement) return;
    const end = performance.now() + 10;
    while (finer.grid.done < finer.grid.nx && performance.now() < end) fill_column(finer.grid, finer.line, finer.xs, finer.ys);
    if (finer.grid.done < finer.grid.nx) return setTimeout(slice);
    now.map = finer;
    draw_map($("map"), finer);
    setTimeout(refine, 0, number, next);
  };
  slice();
}

function finished(number) {
  if (number !== refinement) return;
  draw_the_curve(clipped(Math.round(40 / cost), 121, 481));
  document.documentElement.dataset.drawn = String(number);
}

function curve_points(formula, count) {
  const [low, high] = now.ranges[now.x];
  const line = along(formula, now.values, now.x);
  return spread_evenly(low, high, count).map((x) => ({ x, y: line.first(x).value(), index: line.index }));
}

function draw_the_curve(count) {
  const points = curve_points(exact(), count);
  const beside = printed() && curve_points(printed(), count);
  const finite = [...points, ...(beside || [])].map((p) => p.y).filter(Number.isFinite);
  const [low, high] = finite.length ? [Math.min(...finite), Math.max(...finite)] : [0, 1];
  const margin = 0.08 * (high - low) || 0.1;
  const at = point();
  draw_curve($("curve"), {
    exact: points, published: beside, names: exact().regimes.map((r) => r.name),
    x_range: now.ranges[now.x], y_range: [low >= 0 ? Math.max(0, low - margin) : low - margin, high + margin],
    x_title: titled(letter(now.x)), y_title: titled(value_letter()),
    point: { x: at[now.x], y: evaluate(exact(), at).value },
  });
}

// The point has moved, and nothing else: the cross, the curve through it and what is said of it.
function point_moved() {
  draw_cursor($("cursor"), now.map.frame, now.values[now.x], now.values[now.y]);
  draw_the_curve(clipped(Math.round(5 / cost), 24, 321));
  say();
}

// Saying --------------------------------------------------------------------------------------------------------------

function titles() {
  const { value, arguments: args, published } = now.theorem;
  const others = args.filter((a) => ![now.x, now.y].includes(a.name));
  const held = others.map((a) => `${a.html} = ${written(now.values[a.name], 4)}`).join(", ");
  $("map-title").innerHTML = `${value.html} over ${letter(now.x).html} and ${letter(now.y).html}${held && ` at ${held}`}`;
  const rest = args.filter((a) => a.name !== now.x).map((a) => `${a.html} = ${written(now.values[a.name], 4)}`);
  $("curve-title").innerHTML = `${value.html} along ${letter(now.x).html}${rest.length ? ` at ${rest.join(", ")}` : ""}`;
  $("legend").innerHTML = published ? `<span><i></i>exact</span><span><i class="printed"></i>as printed</span>` : "";
}

function describe() {
  const { id, family, statement, setting, source } = now.theorem;
  $("statement").innerHTML =
    `<p class="family">${family}<br><code>${id}</code></p><p>${statement}</p>${setting ? `<details><summary>What the letters stand for</summary><p>${setting}</p></details>` : ""}` +
    `<p class="source">${source}</p>`;
}

let said_last = "";

function say() {
  const at = point();
  const found = evaluate(exact(), at);
  const regime = exact().regimes[found.index];
  const name = regime ? regime.name : "infeasible";
  const value = value_letter();
  $("value").innerHTML = `${value.html} = ${written(found.value, 7)} ${found.value < Infinity ? value.unit : ""}`;
  $("regime").textContent = name;
  $("regime").className = regime?.feasible ? "" : "infeasible";
  const price = found.value < Infinity ? prices_at(exact(), at, now.theorem) : "";
  $("why").textContent = [reasons_at(exact(), found), price].filter(Boolean).join("\n");
  say_printed(at, found.value);
  if (said_last !== `${now.theorem.id} ${found.index}`) show_formula(found.index);
  said_last = `${now.theorem.id} ${found.index}`;
  $("cursor").setAttribute("aria-label", `Map of ${value.name}. ${spoken(at, found.value, name)}`);
  $("curve").setAttribute("aria-label", `Curve of ${value.name} along ${now.x} through the point`);
  if (!now.hover) announce(spoken(at, found.value, name));
  say_guide();
  remember();
}

const spoken = (at, value, name) =>
  `At ${now.theorem.arguments.map((a) => `${a.name} = ${written(at[a.name], 4)}`).join(", ")}: ` +
  `${value_letter().name} = ${written(value, 4)}, ${name}.`;

function say_printed(at, value) {
  const { published } = now.theorem;
  $("printed").replaceChildren();
  if (!published) return;
  if (!printed()) {
    const left = uncovered();
    $("printed").innerHTML = `The paper prints a form for ${left.map((c) => c.html).join(", ")}. <button type="button">Set it</button>`;
    $("printed").querySelector("button").addEventListener("click", () => {
      for (const { name, to } of left) set_parameter(name, to(now.values));
      fit_ranges();
      draw();
    });
    return;
  }
  const found = evaluate(published, at);
  const differs = Math.abs(found.value - value) > 1e-9 * Math.max(1, Math.abs(value)) || Number.isFinite(found.value) !== Number.isFinite(value);
  const gap = Number.isFinite(found.value - value) ? ` (${found.value > value ? "+" : "−"}${written(Math.abs(found.value - value), 3)})` : "";
  const name = published.regimes[found.index]?.name || "no branch";
  $("printed").innerHTML = differs
    ? `As printed: <b>${written(found.value, 7)}</b>${gap}, ${name}. The printed form and the derived one differ here.`
    : `As printed: the same value (${name}).`;
}

// The formula of a regime, where it holds, and the abbreviations that both need.
function show_formula(index) {
  const shown = now.theorem.shown.exact;
  const regime = exact().regimes[index];
  const parts = regime?.feasible
    ? [`<div class="main">${shown.values[index]}</div>`, `<div><span class="note">if</span> ${shown.conditions[index].join(", ") || "always"}</div>`]
    : [`<div class="main">${value_letter().html} = ∞</div>`];
  const needed = new Set(regime ? regime.needs : []);
  for (const item of [...exact().where].reverse()) if (needed.has(item.name)) item.needs.forEach((name) => needed.add(name));
  const lines = shown.where.filter((_, k) => needed.has(exact().where[k].name));
  if (shown.meanings.length) parts.push(`<ul class="meanings">${shown.meanings.map((m) => `<li>${m}.</li>`).join("")}</ul>`);
  const where = `<div><p class="caption">where</p><ul>${lines.map((l) => `<li>${l}</li>`).join("")}</ul></div>`;
  $("formula").innerHTML = `<div>${parts.join("")}</div>${lines.length ? where : ""}`;
}

let announcement = 0;

function announce(words) {
  clearTimeout(announcement);
  announcement = setTimeout(() => ($("live").textContent = words), 400);
}

let remembering = 0;

// The address of the page is what it shows, so that a link brings it back.
function remember() {
  clearTimeout(remembering);
  remembering = setTimeout(write_address, 300);
}

function write_address() {
  const letters = [...now.theorem.arguments, ...now.theorem.parameters];
  const query = letters.map(({ name }) => `${name}=${now.values[name]}`).join("&");
  try {
    history.replaceState(null, "", `#${now.theorem.id}?${query}`);
  } catch {
    // Some browsers keep the address of a file as it is.
  }
}

function remembered() {
  const [id, query = ""] = decodeURIComponent(location.hash.slice(1)).split("?");
  const given = {};
  for (const [name, text] of new URLSearchParams(query)) if (!Number.isNaN(Number(text))) given[name] = Number(text);
  return [id || THEOREMS[0].id, given];
}

// Which constraints to set --------------------------------------------------------------------------------------------

const wishes = { accuracy: 0.95, labels: 2, rms: 0.5, judge: 0.55, share: 0.1 };

// What the theorem at hand can be asked: a question with a slider, and bounds that answer it.
function questions() {
  const { id, arguments: args } = now.theorem;
  const has = (name) => args.some((a) => a.name === name);
  const is_bits = id.startsWith("bernoulli");
  const components = id.startsWith("gaussian.vector") ? 2 : 1;
  const list = [];
  if (has("C") && is_bits) {
    list.push({
      wish: "accuracy", words: "Wanted accuracy of the best classifier", low: 0.5, high: 1, many: true,
      answers: ({ accuracy, labels }) => [
        { name: "C", value: least_entropy(1 - accuracy, labels) / Math.LN2, unit: "bit", words: "guarantees it: the converse of Fano's inequality" },
        { name: "C", value: most_entropy(1 - accuracy, labels) / Math.LN2, unit: "bit", words: "is necessary for it: Fano's inequality" },
      ],
      back: (C, { labels }) =>
        `With C = ${written(C, 4)} bit the best of ${labels} labels is guessed with an error of at most ` +
        `${written(largest_error(Math.max(C, 0) * Math.LN2, labels), 3)}; a code that uses all of it errs at least ` +
        `${written(least_error(Math.max(C, 0) * Math.LN2, labels), 3)} of the time.`,
    });
  }
  if (has("C") && !is_bits) {
    list.push({
      wish: "rms", words: "Wanted root mean squared error of the label", low: 0.01, high: 2,
      answers: ({ rms }) => [{
        name: "C", value: (components * entropy_of_rms(rms)) / Math.LN2, unit: "bit",
        words: components > 1 ? "is necessary for it in every component" : "is necessary for it, and enough for normal laws",
      }],
      back: (C) =>
        `With C = ${written(C, 4)} bit no estimate of the label has a root mean squared error below ` +
        `${written(Math.exp((C * Math.LN2) / components) / Math.sqrt(2 * Math.PI * Math.E), 4)}${components > 1 ? ", on geometric average" : ""}.`,
    });
  }
  if (has("P") && (is_bits || id.endsWith("KL"))) {
    const kl = id.endsWith("KL");
    list.push({
      wish: "judge", words: "How often a judge may tell Y from the reference", low: 0.5, high: 1,
      answers: ({ judge }) => [{
        name: "P", value: kl ? divergence_of_variation(2 * judge - 1) / Math.LN2 : 2 * judge - 1, unit: kl ? "bit" : "",
        words: kl ? "guarantees it: the inequalities of Pinsker, and of Bretagnolle and Huber" : "is what it means: the total variation",
      }],
    });
  } else if (has("P")) {
    list.push({
      wish: "share", words: "Allowed shift of mean and standard deviation, as a share of the reference's standard deviation", low: 0, high: 1,
      answers: ({ share }) => [{ name: "P", value: (share * now.values.sigma_ref) ** 2, unit: "", words: "keeps the shift within it" }],
    });
  }
  return list;
}

function build_guide() {
  const list = questions();
  document.querySelector(".guide").hidden = !list.length;
  $("guide").replaceChildren(...list.map(question));
}

function question({ wish, words, low, high, many, back }) {
  const block = document.createElement("div");
  const labels = many ? `<div class="slider"><label for="wish-labels">Number of labels</label><input type="range" id="wish-labels" min="2" max="100" value="${wishes.labels}"><input type="number" min="2" step="1" aria-label="Number of labels" value="${wishes.labels}"></div>` : "";
  block.innerHTML =
    `<div class="slider"><label for="wish-${wish}">${words}</label><input type="range" id="wish-${wish}" min="${low}" max="${high}" step="0.005" value="${wishes[wish]}">` +
    `<input type="number" min="${low}" max="${high}" step="any" aria-label="${words}" value="${wishes[wish]}"></div>${labels}` +
    `<div id="answers-${wish}"></div>${back ? `<p id="back-${wish}" class="note"></p>` : ""}`;
  for (const row of block.querySelectorAll(".slider")) {
    const [range, typed] = row.querySelectorAll("input");
    const key = range.id.slice("wish-".length);
    const set = (value) => {
      const whole = key === "labels" ? Math.max(2, Math.round(value)) : clipped(value, low, high);
      // Guessing one of n labels is right once in n times.
      wishes[key] = Number.isFinite(whole) ? whole : wishes[key];
      range.value = typed.value = wishes[key];
      say_guide();
    };
    range.addEventListener("input", () => set(Number(range.value)));
    typed.addEventListener("change", () => set(Number(typed.value)));
  }
  return block;
}

function say_guide() {
  for (const { wish, answers, back } of questions()) {
    const place = $(`answers-${wish}`);
    if (!place) continue;
    const rows = answers(wishes);
    if (place.children.length !== rows.length) {
      place.replaceChildren(...rows.map((row, k) => {
        const line = document.createElement("div");
        line.className = "answer";
        line.innerHTML = `<b></b><span></span><button type="button">Use</button>`;
        line.querySelector("button").addEventListener("click", () => {
          const chosen = questions().find((q) => q.wish === wish).answers(wishes)[k];
          now.values[chosen.name] = chosen.value;
          reach(chosen.name);
          draw_soon();
        });
        return line;
      }));
    }
    rows.forEach(({ name, value, unit, words }, k) => {
      const line = place.children[k];
      line.querySelector("b").textContent = `${name} ≤ ${written(value, 4)} ${unit}`.trim();
      line.querySelector("span").textContent = words;
      line.querySelector("button").setAttribute("aria-label", `Use ${name} = ${written(value, 4)}`);
    });
    if (back) $(`back-${wish}`).textContent = now.values.C < Infinity ? back(now.values.C, wishes) : "";
  }
}

// Taking along --------------------------------------------------------------------------------------------------------

function python() {
  const { id, parameters, arguments: args } = now.theorem;
  const listed = (letters) => letters.filter((l) => now.values[l.name] !== Infinity).map((l) => `${l.name}=${now.values[l.name]}`).join(", ");
  return `from drc.theory import entry\n\nT = entry("${id}").tradeoff(${listed(parameters)})\nT(${listed(args)})\n`;
}

async function copy(text, what) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = Object.assign(document.createElement("textarea"), { value: text });
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
  tell(`Copied ${what}.`);
}

function save(name, type, content) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content instanceof Blob ? content : new Blob([content], { type }));
  link.download = `${now.theorem.id}-${name}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  tell(`Saved ${link.download}.`);
}

function tell(words) {
  $("said").textContent = words;
}

// Every letter has a column, so that a file says what it is about.
function table(points) {
  const letters = [...now.theorem.parameters, ...now.theorem.arguments].map((l) => l.name);
  const beside = printed();
  const head = [...letters, value_letter().name, "regime", ...(beside ? [`${value_letter().name}_as_printed`] : [])];
  const plain = (v) => (v === Infinity ? "inf" : v === -Infinity ? "-inf" : String(v));
  const rows = points.map((moved) => {
    const at = { ...now.values, ...moved };
    const { value, index } = evaluate(exact(), at);
    const name = exact().regimes[index]?.name || "infeasible";
    const cells = [...letters.map((l) => plain(at[l])), plain(value), name.includes(",") ? `"${name}"` : name];
    return [...cells, ...(beside ? [plain(evaluate(beside, at).value)] : [])].join(",");
  });
  return [head.join(","), ...rows, ""].join("\n");
}

const curve_table = () => table(spread_evenly(...now.ranges[now.x], 201).map((x) => ({ [now.x]: x })));

function map_table() {
  const [xs, ys] = [now.x, now.y].map((name) => spread_evenly(...now.ranges[name], 51));
  return table(xs.flatMap((x) => ys.map((y) => ({ [now.x]: x, [now.y]: y }))));
}

function map_picture() {
  const map = $("map");
  const whole = Object.assign(document.createElement("canvas"), { width: map.width, height: map.height });
  const context = whole.getContext("2d");
  context.fillStyle = colour_of("--sheet");
  context.fillRect(0, 0, map.width, map.height);
  context.drawImage(map, 0, 0);
  whole.toBlob((blob) => save("map.png", "image/png", blob));
}

// Starting ------------------------------------------------------------------------------------------------------------

function at_pointer(event) {
  const box = $("cursor").getBoundingClientRect();
  const f = now.map.frame;
  const [px, py] = [event.clientX - box.left, event.clientY - box.top];
  const is_inside = px >= f.left && px <= f.right && py >= f.top && py <= f.bottom;
  const place = (name, value) => {
    const [low, high] = now.ranges[name];
    return clipped(rounded(value, high - low), low, high);
  };
  return { px, py, is_inside, moved: { [now.x]: place(now.x, f.x_at(px)), [now.y]: place(now.y, f.y_at(py)) } };
}

function hover(event) {
  const { px, py, is_inside, moved } = at_pointer(event);
  if (event.buttons & 1) return move_to(moved);
  if (event.pointerType !== "mouse") return;
  now.hover = is_inside ? moved : null;
  const tip = $("tip");
  tip.hidden = !is_inside;
  if (is_inside) {
    const { value, index } = evaluate(exact(), point());
    tip.textContent = `${value_letter().name} = ${written(value, 4)} · ${exact().regimes[index]?.name || "infeasible"}`;
    const width = $("cursor").clientWidth;
    tip.style.left = px > width / 2 ? "" : `${px + 14}px`;
    tip.style.right = px > width / 2 ? `${width - px + 14}px` : "";
    tip.style.top = `${Math.max(0, py - 34)}px`;
  }
  requestAnimationFrame(say);
}

function move_to(moved) {
  now.hover = null;
  $("tip").hidden = true;
  Object.assign(now.values, moved);
  show_controls();
  titles();
  point_moved();
}

function step(event) {
  const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowDown: [0, -1], ArrowUp: [0, 1] }[event.key];
  if (!steps) return;
  event.preventDefault();
  const moved = {};
  [now.x, now.y].forEach((name, k) => {
    const [low, high] = now.ranges[name];
    const far = (steps[k] * (event.shiftKey ? 10 : 1) * (high - low)) / 100;
    if (far) moved[name] = clipped(rounded(shown_value(name) + far, high - low), low, high);
  });
  move_to(moved);
}

function set_theme(name) {
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  document.documentElement.dataset.theme = name === "system" ? (dark ? "dark" : "light") : name;
  $("theme").dataset.chosen = name;
  $("theme").setAttribute("aria-label", `Colours: ${name === "system" ? "as the system has them" : name}`);
}

function start() {
  for (const family of new Set(THEOREMS.map((t) => t.family))) {
    const group = Object.assign(document.createElement("optgroup"), { label: family });
    group.append(...THEOREMS.filter((t) => t.family === family).map((t) => new Option(`${t.title}  ·  ${t.family}`, t.id)));
    $("theorem").append(group);
  }
  set_theme("system");
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    if ($("theme").dataset.chosen === "system") set_theme("system");
    draw_soon();
  });
  $("theme").addEventListener("click", () => {
    set_theme({ system: "light", light: "dark", dark: "system" }[$("theme").dataset.chosen]);
    draw_soon();
  });
  $("theorem").addEventListener("change", () => choose($("theorem").value));
  $("restart").addEventListener("click", () => choose(now.theorem.id));
  $("fit").addEventListener("click", () => (fit_ranges(), draw()));
  $("plane").addEventListener("change", () => {
    [now.x, now.y] = $("plane").value.split(" ");
    draw();
  });
  document.querySelectorAll("[name=form]").forEach((radio) =>
    radio.addEventListener("change", () => {
      now.form = radio.value;
      draw();
    }),
  );
  const cursor = $("cursor");
  cursor.addEventListener("pointermove", hover);
  cursor.addEventListener("pointerdown", (event) => {
    const { is_inside, moved } = at_pointer(event);
    if (!is_inside) return;
    if (event.pointerType === "mouse") cursor.setPointerCapture(event.pointerId);
    move_to(moved);
  });
  cursor.addEventListener("pointerleave", () => {
    now.hover = null;
    $("tip").hidden = true;
    say();
  });
  cursor.addEventListener("keydown", step);
  $("copy-latex").addEventListener("click", () => copy(now.theorem.shown[now.form].latex, "the formula as LaTeX"));
  $("copy-python").addEventListener("click", () => copy(python(), "three lines of Python"));
  $("copy-link").addEventListener("click", () => (write_address(), copy(location.href, "a link to this point")));
  $("csv-curve").addEventListener("click", () => save("curve.csv", "text/csv", curve_table()));
  $("csv-map").addEventListener("click", () => save("map.csv", "text/csv", map_table()));
  $("png-map").addEventListener("click", map_picture);
  new ResizeObserver(draw_soon).observe($("map-box"));
  choose(...remembered());
  performance.mark("shown");
}

start();
