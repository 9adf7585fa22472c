// Drawing on canvases: the map of a trade-off over two letters, and the curve over one.

// From little to much, evenly darker, told apart by all kinds of colour vision.
const RAMP = ["#fbf3d5", "#d3e8c5", "#93d0c0", "#56b1bd", "#3689ae", "#2d6097", "#293a70"].map((hex) =>
  [1, 3, 5].map((k) => parseInt(hex.slice(k, k + 2), 16)),
);

function shade(share) {
  const place = clipped(share, 0, 1) * (RAMP.length - 1);
  const k = Math.min(Math.floor(place), RAMP.length - 2);
  return RAMP[k].map((from, i) => from + (place - k) * (RAMP[k + 1][i] - from));
}

const colour_of = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

// A context whose unit is a CSS pixel, on a canvas as sharp as the screen.
function sharp(canvas) {
  const { width, height } = canvas.getBoundingClientRect();
  const ratio = Math.min(window.devicePixelRatio || 1, 2);
  const [w, h] = [Math.max(1, Math.round(width * ratio)), Math.max(1, Math.round(height * ratio))];
  if (canvas.width !== w || canvas.height !== h) Object.assign(canvas, { width: w, height: h });
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  return { context, width, height };
}

// Where the axes lie on a canvas: pixels of numbers, and back.
function frame(width, height, x_range, y_range, right) {
  const box = { left: 60, top: 10, right: width - right, bottom: height - 44 };
  const scale = (v, [low, high], from, to) => from + ((v - low) / (high - low)) * (to - from);
  return {
    ...box,
    x: (v) => scale(v, x_range, box.left, box.right),
    y: (v) => scale(v, y_range, box.bottom, box.top),
    x_at: (p) => scale(p, [box.left, box.right], ...x_range),
    y_at: (p) => scale(p, [box.bottom, box.top], ...y_range),
  };
}

const number = (v) => String(Number(v.toPrecision(6))).replace("-", "−");

function draw_axes(context, f, x_range, y_range, x_title, y_title) {
  context.strokeStyle = context.fillStyle = colour_of("--soft");
  context.lineWidth = 1;
  context.strokeRect(f.left, f.top, f.right - f.left, f.bottom - f.top);
  context.font = "12px system-ui, sans-serif";
  context.textAlign = "center";
  context.textBaseline = "top";
  for (const v of ticks(...x_range, (f.right - f.left) / 62)) {
    context.fillRect(f.x(v) - 0.5, f.bottom, 1, 5);
    context.fillText(number(v), f.x(v), f.bottom + 8);
  }
  context.textAlign = "right";
  context.textBaseline = "middle";
  for (const v of ticks(...y_range, (f.bottom - f.top) / 50)) {
    context.fillRect(f.left - 5, f.y(v) - 0.5, 5, 1);
    context.fillText(number(v), f.left - 8, f.y(v));
  }
  context.fillStyle = colour_of("--ink");
  context.font = "13px system-ui, sans-serif";
  context.textAlign = "center";
  context.textBaseline = "bottom";
  context.fillText(x_title, (f.left + f.right) / 2, f.bottom + 40);
  context.save();
  context.translate(2, (f.top + f.bottom) / 2);
  context.rotate(-Math.PI / 2);
  context.textBaseline = "top";
  context.fillText(y_title, 0, 0);
  context.restore();
}

// The ground that shows where nothing is feasible.
function hatch(context, f) {
  context.save();
  context.beginPath();
  context.rect(f.left, f.top, f.right - f.left, f.bottom - f.top);
  context.fillStyle = colour_of("--void");
  context.fill();
  context.clip();
  context.strokeStyle = colour_of("--hatch");
  context.lineWidth = 1;
  context.beginPath();
  for (let x = f.left - (f.bottom - f.top); x < f.right; x += 9) {
    context.moveTo(x, f.bottom);
    context.lineTo(x + f.bottom - f.top, f.top);
  }
  context.stroke();
  context.restore();
}

function with_halo(context, text, x, y, halo = "rgba(255,255,255,.85)", ink = "#16202c") {
  context.lineJoin = "round";
  context.lineWidth = 3.5;
  context.strokeStyle = halo;
  context.strokeText(text, x, y);
  context.fillStyle = ink;
  context.fillText(text, x, y);
}

// One picture of the map, from a grid that is full; `regime_at` finds the regime at a place in numbers.
function draw_map(canvas, map) {
  const { context, width, height } = sharp(canvas);
  const f = map.frame;
  context.clearRect(0, 0, width, height);
  hatch(context, f);
  const { levels, low, high } = levels_of(Array.from(map.grid.values));
  context.save();
  context.beginPath();
  context.rect(f.left, f.top, f.right - f.left, f.bottom - f.top);
  context.clip();
  fill_values(context, f, map.grid, low, high);
  const [px, py] = [(f.right - f.left) / (map.grid.nx - 1), (f.bottom - f.top) / (map.grid.ny - 1)];
  const place = (i, j) => [f.left + i * px, f.bottom - j * py];
  const names = name_places(context, map, place, px, py);
  draw_levels(context, map.grid, levels, place, names);
  draw_borders(context, map, place);
  for (const { text, x, y, dark } of names) {
    context.font = font_of_names(map.frame);
    context.textAlign = "center";
    context.textBaseline = "middle";
    if (dark) with_halo(context, text, x, y, colour_of("--void"), colour_of("--soft"));
    else with_halo(context, text, x, y);
  }
  context.restore();
  draw_axes(context, f, map.x_range, map.y_range, map.x_title, map.y_title);
  if (levels.length) draw_scale(context, f, low, high, map.value_title);
}

function fill_values(context, f, { nx, ny, values }, low, high) {
  const picture = new ImageData(nx, ny);
  for (let i = 0; i < nx; i++) {
    for (let j = 0; j < ny; j++) {
      const value = values[i * ny + j];
      if (value === Infinity) continue;
      picture.data.set([...shade((value - low) / (high - low)), 255], 4 * ((ny - 1 - j) * nx + i));
    }
  }
  const small = document.createElement("canvas");
  Object.assign(small, { width: nx, height: ny }).getContext("2d").putImageData(picture, 0, 0);
  context.imageSmoothingEnabled = true;
  // Nodes are the middles of pixels, so the picture reaches half a cell beyond the axes.
  const [px, py] = [(f.right - f.left) / (nx - 1), (f.bottom - f.top) / (ny - 1)];
  context.drawImage(small, f.left - px / 2, f.top - py / 2, f.right - f.left + px, f.bottom - f.top + py);
}

function draw_levels(context, grid, levels, place, names) {
  const labels = [];
  context.strokeStyle = "rgba(16,32,44,.5)";
  context.lineWidth = 0.8;
  for (const level of levels) {
    const segments = contour(grid, level);
    context.beginPath();
    for (const [a, b, c, d] of segments) {
      context.moveTo(...place(a, b));
      context.lineTo(...place(c, d));
    }
    context.stroke();
    const found = label_place(segments, place, [...labels, ...names]);
    if (found) labels.push({ ...found, text: number(level) });
  }
  context.font = "11px system-ui, sans-serif";
  context.textAlign = "center";
  context.textBaseline = "middle";
  for (const { x, y, text } of labels) with_halo(context, text, x, y, "rgba(255,255,255,.6)");
}

// The place on a line, from its middle outwards, that is free of others.
function label_place(segments, place, taken) {
  if (segments.length < 4) return null;
  const order = [...segments].sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  for (const share of [0.5, 0.4, 0.6, 0.3, 0.7, 0.2, 0.8]) {
    const [a, b, c, d] = order[Math.floor(share * (order.length - 1))];
    const [x, y] = place((a + c) / 2, (b + d) / 2);
    const [left, bottom] = place(0, 0);
    if (x < left + 20 || y > bottom - 12 || y < 24) continue;
    if (!taken.some((t) => Math.abs(t.x - x) < 30 + (t.half || 0) && Math.abs(t.y - y) < 18)) return { x, y };
  }
  return null;
}

function draw_borders(context, map, place) {
  const at = (i, j) => [
    map.x_range[0] + (i / (map.grid.nx - 1)) * (map.x_range[1] - map.x_range[0]),
    map.y_range[0] + (j / (map.grid.ny - 1)) * (map.y_range[1] - map.y_range[0]),
  ];
  const pieces = borders(map.grid, (i, j) => map.regime_at(...at(i, j)), map.steps);
  const is_edge = ({ pair }) => pair.some((index) => !map.is_feasible(index));
  const stroke = (chosen, style, width) => {
    context.strokeStyle = style;
    context.lineWidth = width;
    context.lineCap = "round";
    context.beginPath();
    for (const { line } of chosen) {
      context.moveTo(...place(line[0], line[1]));
      context.lineTo(...place(line[2], line[3]));
    }
    context.stroke();
  };
  const inner = pieces.filter((piece) => !is_edge(piece));
  stroke(inner, "rgba(255,255,255,.9)", 3.6);
  stroke(inner, "#16202c", 1.5);
  stroke(pieces.filter(is_edge), colour_of("--ink"), 2);
}

const font_of_names = (f) => `600 ${f.right - f.left < 330 ? 11 : 13}px system-ui, sans-serif`;

function name_places(context, map, place, px, py) {
  const found = [];
  context.font = font_of_names(map.frame);
  const roomiest_first = [...roomiest(map.grid)].sort((a, b) => b[1].room - a[1].room);
  for (const [index, { i, j, room }] of roomiest_first) {
    const text = map.names[index] || "infeasible";
    const half = context.measureText(text).width / 2;
    const [x, y] = place(i, j);
    // A region that is wider than high may still hold its name.
    if (room * Math.min(px, py) < 13 || room * Math.min(px, py) * 2.6 < half) continue;
    const { left, right } = map.frame;
    const at = clipped(x, left + half + 6, right - half - 6);
    if (found.some((other) => Math.abs(other.x - at) < other.half + half && Math.abs(other.y - y) < 18)) continue;
    found.push({ text, x: at, y, half, dark: !map.is_feasible(index) });
  }
  return found;
}

function draw_scale(context, f, low, high, title) {
  const [x, w] = [f.right + 14, 13];
  for (let y = f.top; y < f.bottom; y++) {
    context.fillStyle = `rgb(${shade((f.bottom - y) / (f.bottom - f.top)).map(Math.round)})`;
    context.fillRect(x, y, w, 1.5);
  }
  context.strokeStyle = context.fillStyle = colour_of("--soft");
  context.strokeRect(x, f.top, w, f.bottom - f.top);
  context.font = "12px system-ui, sans-serif";
  context.textAlign = "left";
  context.textBaseline = "middle";
  for (const v of ticks(low, high, 7)) {
    context.fillText(number(v), x + w + 5, f.bottom - ((v - low) / (high - low)) * (f.bottom - f.top));
  }
  context.fillStyle = colour_of("--ink");
  context.textBaseline = "bottom";
  context.textAlign = "center";
  context.fillText(title, x + w / 2, f.bottom + 22);
}

function draw_cursor(canvas, f, x, y) {
  const { context, width, height } = sharp(canvas);
  context.clearRect(0, 0, width, height);
  const [px, py] = [clipped(f.x(x), f.left, f.right), clipped(f.y(y), f.top, f.bottom)];
  for (const [style, line] of [["rgba(255,255,255,.8)", 3], ["#16202c", 1.2]]) {
    context.strokeStyle = style;
    context.lineWidth = line;
    context.beginPath();
    context.moveTo(f.left, py);
    context.lineTo(f.right, py);
    context.moveTo(px, f.top);
    context.lineTo(px, f.bottom);
    context.stroke();
  }
  dot(context, px, py);
}

function dot(context, x, y) {
  context.beginPath();
  context.arc(x, y, 6, 0, 2 * Math.PI);
  context.fillStyle = "#ffffff";
  context.fill();
  context.lineWidth = 3;
  context.strokeStyle = "#c2410c";
  context.stroke();
}

// The curve: lines of points {x, y, index}, the exact one with its regimes along the foot, the published one dashed.
function draw_curve(canvas, curve) {
  const { context, width, height } = sharp(canvas);
  context.clearRect(0, 0, width, height);
  const f = frame(width, height, curve.x_range, curve.y_range, 14);
  hatch(context, f);
  context.save();
  context.beginPath();
  context.rect(f.left, f.top, f.right - f.left, f.bottom - f.top);
  context.clip();
  context.fillStyle = colour_of("--sheet");
  const step = (f.right - f.left) / (curve.exact.length - 1);
  for (const run of runs(curve.exact, (point) => point.y < Infinity)) {
    if (run[0].y === Infinity) continue;
    const [left, right] = [f.x(run[0].x) - step / 2, f.x(run[run.length - 1].x) + step / 2];
    context.fillRect(left, f.top, right - left, f.bottom - f.top);
  }
  context.font = "600 12px system-ui, sans-serif";
  context.textAlign = "center";
  context.textBaseline = "top";
  for (const run of runs(curve.exact, (point) => point.index)) {
    const [left, right] = [f.x(run[0].x), f.x(run[run.length - 1].x)];
    const text = curve.names[run[0].index] || "infeasible";
    context.fillStyle = colour_of("--line");
    if (left > f.left + 1) context.fillRect(left - step / 2, f.top, 1.5, f.bottom - f.top);
    if (context.measureText(text).width + 12 < right - left) {
      context.fillStyle = colour_of("--soft");
      context.fillText(text, (left + right) / 2, f.top + 8);
    }
  }
  stroke_curve(context, f, curve.exact, colour_of("--accent"), 3, []);
  if (curve.published) stroke_curve(context, f, curve.published, colour_of("--printed"), 2.2, [7, 5]);
  context.restore();
  draw_axes(context, f, curve.x_range, curve.y_range, curve.x_title, curve.y_title);
  const { x, y } = curve.point;
  if (Number.isFinite(y) && x >= curve.x_range[0] && x <= curve.x_range[1]) dot(context, f.x(x), f.y(y));
}

// Neighbours that are alike, together.
function runs(points, kind) {
  const list = [];
  for (const point of points) {
    const last = list[list.length - 1];
    if (last && kind(last[0]) === kind(point)) last.push(point);
    else list.push([point]);
  }
  return list;
}

function stroke_curve(context, f, points, style, line, dashes) {
  context.strokeStyle = style;
  context.lineWidth = line;
  context.lineJoin = "round";
  context.setLineDash(dashes);
  context.beginPath();
  let drawing = false;
  for (const { x, y } of points) {
    if (y < Infinity) context[drawing ? "lineTo" : "moveTo"](f.x(x), f.y(y));
    drawing = y < Infinity;
  }
  context.stroke();
  context.setLineDash([]);
}
