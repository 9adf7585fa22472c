// What the page computes, without the page: formulas at points, ranges to look at, contours and borders.

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
  if (!regime) return "no branch of the printed formula covers this point";
  return regime.reasons
    .filter((reason) => reason.when(e))
    .map((reason) => reason.text.replace(/\{(\w+)\}/g, (_, name) => three_digits(reason.values[name](e))))
    .join("\n");
}
