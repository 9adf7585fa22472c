"""Entropies of Gaussian laws, as sympy expressions of their covariance ([cover2006], section 8.4)."""

from __future__ import annotations

import sympy as sp

from drc.units import Unit, unit_named


def gaussian_entropy(variance: sp.Expr, unit: str | Unit = "bits") -> sp.Expr:
    """Differential entropy `1/2 log(2 pi e variance)` of a normal law.

    Examples
    --------
    >>> gaussian_entropy(1, "nats").evalf(10)
    1.418938533
    """
    return unit_named(unit).log(2 * sp.pi * sp.E * variance) / 2


def gaussian_mutual_information(covariance: sp.Matrix, unit: str | Unit = "bits") -> sp.Expr:
    """Mutual information of two jointly normal scalars: `1/2 log(var_X var_Y / det)`.

    Examples
    --------
    >>> rho = sp.Symbol("rho")
    >>> gaussian_mutual_information(sp.Matrix([[1, rho], [rho, 1]]), "nats")
    -log(1 - rho**2)/2
    """
    determinant = sp.cancel(covariance.det() / sp.Mul(covariance[0, 0], covariance[1, 1]))
    return -unit_named(unit).log(determinant) / 2


def gaussian_kl(mu: sp.Expr, sigma: sp.Expr, mu_ref: sp.Expr, sigma_ref: sp.Expr, unit: str | Unit = "bits") -> sp.Expr:
    """Kullback-Leibler divergence `KL(N(mu, sigma^2) || N(mu_ref, sigma_ref^2))`.

    Examples
    --------
    >>> gaussian_kl(1, 1, 0, 1, "nats")
    1/2
    """
    moments = (sp.sympify(sigma) ** 2 + (mu - mu_ref) ** 2) / sp.sympify(sigma_ref) ** 2
    return (moments - 1) / (2 * unit_named(unit).nats) - unit_named(unit).log(sp.sympify(sigma) / sigma_ref)


def gaussian_w2(mu: sp.Expr, sigma: sp.Expr, mu_ref: sp.Expr, sigma_ref: sp.Expr) -> sp.Expr:
    """Squared Wasserstein distance `W_2^2` of two normal laws (Gelbrich's formula for scalars).

    Examples
    --------
    >>> gaussian_w2(1, 3, 0, 1)
    5
    """
    return (sp.sympify(mu) - mu_ref) ** 2 + (sp.sympify(sigma) - sigma_ref) ** 2
