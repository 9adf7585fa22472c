"""The named functions for generated code, one number at a time, in the few words that every target language has.

`drc.tradeoff.code` copies what a formula needs, translated statement by statement. So a routine here may use numbers, lists
of numbers and functions, `if`, `while` and `for ... in range(...)`, and nothing else. The last argument of a function of
bits is the unit in nats. `div`, `log`, `exp` and their like follow IEEE arithmetic: 1/0 is infinite.
"""

from __future__ import annotations

from drc.information.ieee import div, exp, expm1, hypot, log, log1p, sqrt


def at_most(a, b):
    # A closed border survives rounding.
    return a <= b + 8.881784197001252e-16 * abs(b)


def root(f, low, high, a, b, p, n):
    # The root of an increasing f(x, a, b, p, n), by bisection, or inverse quadratic interpolation where it is safe.
    x0, x1 = high, low
    f0 = f(x0, a, b, p, n)
    f1 = f(x1, a, b, p, n)
    if not f1 < 0.0:
        return low
    if not f0 > 0.0:
        return high
    t, best, steps = 0.5, low, 0
    while steps < 300:
        steps = steps + 1
        x = x0 + t * (x1 - x0)
        fx = f(x, a, b, p, n)
        if (fx > 0.0 and f0 > 0.0) or (fx < 0.0 and f0 < 0.0):
            x2, f2 = x0, f0
        else:
            x2, f2, x1, f1 = x1, f1, x0, f0
        x0, f0 = x, fx
        best = x1
        if abs(f0) < abs(f1):
            best = x0
        least = div(4.440892098500626e-16 * abs(best), abs(x1 - x0))
        if not (least < 0.5 and f0 != 0.0 and x0 != x1):
            return best
        xi = div(x0 - x1, x2 - x1)
        phi = div(f0 - f1, f2 - f1)
        t = 0.5
        if phi * phi < xi and (1.0 - phi) * (1.0 - phi) < 1.0 - xi:
            t = div(f0, f1 - f0) * div(f2, f1 - f2) + div(x2 - x0, x1 - x0) * div(f0, f2 - f0) * div(f1, f2 - f1)
        t = min(max(t, least), 1.0 - least)
    return best


def H_b(p, nats):
    q = min(p, 1.0 - p)
    if not q > 0.0:
        return 0.0
    return (-q * log(q) - (1.0 - q) * log1p(-q)) / nats


def tail_of_logarithm(square):
    tail, k = 0.0, 23.0
    while k > 1.0:
        tail = square * (2.0 / k + tail)
        k = k - 2.0
    return tail


def excess_of_cell(u, mass):
    # a g(u/a) with g(x) = (1 + x) log(1 + x) - x; near zero a series, because the difference would lose digits.
    if not mass > 0.0:
        return 0.0
    x = max(u / mass, -1.0)
    if x == -1.0:
        return mass
    s = x / (2.0 + x)
    if not abs(s) < 0.2:
        return mass * ((1.0 + x) * log1p(x) - x)
    return mass * (x * s + (1.0 + x) * s * tail_of_logarithm(s * s))


def I_b(u, p, r, nats):
    one = excess_of_cell(u, p * r) + excess_of_cell(-u, p * (1.0 - r))
    return (one + excess_of_cell(-u, (1.0 - p) * r) + excess_of_cell(u, (1.0 - p) * (1.0 - r))) / nats


def information_left(u, nats, b, p, n):
    # The square root of an information is nearly linear in the covariance.
    return sqrt(I_b(u, p[0], p[1], 1.0)) - sqrt(nats)


def I_b_inv(i, p, r, nats):
    top = min(p * (1.0 - r), (1.0 - p) * r)
    most = I_b(top, p, r, 1.0)
    if not i * nats > 0.0:
        return 0.0
    if not i * nats < most:
        return top
    return root(information_left, 0.0, top, i * nats, 0.0, [p, r], 2)


def H_b_inv(h, nats):
    bits = h * (nats / 0.6931471805599453)
    if not bits > 0.0:
        return 0.0
    if bits >= 0.5:
        # Near one bit the missing information is what has digits.
        return 0.5 - 2.0 * I_b_inv(1.0 - bits, 0.5, 0.5, 0.6931471805599453)
    target = bits * 0.6931471805599453
    p = target / (2.0 + log1p(target) - log(target))
    steps, moved = 0, 1.0
    while steps < 100 and moved > 4e-16 * p:
        steps = steps + 1
        value = H_b(p, 1.0)
        power = value * log(value / target) / (p * (log1p(-p) - log(p)))
        following = min(p * exp(-power), 0.3)
        moved = abs(following - p)
        p = following
    return p


def KL_b(y, q, nats):
    if (q == 0.0 and y > 0.0) or (q == 1.0 and y < 1.0):
        return div(1.0, 0.0)
    return (excess_of_cell(y - q, q) + excess_of_cell(q - y, 1.0 - q)) / nats


def divergence_left(u, nats, b, p, n):
    return sqrt(excess_of_cell(-u, p[0]) + excess_of_cell(u, p[1])) - sqrt(nats)


def distance_in_ball(nats, a, b):
    most = -log(b)
    if a < 0.5:
        most = -log1p(-a)
    if nats >= most:
        return a
    if not (nats > 0.0 and b > 0.0):
        return 0.0
    return root(divergence_left, 0.0, a, nats, 0.0, [a, b], 2)


def KL_b_min(q, P, nats):
    return q - distance_in_ball(P * nats, q, 1.0 - q)


def KL_b_max(q, P, nats):
    return q + distance_in_ball(P * nats, 1.0 - q, q)


def excess(t):
    # t - log(1 + t), with all digits also near 0.
    if not abs(t) < 0.2:
        return t - log1p(t)
    z = t / (2.0 + t)
    return z * (t - tail_of_logarithm(z * z))


def root_of_excess(v, sign):
    # The y = 1 + t with t - log(1 + t) = v: t <= 0 for the sign -1, t >= 0 for the sign 1.
    steps = 0
    if v < 0.2:
        s = sign * sqrt(max(2.0 * v, 0.0))
        t = s * (1.0 + s * (1.0 / 3.0 + s * (1.0 / 36.0 - s / 270.0)))
        while steps < 3 and t != 0.0:
            steps = steps + 1
            t = t - (excess(t) - v) * (1.0 + t) / t
        return 1.0 + t
    if sign < 0.0:
        # Newton's method for y exp(-y) = exp(-1 - v) from below.
        x = exp(-1.0) * exp(-v)
        y = x
        while steps < 40:
            steps = steps + 1
            y = y - (y - x * exp(y)) / (1.0 - y)
        return y
    if v > 1e300:
        return v
    y = 1.0 + v + log1p(v)
    while steps < 40:
        steps = steps + 1
        y = y - (y - log(y) - (1.0 + v)) / (1.0 - 1.0 / y)
    return y


def W_0_below_branch_point(v):
    return -root_of_excess(v, -1.0)


def W_m1_below_branch_point(v):
    return -root_of_excess(v, 1.0)


def KL_width(s, p):
    if p > 1e300:
        return p
    t = (s - 1.0) * (s + 1.0)
    room = 2.0 * p - excess(t)
    if s < 0.5:
        room = 2.0 * p - (t - 2.0 * log(s))
    return sqrt(max(room, 0.0))


def nearest_sign(s, alpha, delta, p, n):
    return delta * (s - 1.0) * (s + 1.0) - KL_width(s, p[0]) * (alpha * s - 1.0)


def steepest_sign(s, kappa, delta, p, n):
    q = KL_width(s, p[0])
    e = max(delta - q, 0.0)
    return q * (s * s - e * e - kappa) + 2.0 * e * (s - 1.0) * (s + 1.0)


def KL_nearest(alpha, delta, p):
    low, high = sqrt(root_of_excess(2.0 * p, -1.0)), sqrt(root_of_excess(2.0 * p, 1.0))
    free, far = max(alpha, 0.0), abs(delta)
    s = min(max(free, low), high)
    if (far <= KL_width(free, p) and s == free) or far == 0.0:
        return s
    return root(nearest_sign, min(1.0, s), max(1.0, s), free, far, [p], 1)


def KL_steepest(kappa, delta, p):
    low, high = sqrt(root_of_excess(2.0 * p, -1.0)), sqrt(root_of_excess(2.0 * p, 1.0))
    free, far = sqrt(max(kappa, 0.0)), abs(delta)
    s = min(max(free, low), high)
    if (far <= KL_width(free, p) and s == free) or far == 0.0:
        return s
    return root(steepest_sign, low, high, kappa, far, [p], 1)


def filled_rate(level, w):
    u = div(4.0 * w, level)
    if u < 1.0:
        return log1p(u * u / (2.0 + 2.0 * hypot(1.0, u))) / 2.0
    return log((1.0 + hypot(1.0, u)) / 2.0) / 2.0


def filled_gain(level, w):
    return 4.0 * w * w / (level + hypot(level, 4.0 * w))


def largest(w, n):
    top = w[0]
    for i in range(n):
        top = max(top, w[i])
    return top


def rate_left(x, R, b, w, n):
    total = 0.0
    for i in range(n):
        total = total + filled_rate(exp(x), w[i])
    return log(R) - log(total)


def log_price(r, w):
    return log(2.0 * w) - 2.0 * r - log(-expm1(-2.0 * r)) / 2.0


def rate_level(R, w, n):
    if not R > 0.0:
        return div(1.0, 0.0)
    if R > 1e300:
        return 0.0
    top = largest(w, n)
    return exp(root(rate_left, log_price(R, top) - 1e-6, log_price(R / n, top) + 1e-6, R, 0.0, w, n))


def gain_left(x, g, b, w, n):
    total = 0.0
    for i in range(n):
        total = total + filled_gain(exp(x), w[i])
    return g - total


def gain_level(g, w, n):
    total, least = 0.0, w[0]
    for i in range(n):
        total = total + w[i]
        least = min(least, w[i])
    if not g > 0.0:
        return div(1.0, 0.0)
    if not g < total:
        return 0.0
    factor = 2.0 * (1.0 - g / total) * (1.0 + g / total) / (g / total)
    return exp(root(gain_left, log(least * factor) - 1e-6, log(largest(w, n) * factor) + 1e-6, g, 0.0, w, n))


def reverse_level(R, w, n):
    # The level of water over the ground -log w.
    level = div(1.0, 0.0)
    for i in range(n):
        total, count = 2.0 * R, 0.0
        for j in range(n):
            if w[j] >= w[i]:
                total = total - log(w[j])
                count = count + 1.0
        level = min(level, total / count)
    return 4.0 * exp(-level)


def limited_left(x, R, m, w, n):
    y, total = exp(x), 0.0
    for i in range(n):
        if w[i] > m:
            apart = (w[i] - m) * (w[i] + m) / (hypot(y, w[i]) + hypot(y, m))
            total = total + log1p(apart / (y + hypot(y, m))) / 2.0
    return R - total


def limited_level(R, m, w, n):
    if not R > 0.0:
        return div(1.0, 0.0)
    if not m > 0.0:
        return 0.0
    high = log(largest(w, n) * n) + max(0.0, -log(R)) + 2.0
    return exp(root(limited_left, log(m) - 40.0, high, R, m, w, n))


def log_odds(c):
    return log1p(-c) - log(c)


def water_level(amount, c, start, n):
    # The level of water over the ground log((1 - c)/c).
    level = div(1.0, 0.0)
    for i in range(n):
        total, count = amount, 0.0
        for j in range(n):
            if c[start + j] > 0.0 and log_odds(c[start + j]) <= log_odds(c[start + i]):
                total = total + log_odds(c[start + j])
                count = count + 1.0
        if count > 0.0 and c[start + i] > 0.0:
            level = min(level, total / count)
    return level


def ambiguity_of(r, c):
    return log1p(max(c * expm1(-2.0 * r), -1.0)) / 2.0


def any_known(c, start, n):
    known = 0.0
    for i in range(n):
        if c[start + i] == 1.0:
            known = 1.0
    return known


def least_ambiguity(R, c, n):
    total = 0.0
    if any_known(c, 0, n) > 0.0:
        return -R
    level = water_level(2.0 * R, c, 0, n)
    for i in range(n):
        if c[i] > 0.0:
            total = total + ambiguity_of(max(level - log_odds(c[i]), 0.0) / 2.0, c[i])
    return total


def least_rate(K, c, n):
    if K >= 0.0:
        return 0.0
    if any_known(c, 0, n) > 0.0:
        return -K
    y = -div(1.0, 0.0)
    for i in range(n):
        total, count = 2.0 * K, 0.0
        for j in range(n):
            if c[j] >= c[i]:
                total = total - log1p(-c[j])
                count = count + 1.0
        y = max(y, total / count)
    if not y > 0.0:
        return div(1.0, 0.0)
    rate = 0.0
    for i in range(n):
        if c[i] > 0.0:
            rate = rate + max(-log(expm1(y)) - log_odds(c[i]), 0.0) / 2.0
    return rate


def known_rate_left(x, R, b, p, n):
    total = 0.0
    for i in range(n):
        if p[n + i] == 1.0:
            total = total + filled_rate(exp(x), p[i])
    return log(R) - log(total)


def share_of_least_ambiguity(i, R, p, n):
    # The rate of a component, p being the weights and then the squared correlations.
    if any_known(p, n, n) > 0.0:
        if p[n + i] < 1.0 or not R > 0.0:
            return 0.0
        low, high = log_price(R, largest(p, n)) - 650.0, log_price(R / n, largest(p, n)) + 1e-6
        return filled_rate(exp(root(known_rate_left, low, high, R, 0.0, p, n)), p[i])
    if not p[n + i] > 0.0:
        return 0.0
    return max(water_level(2.0 * R, p, n, n) - log_odds(p[n + i]), 0.0) / 2.0


def gain_of_least_ambiguity(R, p, n):
    total, rho = 0.0, 1.0
    for i in range(n):
        if R < 1e300:
            rho = sqrt(-expm1(-2.0 * share_of_least_ambiguity(i, R, p, n)))
        total = total + p[i] * rho
    return total


def component_left(x, log_price_R, price_C, p, n):
    # The slope of the Lagrangian of one component, whose weight, squared correlation and shift are in p, in its rate exp(x).
    v = exp(-2.0 * exp(x))
    rho = sqrt(-expm1(-2.0 * exp(x)))
    price, slope = exp(log_price_R), 2.0 * p[0] * v / rho
    if p[1] < 1.0:
        price, slope = price + p[2] * price_C, slope + price_C * p[1] * v / (1.0 - p[1] + p[1] * v)
    return log(price) - log(slope)


def component_rate(i, log_price_R, price_C, p, n):
    one = [p[i], p[n + i], any_known(p, n, n)]
    return exp(root(component_left, -700.0, 6.5, log_price_R, price_C, one, 3))


def rate_at(x, price_C, p, n):
    total = 0.0
    for i in range(n):
        total = total + component_rate(i, x, price_C, p, n)
    return total


def gain_at(x, price_C, p, n):
    total = 0.0
    for i in range(n):
        total = total + p[i] * sqrt(-expm1(-2.0 * component_rate(i, x, price_C, p, n)))
    return total


def ambiguity_at(x, price_C, p, n):
    total = 0.0
    for i in range(n):
        total = total + ambiguity_of(component_rate(i, x, price_C, p, n), p[n + i])
    return total


def spent_left(x, target, price_C, p, n):
    return log(target) - log(rate_at(x, price_C, p, n))


def earned_left(x, target, price_C, p, n):
    return target - gain_at(x, price_C, p, n)


def price_of_rate(target, price_C, by_gain, p, n):
    middle = log(largest(p, n) + price_C)
    if by_gain > 0.0:
        return root(earned_left, middle - 600.0, middle + 300.0, target, price_C, p, n)
    return root(spent_left, middle - 600.0, middle + 300.0, target, price_C, p, n)


def known_left(z, target, K, p, n):
    return K - ambiguity_at(price_of_rate(target, exp(z), 0.0, p, n), exp(z), p, n)


def known_left_of_gain(z, target, K, p, n):
    return K - ambiguity_at(price_of_rate(target, exp(z), 1.0, p, n), exp(z), p, n)


def filled_ambiguity(level, p, n):
    total = 0.0
    for i in range(n):
        total = total + ambiguity_of(filled_rate(level, p[i]), p[n + i])
    return total


def least_at(R, p, n):
    total = 0.0
    for i in range(n):
        total = total + ambiguity_of(share_of_least_ambiguity(i, R, p, n), p[n + i])
    return total


def price_of_ambiguity(R, K, p, n):
    top = log(largest(p, n))
    return exp(root(known_left, top - 45.0, top + 60.0, R, K, p, n))


def shared_gain(R, K, p, n):
    gain, level = 0.0, rate_level(R, p, n)
    for i in range(n):
        gain = gain + filled_gain(level, p[i])
    if not (R > 0.0 and R < 1e300 and filled_ambiguity(level, p, n) > K):
        return gain
    if least_at(R, p, n) >= K:
        return gain_of_least_ambiguity(R, p, n)
    price_C = price_of_ambiguity(R, K, p, n)
    return gain_at(price_of_rate(R, price_C, 0.0, p, n), price_C, p, n)


def shared_share(i, R, K, p, n):
    # The rate of component i, counted from one, in shared_gain.
    level = rate_level(R, p, n)
    if not (R > 0.0 and R < 1e300 and filled_ambiguity(level, p, n) > K):
        return filled_rate(level, p[i - 1])
    if least_at(R, p, n) >= K:
        return share_of_least_ambiguity(i - 1, R, p, n)
    price_C = price_of_ambiguity(R, K, p, n)
    return component_rate(i - 1, price_of_rate(R, price_C, 0.0, p, n), price_C, p, n)


def shared_price_R(R, K, p, n):
    # The derivative of shared_gain by the rate.
    level = rate_level(R, p, n)
    if not filled_ambiguity(level, p, n) > K:
        return level / 2.0
    price_C = price_of_ambiguity(R, K, p, n)
    return (exp(price_of_rate(R, price_C, 0.0, p, n)) + any_known(p, n, n) * price_C) / 2.0


def shared_price_K(R, K, p, n):
    # The derivative of shared_gain by the ambiguity.
    if not filled_ambiguity(rate_level(R, p, n), p, n) > K:
        return 0.0
    return price_of_ambiguity(R, K, p, n) / 2.0


def shared_rate(g, K, p, n):
    most, rate, level = 0.0, 0.0, gain_level(g, p, n)
    for i in range(n):
        most = most + p[i]
        rate = rate + filled_rate(level, p[i])
    if g >= most:
        return div(1.0, 0.0)
    if not filled_ambiguity(level, p, n) > K:
        return rate
    # The least rate for the ambiguity alone is that at which the price of gain is zero.
    low, high, steps = 0.0, 1.0, 0
    while steps < 60 and least_at(high, p, n) > K:
        steps = steps + 1
        high = 2.0 * high
    if least_at(high, p, n) > K:
        return div(1.0, 0.0)
    low = root(least_left, 0.0, high, K, 0.0, p, n)
    if gain_of_least_ambiguity(low, p, n) >= g:
        return low
    top = log(largest(p, n))
    price_C = exp(root(known_left_of_gain, top - 45.0, top + 60.0, g, K, p, n))
    return rate_at(price_of_rate(g, price_C, 1.0, p, n), price_C, p, n)


def least_left(R, K, b, p, n):
    return K - least_at(R, p, n)


def noise_least(p, n):
    least = p[0]
    for i in range(n):
        least = min(least, p[i])
    return least


def noise_mean(s, p, n):
    # The mean cost beyond the least one.
    low, total, mean = noise_least(p, n), 0.0, 0.0
    for i in range(n):
        w = exp(-s * (p[i] - low))
        total = total + w
        mean = mean + w * (p[i] - low)
    return mean / total


def noise_rate(s, p, n):
    low, total = noise_least(p, n), 0.0
    for i in range(n):
        total = total + exp(-s * (p[i] - low))
    return log(1.0 * n) - log(total) - s * noise_mean(s, p, n)


def cost_left(s, D, b, p, n):
    return D - noise_least(p, n) - noise_mean(s, p, n)


def noise_rate_left(s, R, b, p, n):
    return noise_rate(s, p, n) - R


def price_for_cost(D, p, n):
    target = D - noise_least(p, n)
    if not target > 0.0:
        return div(1.0, 0.0)
    if not target < noise_mean(0.0, p, n):
        return 0.0
    return root(cost_left, 0.0, n / (exp(1.0) * target), D, 0.0, p, n)


def price_for_rate(R, p, n):
    dear, near, low = 0.0, 0.0, noise_least(p, n)
    for i in range(n):
        if p[i] > low:
            dear = dear + 1.0
            near = max(near, div(1.0, p[i] - low))
    if not R > 0.0:
        return 0.0
    if not log(n / (n - dear)) > R:
        return div(1.0, 0.0)
    return root(noise_rate_left, 0.0, 800.0 * near, R, 0.0, p, n)
