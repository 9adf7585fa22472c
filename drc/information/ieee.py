"""Arithmetic of one number at a time as the hardware has it: nothing is raised, 1/0 is infinite, and 0/0 is not a number.

Generated Python code starts with these functions; other languages have them.
"""

import math


def div(a, b):
    return a / b if b else math.nan if a == 0 or a != a else math.copysign(math.inf, a) * math.copysign(1.0, b)


def log(x):
    return math.log(x) if x > 0 else -math.inf if x == 0 else math.nan


def log1p(x):
    return math.log1p(x) if x > -1 else -math.inf if x == -1 else math.nan


def exp(x):
    return math.exp(x) if x < 709 else _large(math.exp, x)


def expm1(x):
    return math.expm1(x) if x < 709 else _large(math.expm1, x)


def sqrt(x):
    return math.sqrt(x) if x >= 0 else math.nan


def hypot(x, y):
    return math.hypot(x, y)


def power(x, y):
    try:
        return x**y if x > 0 or y == int(y) else math.nan if x < 0 else 0.0 if y > 0 else math.inf
    except (OverflowError, ValueError, ZeroDivisionError):
        return math.inf


def _large(function, x):
    try:
        return function(x)
    except OverflowError:
        return math.inf
