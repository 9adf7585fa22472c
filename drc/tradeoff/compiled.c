// Values with bounds on their relative errors, as in `drc.expressions.pairs` and `drc.information.spread`, one point at a
// time. A bound that is infinite, or not a number, says that nothing is known; such a point is left to numpy.

#include <math.h>
#include <string.h>

#define UNIT 0x1p-53
#define ELEMENTARY (4 * UNIT)
#define SHORT (8 * UNIT)
#define OWN (32 * UNIT)
#define SLACK 0x1p-50
#define TINY 1e-290
#define TOLERANCE 1e-13

#define INLINE static inline __attribute__((always_inline))

// Loops over points become vectors only if those within them are unrolled.
#define STEPS(count) _Pragma("GCC unroll 16") for (int step = 0; step < (count); step++)

INLINE double least_of(double a, double b) { return (a < b) | (b != b) ? a : b; }
INLINE double most_of(double a, double b) { return (a > b) | (b != b) ? a : b; }

// The larger error: one that is not a number is worse than all.
INLINE double worse(double a, double b) { return (a > b) | (a != a) ? a : b; }

// A call of the library for each of these would cost more than the rest.
#define fmin least_of
#define fmax most_of

@ROUTINES@

typedef struct { double v, e; } P;
typedef double T;

static const T NO = 0, DOUBT = 0.5, YES = 1;

INLINE P pair(double v, double e) { P p = {v, e}; return p; }
INLINE P number(double v) { return pair(v, 0); }
INLINE P unknown(void) { return pair(NAN, INFINITY); }

INLINE double settled(P a) { return a.e <= TOLERANCE ? a.v : NAN; }

// A result is known unless it has left the range of doubles; `special` says that zero or infinity is meant.
INLINE P ranged(double v, double e, int special) {
    double size = fabs(v);
    return pair(v, special | ((size > TINY) & (size < INFINITY)) ? e : INFINITY);
}

INLINE int infinite(double v) { return fabs(v) == INFINITY; }
INLINE int extreme(P a) { return (a.v == 0) | infinite(a.v); }
INLINE double lost(P a) { return a.e == 0 ? 0 : fabs(a.v) * a.e; }
INLINE P minus(P a) { return pair(-a.v, a.e); }
INLINE P size(P a) { return pair(fabs(a.v), a.e); }
INLINE P times(P a, P b) { return ranged(a.v * b.v, a.e + b.e + UNIT, extreme(a) | extreme(b)); }
INLINE P over(P a, P b) { return ranged(a.v / b.v, a.e + b.e + UNIT, extreme(a) | extreme(b)); }
INLINE P square(P a) { return ranged(a.v * a.v, 2 * a.e + UNIT, extreme(a)); }
INLINE P squareroot(P a) { return pair(sqrt(a.v), 0.5 * a.e + UNIT); }

INLINE P sum(P a, P b) {
    double t = a.v + b.v, missing = lost(a) + lost(b), e = UNIT + (missing == 0 ? 0 : missing / fabs(t));
    return pair(t, infinite(a.v) | infinite(b.v) ? a.e + b.e : infinite(t) ? INFINITY : e);
}

// A sum with a number of the table, whose digits beyond those of a double follow it there.
INLINE P shifted(P n, P rest, P x) {
    int infinity = infinite(n.v) | infinite(x.v);
    double t = infinity ? n.v + x.v : n.v + x.v + rest.v;
    double missing = lost(x) + (n.e > 0 ? fabs(n.v) * UNIT * UNIT : 0);
    double e = infinite(t) ? INFINITY : 3 * UNIT + (missing == 0 ? 0 : missing / fabs(t));
    return pair(t, infinity | !(n.e < INFINITY) ? n.e + x.e : e);
}

// Elementary functions without branches, which compilers turn into vectors; to two units in the last place -----------

#define MAGIC 0x1.8p52
#define LN2 0.6931471805599453
#define LN2_HIGH 0x1.62e42feep-1
#define LN2_LOW 0x1.a39ef35793c76p-33

typedef unsigned long long Bits;

INLINE double number_of(Bits b) { double x; memcpy(&x, &b, sizeof x); return x; }
INLINE Bits bits_of(double x) { Bits b; memcpy(&b, &x, sizeof b); return b; }

// exp(r) - 1 for a small r.
INLINE double near_one(double r) {
    double p = 1 / 6227020800.0;
    p = p * r + 1 / 479001600.0, p = p * r + 1 / 39916800.0, p = p * r + 1 / 3628800.0, p = p * r + 1 / 362880.0;
    p = p * r + 1 / 40320.0, p = p * r + 1 / 5040.0, p = p * r + 1 / 720.0, p = p * r + 1 / 120.0;
    p = p * r + 1 / 24.0, p = p * r + 1 / 6.0;
    return r + r * r * (0.5 + r * p);
}

// exp(x) - less for 0 or 1, where x = whole ln 2 + r; what leaves the range is zero or infinite.
INLINE double exponential_of(double whole, double r, double less) {
    double power = number_of((bits_of(whole + MAGIC) << 52) + (1023ull << 52));
    double v = power * near_one(r) + (power - less);
    return whole < -1000 ? -less : whole > 1000 ? INFINITY : v;
}

INLINE double exp_(double x, double less) {
    double whole = (x * (1 / LN2) + MAGIC) - MAGIC, r = (x - whole * LN2_HIGH) - whole * LN2_LOW;
    return exponential_of(whole, r, less);
}

INLINE double exp2_(double x) {
    double whole = (x + MAGIC) - MAGIC;
    return exponential_of(whole, (x - whole) * LN2, 0);
}

// The logarithm of x + rest, where the rest is small; nothing below the normal numbers but zero is known.
INLINE double log_(double x, double rest) {
    Bits from = bits_of(x) - 0x3fe6a09e667f3bcdull + (1024ull << 52);
    double k = number_of((from >> 52) | 0x4330000000000000ull) - (0x1p52 + 1024);
    double m = number_of(bits_of(x) - (from & 0xfff0000000000000ull) + (1024ull << 52)), f = m - 1, s = f / (2 + f), z = s * s;
    double p = 1.479819860511658591e-01;
    p = p * z + 1.531383769920937332e-01, p = p * z + 1.818357216161805012e-01, p = p * z + 2.222219843214978396e-01;
    p = p * z + 2.857142874366239149e-01, p = p * z + 3.999999999940941908e-01, p = p * z + 6.666666666666735130e-01;
    double half = 0.5 * f * f, low = k * LN2_LOW + (rest == 0 ? 0 : rest / x);
    double v = k * LN2_HIGH - ((half - (s * (half + z * p) + low)) - f);
    return x == INFINITY ? x : x >= 0x1p-1022 ? v : x == 0 ? -INFINITY : NAN;
}

INLINE double log1p_(double x) {
    double u = 1 + x;
    return x == INFINITY ? x : log_(u, x - (u - 1));
}

INLINE P power(P x, P y) {
    if (y.e == 0) return ranged(pow(x.v, y.v), fabs(y.v) * x.e + ELEMENTARY, extreme(x) || y.v == 0);
    return ranged(pow(x.v, y.v), fabs(y.v) * (x.e + fabs(log(x.v)) * y.e) + ELEMENTARY, 0);
}

INLINE P exponential_from(double v, P y) {
    P p = ranged(v, fabs(y.v) * y.e + ELEMENTARY, 0);
    return pair(v, infinite(y.v) ? y.e : p.e);
}

INLINE P exponential(P y) { return exponential_from(exp_(y.v, 0), y); }
INLINE P power_of_two(P y) { return exponential_from(exp2_(y.v), y); }

INLINE P logarithm(P x) {
    double v = log_(x.v, 0);
    return pair(v, ((x.v == INFINITY) | (x.e == 0) ? x.e : x.e / fabs(v)) + ELEMENTARY);
}

INLINE P logarithm_of_one_and(P x) {
    double at = x.v < -1 ? -1 : x.v, v = log1p_(at), slope = fabs(at / ((1 + at) * v));
    return pair(v, (x.e == 0 ? 0 : x.e * most_of(1, slope)) + ELEMENTARY);
}

INLINE P one_less_exponential(P u) {
    return ranged(-exp_(u.v, 1), (u.e == 0 ? 0 : u.e * (1 + most_of(u.v, 0))) + ELEMENTARY, extreme(u));
}

INLINE int apart(P a, P b) { return fabs(a.v - b.v) > lost(a) + lost(b); }
INLINE P largest_of_two(P a, P b) {
    int first = (a.v > b.v) | (a.v != a.v);
    double e = first ? a.e : b.e;
    return pair(first ? a.v : b.v, apart(a, b) ? e : worse(a.e, b.e));
}
INLINE P least_of_two(P a, P b) {
    int first = (a.v < b.v) | (a.v != a.v);
    double e = first ? a.e : b.e;
    return pair(first ? a.v : b.v, apart(a, b) ? e : worse(a.e, b.e));
}

// Conditions --------------------------------------------------------------------------------------------------------

INLINE T both(T a, T b) { return least_of(a, b); }
INLINE T either(T a, T b) { return most_of(a, b); }
INLINE T opposite(T a) { return 1 - a; }

INLINE P choose(T t, P yes, P no) {
    double e = t == NO ? no.e : yes.e;
    return pair(t == NO ? no.v : yes.v, t == DOUBT ? INFINITY : e);
}

INLINE T compared(P a, P b, int closed) {
    // The rounding of the two sides of the comparison is no larger than an error, where there is one.
    double e = a.e + b.e, far = infinite(b.v) ? 0 : fabs(b.v), slack = closed ? SLACK : 0;
    double low = b.v + (slack - 2.2 * e) * far, high = b.v + (slack + 2.2 * e) * far;
    T t = (closed ? a.v <= low : a.v < low) ? YES : (closed ? a.v <= high : a.v < high) ? DOUBT : NO;
    return (e < 1e-3) & (a.v == a.v) & (b.v == b.v) ? t : DOUBT;
}

INLINE T closed(P a, P b) { return compared(a, b, 1); }
INLINE T open(P a, P b) { return compared(a, b, 0); }

// Beyond such a border both sides are equal by definition.
INLINE T closed_or_same(P a, P b) { T t = compared(a, b, 1); return (t == DOUBT) & (a.v == b.v) ? YES : t; }
INLINE T open_or_same(P a, P b) { T t = compared(a, b, 0); return (t == DOUBT) & (a.v == b.v) ? NO : t; }

INLINE T equal(P a, P b) {
    double e = a.e + b.e, off = fabs(a.v - b.v);
    return a.v != a.v || b.v != b.v ? DOUBT : e == 0 ? a.v == b.v : off > (e + UNIT) * fabs(b.v) ? NO : DOUBT;
}

// Named functions ---------------------------------------------------------------------------------------------------

INLINE double mirrored(P p) { return p.e == 0 ? 0 : p.e * most_of(1, p.v / (1 - p.v)); }
INLINE double unless_tiny(P p, P r, double e) {
    return (p.v == 0) | (r.v == 0) | (p.v * r.v > TINY) ? e : INFINITY;
}

INLINE P of_H_b(P p, double nats) {
    double q = p.v > 0.5 ? 1 - p.v : p.v, nothing = !(q > 0), v = -q * log_(nothing ? 1 : q, 0) - (1 - q) * log1p_(-q);
    return pair(nothing ? 0 : v / nats, SHORT + mirrored(p));
}

INLINE double excess_(double u, double mass) {
    double ratio = mass > 0 ? u / mass : 0, x = ratio < -1 ? -1 : ratio, s = x / (2 + x), z = s * s, tail = 0;
    STEPS(11) tail = z * (2.0 / (23 - 2 * step) + tail);
    double near = x * s + (1 + x) * s * tail, far = x == -1 ? 1 : (1 + x) * log1p_(x) - x;
    return mass * (fabs(s) < 0.2 ? near : far);
}

INLINE double information(double u, double p, double r) {
    double one = excess_(u, p * r) + excess_(-u, p * (1 - r));
    return one + excess_(-u, (1 - p) * r) + excess_(u, (1 - p) * (1 - r));
}

// A step of Newton's method for the root of a divergence, which is nearly linear, towards that of `nats`; inside (0, top).
INLINE double step_to(double u, double value, double nats, double slope, double top) {
    double next = u - 2 * sqrt(value) * (value - nats) / (sqrt(value) + sqrt(nats)) / slope;
    return (next > 0) & (next < top) ? next : value < nats ? u + (top - u) / 2 : u / 2;
}

// After a last step as small as this, the next one would be rounding; without one nothing is known.
INLINE double converged(double before, double now) { return fabs(now - before) <= 1e-9 * now ? now : NAN; }

INLINE double covariance(double nats, double p, double r) {
    double top = least_of(p * (1 - r), (1 - p) * r), u = least_of(sqrt(2 * p * (1 - p) * r * (1 - r) * nats), top / 2), before = u;
    STEPS(6) {
        double slope = log1p_(u / ((p * (1 - r) - u) * ((1 - p) * r - u)));
        before = u;
        u = step_to(u, information(u, p, r), nats, slope, top);
    }
    double found = converged(before, u), beyond = nats >= information(top, p, r) ? top : found;
    return nats > 0 ? beyond : 0;
}

INLINE double small_probability(double nats) {
    double p = nats / (2 + log1p_(nats) - log_(nats, 0)), before = p;
    STEPS(6) {
        double odds = log1p_(-p) - log_(p, 0), value = p * odds - log1p_(-p);
        before = p;
        p = least_of(p * exp_(-value * log_(value / nats, 0) / (p * odds), 0), 0.3);
    }
    return nats > 1e-280 ? converged(before, p) : NAN;
}

INLINE P of_H_b_inv(P h, double nats) {
    double bits = h.v * (nats / LN2), high = 0.5 - 2 * covariance((1 - bits) * LN2, 0.5, 0.5), low = small_probability(bits * LN2);
    double p = bits >= 0.5 ? high : bits > 0 ? low : 0;
    double slope = p < 1e-300 ? 2 : h.v * nats / (p * (log1p_(-p) - log_(p, 0)));
    int settled = ((bits <= 0) & (h.e < 1)) | ((bits > 1 + 1e-12) & (h.e < 1e-14));
    return pair(p, settled ? 0 : SHORT + slope * (h.e + SHORT));
}

INLINE P of_I_b(P u, P p, P r, double nats) {
    double value = information(u.v, p.v, r.v) / nats, moved = u.e + mirrored(p) + mirrored(r) + 4 * UNIT;
    double steep = log1p_(u.v / ((p.v * (1 - r.v) - u.v) * ((1 - p.v) * r.v - u.v))), power = u.v * steep / (value * nats);
    return pair(value, unless_tiny(p, r, OWN + (power < 40 ? power : 40) * moved));
}

INLINE P of_I_b_inv(P i, P p, P r, double nats) {
    double e = OWN + i.e + mirrored(p) + mirrored(r), v = covariance(i.v * nats, p.v, r.v);
    return pair(v, (i.v > 0) & (i.v < 1e-100) ? INFINITY : unless_tiny(p, r, e));
}

// How far from a reference, with the mass a below and b = 1 - a above it, a law may be within a divergence.
INLINE double distance(double nats, double a, double b) {
    double most = a < 0.5 ? -log1p_(-a) : -log_(b, 0), u = least_of(sqrt(2 * a * b) * sqrt(nats), a / 2), before = u;
    STEPS(6) {
        before = u;
        u = step_to(u, excess_(-u, a) + excess_(u, b), nats, log1p_(u / b) - log1p_(-u / a), a);
    }
    double found = (nats > 0) & (b > 0) ? converged(before, u) : 0;
    return nats >= most ? a : found;
}

INLINE P end_of_ball(double value, P q, P p, double nats) {
    double far = fabs(q.v - value), most = -log1p_(-q.v) / nats, slope = log1p_((value - q.v) / (q.v * (1 - value)));
    double moved = q.e == 0 ? 0 : q.e * (far > 0 ? fabs(far / ((1 - q.v) * slope)) : q.v);
    double e = (far * (p.e + OWN) + moved) / value + OWN;
    int sure = (p.v == 0) | (q.v == 0) | (most * (1 + 1e-12 + p.e + 4 * mirrored(q)) < p.v);
    int usual = (p.v == 0) | ((q.v > 1e-100) & (p.v > 1e-200));
    return pair(value, value == 0 ? (sure ? 0 : INFINITY) : usual ? e : INFINITY);
}

INLINE P of_KL_b_min(P q, P p, double nats) {
    return end_of_ball(q.v - distance(p.v * nats, q.v, 1 - q.v), q, p, nats);
}

INLINE P of_KL_b_max(P q, P p, double nats) {
    return end_of_ball(q.v + distance(p.v * nats, 1 - q.v, q.v), q, p, nats);
}

static P branch(double value, P v) {
    if (isinf(v.v)) return pair(value, 0);
    double slope = v.v > 1e-20 ? fabs(v.v / (1 + value)) : 1e-9;
    return fabs(value) > 1e-300 ? pair(value, OWN + slope * (v.e + UNIT)) : unknown();
}

static P of_W_0_below_branch_point(P v) { return branch(W_0_below_branch_point(v.v), v); }
static P of_W_m1_below_branch_point(P v) { return branch(W_m1_below_branch_point(v.v), v); }

static P of_KL_width(P s, P p) {
    double value = isinf(p.v) ? p.v : KL_width(s.v, p.v), t = (s.v - 1) * (s.v + 1), logarithm = log(s.v);
    if (p.v == 0 || isinf(p.v)) return pair(value, 0);
    double terms = fabs(t) + 2 * fabs(logarithm);
    double missing = 2 * p.v * (p.e + 4 * UNIT) + 8 * UNIT * terms + 2 * fabs(t) * (s.e + 2 * UNIT);
    int nothing = t - 2 * logarithm - 2 * p.v > missing;
    return pair(value, value > 0 ? OWN + missing / (value * value) : nothing ? 0 : INFINITY);
}

// The best point of a ball: an end, the first argument, or the root of an equation with this noise and slope.
static P best_of_ball(double s, double q, double free, P first, P delta, P p, double noise, double slope, int squared) {
    if (p.v == 0 || isinf(p.v)) return pair(s, first.e * (p.v > 0) + UNIT * squared);
    if (s == free && fabs(delta.v) <= q) return pair(s, first.e + UNIT);
    if (delta.v == 0) return pair(s, worse(first.e, OWN + fabs(2 * p.v / (1 - s * s)) * (p.e + UNIT)));
    return pair(s, OWN + noise / fabs(slope * s));
}

static P of_KL_nearest(P first, P delta, P p) {
    if (!(p.v > 0 && p.v < INFINITY)) return unknown();
    double s = KL_nearest(first.v, delta.v, p.v), d = fabs(delta.v), alpha = first.v, t = (s - 1) * (s + 1);
    P width = of_KL_width(number(s), p);
    double q = width.v, noise = d * fabs(t) * (delta.e + 4 * UNIT) + q * fabs(alpha * s - 1) * (width.e + UNIT);
    noise += q * (alpha * s * (first.e + UNIT) + UNIT);
    double slope = 2 * d * s - alpha * q + (alpha * s - 1) * t / (s * q);
    return best_of_ball(s, q, most_of(alpha, 0), first, delta, p, noise, slope, 0);
}

static P of_KL_steepest(P first, P delta, P p) {
    if (!(p.v > 0 && p.v < INFINITY)) return unknown();
    double s = KL_steepest(first.v, delta.v, p.v), d = fabs(delta.v), kappa = first.v, t = (s - 1) * (s + 1);
    P width = of_KL_width(number(s), p);
    double q = width.v, e = most_of(d - q, 0), inner = s * s - e * e - kappa, fall = (s - 1 / s) / q;
    double wrong = d * delta.e + q * width.e + UNIT * e;
    double noise = q * fabs(inner) * width.e + q * (2 * UNIT * (s * s + e * e) + fabs(kappa) * (first.e + UNIT));
    noise += 8 * UNIT * e * fabs(t) + 2 * (q * e + fabs(t)) * wrong;
    double slope = -fall * inner + 2 * q * (s - e * fall) + 2 * fall * t + 4 * e * s;
    return best_of_ball(s, q, sqrt(most_of(kappa, 0)), first, delta, p, noise, slope, 1);
}

// The program ------------------------------------------------------------------------------------------------------

#ifdef _WIN32
__declspec(dllexport)
#endif
void evaluate(long long count, const double *const *columns, const P *k, double *restrict out) {
    @BEFORE@
    for (long long j = 0; j < count; j++) {
        @POINT@
    }
}
