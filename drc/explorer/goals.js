// What C means for an error rate, and P for telling reconstructions from originals. Entropies and divergences are in nats.

const steepness = (k) => k * (k + 1) * Math.log1p(1 / k);
const most_entropy = (error, n) => H_b(error, 1) + error * Math.log(n - 1);

// Between the errors 1 - 1/k and 1 - 1/(k + 1) the bound is a chord.
const place = (k, n) => Math.min(Math.max(Math.floor(k), 1), n - 1);

function least_entropy(error, n) {
  const k = place(1 / (1 - error), n);
  return Math.log(k) + (error - (k - 1) / k) * steepness(k);
}

function least_error(nats, n) {
  if (!(nats > 0)) return 0;
  if (nats >= Math.log(n)) return 1 - 1 / n;
  const short = (x) => Math.log(most_entropy(Math.exp(x), n) / nats);
  return Math.exp(root(short, -750, Math.log1p(-1 / n), 0, 0, [], 0));
}

function largest_error(nats, n) {
  const h = Math.min(nats, Math.log(n));
  const k = place(Math.exp(h), n);
  return (k - 1) / k + (h - Math.log(k)) / steepness(k);
}

const entropy_of_rms = (error) => Math.log(error * Math.sqrt(2 * Math.PI * Math.E));
const divergence_of_variation = (t) => Math.max(2 * t * t, t === 1 ? Infinity : -Math.log1p(-t * t));
