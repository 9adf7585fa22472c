// The named functions of drc.information, one number at a time: the same formulas, in the same order, as in numpy.
// `drc.expressions.javascript` puts this text before what it compiles; a function here has the name of its Python class.
"use strict";

const SLACK = 4 * Number.EPSILON;

const at_most = (a, b) => a <= b + SLACK * Math.abs(b);
const square = (x) => x * x;
const entr = (p) => (p > 0 ? -p * Math.log(p) : p === 0 ? 0 : -Infinity);
const xlog1py = (x, y) => (x === 0 && !Number.isNaN(y) ? 0 : x * Math.log1p(y));
const nats_of = (base) => (base === Math.E ? 1 : Math.log(base));
const clipped = (x, low, high) => Math.min(Math.max(x, low), high);
const sum = (terms) => terms.reduce((a, b) => a + b, 0);

// Bits ----------------------------------------------------------------------------------------------------------------

function H_b(p, base = 2) {
  const q = Math.min(p, 1 - p);
  return (entr(q) - xlog1py(1 - q, -q)) / nats_of(base);
}

// a g(u/a) with g(x) = (1 + x) log(1 + x) - x; near zero a series, because the difference would lose digits.
function excess_of_cell(u, independent) {
  const x = independent > 0 ? Math.max(u / independent, -1) : 0;
  const s = x / (2 + x);
  if (!(Math.abs(s) < 0.2)) return independent * (xlog1py(1 + x, x) - x);
  const s2 = s * s;
  let series = 2 / 23;
  for (let k = 21; k > 1; k -= 2) series = series * s2 + 2 / k;
  return independent * (x * s + (1 + x) * s * s2 * series);
}

function I_b(u, p, r, base = 2) {
  const nats =
    excess_of_cell(u, p * r) +
    excess_of_cell(-u, p * (1 - r)) +
    excess_of_cell(-u, (1 - p) * r) +
    excess_of_cell(u, (1 - p) * (1 - r));
  return nats / nats_of(base);
}

// Newton's method on the root of an information, which is nearly linear in u; kept between 0 and `top` by halving.
function newton_root_of_information(information, slope, nats, start, top) {
  let [low, high, u] = [0, top, start];
  for (let step = 0; step < 200; step++) {
    const value = information(u);
    const roots = Math.sqrt(value) + Math.sqrt(nats);
    let next = u - (2 * Math.sqrt(value) * (value - nats)) / roots / slope(u);
    if (value <= nats) low = u;
    if (value >= nats) high = u;
    if (!(next >= low && next <= high)) next = low + (high - low) / 2;
    const moved = Math.abs(next - u);
    if (!(moved > 1e-15 * u)) return next;
    u = next;
  }
  return u;
}

function I_b_inv(i, p, r, base = 2) {
  const top = Math.min(p * (1 - r), (1 - p) * r);
  const nats = i * nats_of(base);
  if (Number.isNaN(nats + top)) return NaN;
  if (!(nats > 0)) return 0;
  if (!(nats < I_b(top, p, r, Math.E))) return top;
  return newton_root_of_information(
    (u) => I_b(u, p, r, Math.E),
    (u) => Math.log1p(u / ((p * (1 - r) - u) * ((1 - p) * r - u))),
    nats,
    Math.min(Math.sqrt(2 * p * (1 - p) * r * (1 - r) * nats), top / 2),
    top,
  );
}

function H_b_inv(h, base = 2) {
  const bits = base === Math.E ? h * Math.LOG2E : h * Math.log2(base);
  if (Number.isNaN(bits)) return NaN;
  // Near one bit the missing information 1 - h is what has digits; near zero it is h.
  return bits >= 0.5 ? 0.5 - 2 * I_b_inv(1 - bits, 0.5, 0.5) : small_probability(Math.max(bits, 0));
}

function small_probability(bits) {
  const nats = bits * Math.LN2;
  if (!(nats > 0)) return 0;
  if (nats <= 1e-304) {
    let depth = 1 - Math.log(nats);
    for (let k = 0; k < 6; k++) depth = 1 - Math.log(nats) + Math.log(depth);
    return nats / depth;
  }
  let p = nats / (2 + Math.log1p(nats) - Math.log(nats));
  for (let step = 0; step < 100; step++) {
    const value = H_b(p, Math.E);
    const exponent = (value * Math.log(value / nats)) / (p * (Math.log1p(-p) - Math.log(p)));
    const next = Math.min(p * Math.exp(-exponent), 0.3);
    const done = Math.abs(next - p) <= 4e-16 * p;
    p = next;
    if (done) break;
  }
  return p;
}

// Kullback-Leibler balls of bits --------------------------------------------------------------------------------------

function KL_b(y, q, base = 2) {
  if ((q === 0 && y > 0) || (q === 1 && y < 1)) return Infinity;
  return (excess_of_cell(y - q, q) + excess_of_cell(q - y, 1 - q)) / nats_of(base);
}

function distance_in_ball(nats, a, b) {
  const most = -Math.log(b);
  if (nats >= most) return a;
  if (!(nats > 0 && nats < most && b > 0)) return 0;
  return newton_root_of_information(
    (u) => excess_of_cell(-u, a) + excess_of_cell(u, b),
    (u) => Math.log1p(u / b) - Math.log1p(-u / a),
    nats,
    Math.min(Math.sqrt(2 * a * b) * Math.sqrt(nats), a / 2),
    a,
  );
}

const KL_b_min = (q, P, base = 2) => q - distance_in_ball(P * nats_of(base), q, 1 - q);
const KL_b_max = (q, P, base = 2) => q + distance_in_ball(P * nats_of(base), 1 - q, q);

// Lambert's W ---------------------------------------------------------------------------------------------------------

// t - log(1 + t), with all digits also near 0.
function excess(t) {
  if (!(Math.abs(t) < 0.2)) return t - Math.log1p(t);
  const z = t / (2 + t);
  const z2 = z * z;
  let tail = 0;
  for (let k = 19; k > 1; k -= 2) tail = z2 * (2 / k + tail);
  return z * (t - tail);
}

// The y = 1 + t with t - log(1 + t) = v: t <= 0 on branch 0, t >= 0 on branch -1.
function root_of_excess(v, branch) {
  if (v > -1e-15) v = Math.max(v, 0);
  if (!(v < 0.2)) return branch === 0 ? far_root_0(v) : far_root_m1(v);
  const s = Math.sqrt(2 * v) * (branch === 0 ? -1 : 1);
  let t = s * (1 + s * (1 / 3 + s * (1 / 36 - s / 270)));
  for (let k = 0; k < 3 && t !== 0; k++) t = t - ((excess(t) - v) * (1 + t)) / t;
  return 1 + t;
}

// Newton's method for y e^-y = e^(-1 - v) from y = 0: the function is concave there, so it never overshoots.
function far_root_0(v) {
  const x = Math.exp(-1 - v);
  let y = x;
  for (let k = 0; k < 40; k++) {
    const next = y - (y - x * Math.exp(y)) / (1 - y);
    if (!(Math.abs(next - y) > 1e-16 * y)) return next;
    y = next;
  }
  return y;
}

function far_root_m1(v) {
  if (v === Infinity) return Infinity;
  let y = 1 + v + Math.log1p(v);
  for (let k = 0; k < 40; k++) {
    const step = (y - Math.log(y) - (1 + v)) / (1 - 1 / y);
    y -= step;
    if (!(Math.abs(step) > 1e-16 * y)) break;
  }
  return y;
}

const W_0_below_branch_point = (v) => -root_of_excess(v, 0);
const W_m1_below_branch_point = (v) => -root_of_excess(v, -1);
const W_0 = (x) => (x <= 0 ? W_0_below_branch_point(-1 - Math.log(-x)) : NaN);
const W_m1 = (x) => (x <= 0 ? W_m1_below_branch_point(-1 - Math.log(-x)) : NaN);

// The Kullback-Leibler ball around a normal law -----------------------------------------------------------------------

function KL_width(s, p) {
  if (p === Infinity) return Infinity;
  const room = 2 * p - excess((s - 1) * (s + 1));
  return Math.sqrt(room > 0 ? room : 0);
}

const deviations_of_ball = (p) => [Math.sqrt(root_of_excess(2 * p, 0)), Math.sqrt(root_of_excess(2 * p, -1))];

function KL_nearest(alpha, delta, p) {
  alpha = Math.max(alpha, 0);
  delta = Math.abs(delta);
  const [low, high] = deviations_of_ball(p);
  const nearest = clipped(alpha, low, high);
  const inside = delta <= KL_width(alpha, p) && low <= alpha && alpha <= high;
  if (inside || delta === 0) return nearest;
  const sign = (s) => delta * (s - 1) * (s + 1) - KL_width(s, p) * (alpha * s - 1);
  return root_of_sign(sign, Math.min(1, nearest), Math.max(1, nearest));
}

function KL_steepest(kappa, delta, p) {
  delta = Math.abs(delta);
  const [low, high] = deviations_of_ball(p);
  const free = Math.sqrt(Math.max(kappa, 0));
  const inside = delta <= KL_width(free, p) && low <= free && free <= high;
  if (inside || delta === 0) return clipped(free, low, high);
  if (!Number.isFinite(high)) return NaN;
  const sign = (s) => {
    const q = KL_width(s, p);
    const e = Math.max(0, delta - q);
    return q * (s * s - e * e - kappa) + 2 * e * (s - 1) * (s + 1);
  };
  return root_of_sign(sign, low, high);
}

function root_of_sign(sign, low, high) {
  const [at_low, at_high] = [sign(low), sign(high)];
  if (at_low < 0 && at_high > 0) return chandrupatla(sign, low, high, at_low, at_high);
  return at_low >= 0 ? low : high;
}

// Bisection, or inverse quadratic interpolation where it is safe (Chandrupatla 1997).
function chandrupatla(sign, b, a, fb, fa) {
  let t = 0.5;
  let best = a;
  for (let k = 0; k < 120; k++) {
    const x = a + t * (b - a);
    const fx = sign(x);
    const same = Math.sign(fx) === Math.sign(fa);
    const [c, fc] = same ? [a, fa] : [b, fb];
    if (!same) [b, fb] = [a, fa];
    [a, fa] = [x, fx];
    best = Math.abs(fa) < Math.abs(fb) ? a : b;
    const least = (2 * Number.EPSILON * Math.abs(best)) / Math.abs(b - a);
    if (!(least < 0.5 && fa !== 0 && a !== b)) break;
    const xi = (a - b) / (c - b);
    const phi = (fa - fb) / (fc - fb);
    const safe = phi ** 2 < xi && (1 - phi) ** 2 < 1 - xi;
    const inverse =
      ((fa / (fb - fa)) * fc) / (fb - fc) + ((((c - a) / (b - a)) * fa) / (fc - fa)) * (fb / (fc - fb));
    t = clipped(safe ? inverse : 0.5, least, 1 - least);
  }
  return best;
}

// Rate shared among Gaussian components -------------------------------------------------------------------------------

function decreasing_root(values_and_slopes, low, high, start = (low + high) / 2) {
  let x = clipped(start, low, high);
  let before = high - low;
  for (let k = 0; k < 200; k++) {
    const [value, slope] = values_and_slopes(x);
    if (value > 0) low = x;
    if (value <= 0) high = x;
    const step = value / slope;
    // A step that leaves the bracket, or does not halve the one before, gives way to bisection.
    const newton = x - step >= low && x - step <= high && 2 * Math.abs(step) <= Math.abs(before);
    const next = value === 0 ? x : newton ? x - step : (low + high) / 2;
    before = next - x;
    x = next;
    if (Math.abs(before) <= (newton ? 1e-9 : 5e-16) * (1 + Math.abs(x))) break;
  }
  return x;
}

const MARGIN = 1e-6;
const correlation_of = (r) => Math.sqrt(-Math.expm1(-2 * r));
const ambiguity_of = (r, c) => sum(r.map((e, i) => Math.log1p(Math.max(c[i] * Math.expm1(-2 * e), -1)))) / 2;
const gain_of = (r, w) => sum(r.map((e, i) => w[i] * correlation_of(e)));
const log_odds = (c) => Math.log1p(-c) - Math.log(c);
const log_price = (r, w) => Math.log(2 * w) - 2 * r - Math.log(-Math.expm1(-2 * r)) / 2;
const sorted = (values) => [...values].sort((a, b) => a - b);
const halves = (list) => [list.slice(0, list.length / 2), list.slice(list.length / 2)];

function filled_rate(level, w) {
  const u = (4 * w) / level;
  const h = Math.hypot(1, u);
  return (u < 1 ? Math.log1p((u * u) / (2 + 2 * h)) : Math.log((1 + h) / 2)) / 2;
}

function filled_rate_of_log(log_level, w) {
  const t = Math.asinh(Math.exp(log_level) / (4 * w));
  return -(t > 0.5 ? Math.log1p(-Math.exp(-2 * t)) : Math.log(-Math.expm1(-2 * t))) / 2;
}

// The level of water over grounds: the least of the averages of what is poured and the lowest grounds.
function water_level(poured, grounds) {
  let total = poured;
  return Math.min(...sorted(grounds).map((height, k) => (total += height) / (k + 1)));
}

function rate_level(R, ...w) {
  if (R === 0) return Infinity;
  if (R === Infinity) return 0;
  const top = Math.max(...w);
  const spent = (x) => {
    const level = Math.exp(x);
    const total = sum(w.map((e) => filled_rate_of_log(x, e)));
    const slopes = w.map((e) => -level / Math.hypot(level, 4 * e) / Math.expm1(2 * Math.asinh(level / (4 * e))));
    return [Math.log(total) - Math.log(R), sum(slopes) / total];
  };
  return Math.exp(decreasing_root(spent, log_price(R, top) - MARGIN, log_price(R / w.length, top) + MARGIN));
}

function gain_level(g, ...w) {
  const total = sum(w);
  if (g <= 0) return Infinity;
  if (!(g < total)) return 0;
  const share = g / total;
  const [low, high] = [Math.min(...w), Math.max(...w)].map((e) => Math.log((2 * e * (1 - share) * (1 + share)) / share));
  const reached = (x) => {
    const level = Math.exp(x);
    const gains = w.map((e) => (e * (4 * e)) / (level + Math.hypot(level, 4 * e)));
    return [sum(gains) - g, -sum(gains.map((e, i) => (e * level) / Math.hypot(level, 4 * w[i])))];
  };
  return Math.exp(decreasing_root(reached, low - MARGIN, high + MARGIN));
}

const reverse_level = (R, ...w) => 4 * Math.exp(-water_level(2 * R, w.map((e) => -Math.log(e))));

function limited_level(R, m, ...w) {
  if (!(R > 0)) return Infinity;
  if (!(m > 0)) return 0;
  const spent = (x) => {
    const y = Math.exp(x);
    const near = Math.hypot(y, m);
    const above = w.filter((e) => e > m);
    const apart = above.map((e) => ((e - m) * (e + m)) / (Math.hypot(y, e) + near));
    const rates = apart.map((d) => Math.log1p(d / (y + near)) / 2);
    return [sum(rates) - R, sum(apart.map((d, i) => (-y * d) / (Math.hypot(y, above[i]) * near) / 2))];
  };
  const high = Math.log(Math.max(...w) * w.length) + Math.max(0, -Math.log(R)) + 2;
  return Math.exp(decreasing_root(spent, Math.log(m) - 40, high));
}

function ambiguity_rates(R, c, w) {
  if (c.includes(1)) {
    // Among labels that are functions of their components, the share of the largest gain.
    const top = Math.max(...w);
    const among = c.map((e, i) => (e === 1 ? w[i] / top : 1e-280));
    const level = rate_level(R, ...among);
    return c.map((e, i) => (e === 1 ? filled_rate(level, among[i]) : 0));
  }
  const ground = c.map(log_odds);
  const level = water_level(2 * R, ground);
  return c.map((e, i) => (e > 0 ? Math.max(level - ground[i], 0) : 0) / 2);
}

function least_ambiguity(R, ...c) {
  if (c.includes(1)) return -R;
  return ambiguity_of(R === Infinity ? c.map(() => Infinity) : ambiguity_rates(R, c, c), c);
}

function least_rate(K, ...c) {
  if (K >= 0) return 0;
  if (c.includes(1)) return -K;
  let total = 2 * K;
  const y = Math.max(...sorted(c.map((e) => Math.log1p(-e))).map((log, k) => (total -= log) / (k + 1)));
  if (!(y > 0)) return Infinity;
  const level = -Math.log(Math.expm1(y));
  return sum(c.map((e) => (e > 0 ? Math.max(level - log_odds(e), 0) : 0))) / 2;
}

function gain_of_least_ambiguity(R, ...components) {
  const [w, c] = halves(components);
  return R === Infinity ? sum(w) : gain_of(ambiguity_rates(R, c, w), w);
}

// Components at a price of rate and a price of ambiguity; where some c = 1, prices of rate count from that of ambiguity.
function priced(w, c) {
  const shift = c.includes(1) ? 1 : 0;
  const guess = [];
  const label_rate = (price, price_C, e) => {
    const v = (price * (1 - e)) / (e * (price_C - price));
    return price < price_C * e && e < 1 ? -Math.log(v > 0 ? Math.min(v, 1) : 1) / 2 : 1e-300;
  };
  const slopes = (r, i, label) => {
    const v = Math.exp(-2 * r);
    const rho = correlation_of(r);
    const left = 1 - c[i] + c[i] * v;
    return [
      (2 * w[i] * v) / rho + (label * c[i] * v) / left,
      -2 * v * ((w[i] * (2 - v)) / rho ** 3 + (label * c[i] * (1 - c[i])) / (left * left)),
    ];
  };
  const rates = (log_price_R, price_C) =>
    w.map((e, i) => {
      const extra = Math.exp(log_price_R);
      const price = c[i] === 1 ? extra : extra + shift * price_C;
      const label = c[i] === 1 ? 0 : price_C;
      const low = Math.max(filled_rate_of_log(Math.log(price), e), label_rate(price, label, c[i]));
      const high = Math.max(filled_rate_of_log(Math.log(price / 2), e), label_rate(price / 2, label, c[i]));
      const over = (x) => {
        const [slope, curvature] = slopes(Math.exp(x), i, label);
        return [Math.log(slope / price), (Math.exp(x) * curvature) / slope];
      };
      guess[i] = decreasing_root(over, Math.log(low) - MARGIN, Math.log(high) + MARGIN, guess[i]);
      return Math.exp(guess[i]);
    });
  const response = (r, price_C) =>
    r.map((e, i) => {
      const v = Math.exp(-2 * e);
      return [1 / slopes(e, i, c[i] === 1 ? 0 : price_C)[1], (c[i] * v) / (1 - c[i] + c[i] * v)];
    });
  return { rates, response };
}

// Share rate so that both constraints bind: `by` says whether `target` is the rate to be spent or the gain to be reached.
function shared_rates(target, K, w, c, by) {
  const { rates, response } = priced(w, c);
  const top = Math.log(Math.max(...w));
  let guess;
  const inner = (price_C) => {
    const middle = Math.log(Math.exp(top) + price_C);
    const left_over = (x) => {
      const r = rates(x, price_C);
      const changes = response(r, price_C).map(([answer, fall]) => [answer * Math.exp(x), fall]);
      if (by === "rate") return [Math.log(sum(r) / target), sum(changes.map(([e]) => e)) / sum(r)];
      return [K - ambiguity_of(r, c), sum(changes.map(([e, fall]) => fall * e))];
    };
    guess = decreasing_root(left_over, middle - 600, middle + 300, guess === undefined ? middle : guess);
    return rates(guess, price_C);
  };
  const outer = (z) => {
    const price_C = Math.exp(z);
    const r = inner(price_C);
    const answers = response(r, price_C);
    const weights = answers.map(([answer, fall]) => (by === "rate" ? answer : answer * fall));
    const move = sum(weights.map((e, i) => e * answers[i][1])) / sum(weights);
    const changes = answers.map(([answer, fall]) => answer * (move - fall) * price_C);
    if (by === "rate") return [ambiguity_of(r, c) - K, -sum(changes.map((e, i) => answers[i][1] * e))];
    const worth = r.map((e, i) => (w[i] * Math.exp(-2 * e)) / correlation_of(e));
    return [gain_of(r, w) - target, sum(worth.map((e, i) => e * changes[i]))];
  };
  return inner(Math.exp(decreasing_root(outer, top - 45, top + 60, top)));
}

function best_rates(R, K, w, c) {
  const level = rate_level(R, ...w);
  const rates = w.map((e) => filled_rate(level, e));
  const both = R > 0 && R < Infinity && ambiguity_of(rates, c) > K && c.some((e) => e > 0);
  if (!both) return rates;
  return least_ambiguity(R, ...c) >= K ? ambiguity_rates(R, c, w) : shared_rates(R, K, w, c, "rate");
}

function dearest_rates(g, K, w, c) {
  const least = least_rate(K, ...c);
  if (g >= sum(w) || !Number.isFinite(least)) return w.map(() => Infinity);
  const level = gain_level(g, ...w);
  const rates = w.map((e) => filled_rate(level, e));
  if (!(ambiguity_of(rates, c) > K)) return rates;
  const alone = ambiguity_rates(least, c, w);
  return gain_of(alone, w) >= g ? alone : shared_rates(g, K, w, c, "gain");
}

function shared_gain(R, K, ...components) {
  const [w, c] = halves(components);
  return gain_of(best_rates(R, K, w, c), w);
}

function shared_share(i, R, K, ...components) {
  return best_rates(R, K, ...halves(components))[i - 1];
}

function shared_rate(g, K, ...components) {
  return sum(dearest_rates(g, K, ...halves(components)));
}

// What C means for an error rate, and P for a judge; in nats ------------------------------------------------------------

const steepness = (k) => k * (k + 1) * Math.log1p(1 / k);
const most_entropy = (error, n) => H_b(error, Math.E) + error * Math.log(n - 1);

function least_entropy(error, n) {
  const k = clipped(Math.floor(1 / (1 - error)), 1, n - 1);
  return Math.log(k) + (error - (k - 1) / k) * steepness(k);
}

function least_error(nats, n) {
  if (!(nats > 0)) return 0;
  if (nats >= Math.log(n)) return 1 - 1 / n;
  const [target, top] = [Math.log(nats), Math.log1p(-1 / n)];
  const short = (x) => {
    const [e, most] = [Math.exp(x), most_entropy(Math.exp(x), n)];
    return [target - Math.log(most), (-e * (Math.log1p(-e) + Math.log(n - 1) - x)) / most];
  };
  return Math.exp(decreasing_root(short, -750, top, Math.min(target - 2, top - 0.1)));
}

function largest_error(nats, n) {
  const h = Math.min(nats, Math.log(n));
  const k = clipped(Math.floor(Math.exp(h)), 1, n - 1);
  return (k - 1) / k + (h - Math.log(k)) / steepness(k);
}

const entropy_of_rms = (error) => Math.log(error * Math.sqrt(2 * Math.PI * Math.E));
const divergence_of_variation = (t) => Math.max(2 * t * t, t === 1 ? Infinity : -Math.log1p(-t * t));

// Noise ---------------------------------------------------------------------------------------------------------------

function noise_excess(rho) {
  const low = Math.min(...rho);
  const span = Math.max(...rho) - low || 1;
  return [low, rho.map((x) => (x - low) / span), span];
}

function noise_moments(s, excess) {
  const w = excess.map((x) => Math.exp(-s * x));
  const total = sum(w);
  const mean = sum(excess.map((x, k) => w[k] * x)) / total;
  return [mean, sum(excess.map((x, k) => w[k] * square(x - mean))) / total, total];
}

function price_for_cost(D, ...rho) {
  const [low, excess, span] = noise_excess(rho);
  const target = (D - low) / span;
  if (!(target > 0)) return Infinity;
  if (!(target < sum(excess) / rho.length)) return 0;
  const left = (s) => {
    const [mean, variance] = noise_moments(s, excess);
    return [mean - target, -variance];
  };
  return decreasing_root(left, 0, rho.length / (Math.E * target)) / span;
}

function price_for_rate(R, ...rho) {
  const [, excess, span] = noise_excess(rho);
  const dear = excess.filter((x) => x > 0);
  if (!(R > 0)) return 0;
  if (!(R < Math.log(rho.length / (rho.length - dear.length)))) return Infinity;
  const left = (s) => {
    const [mean, variance, total] = noise_moments(s, excess);
    return [R - (Math.log(rho.length) - Math.log(total) - s * mean), -s * variance];
  };
  return decreasing_root(left, 0, 800 / Math.min(...dear)) / span;
}
