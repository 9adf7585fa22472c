"""Tiny problems near the ends of what is feasible, solved without a time limit: each ends by itself, and soon."""

import time
from typing import Any

import numpy as np

from drc.checker import check_certificate
from drc.errors import NotAvailableError
from drc.problems import Finite

#: How many seconds of processor time a tiny problem may take.
SECONDS = 20

SETTINGS: tuple[dict[str, Any], ...] = (
    {"setting": "one-shot"},
    {"setting": "one-shot", "classifier_sees": "Y"},
    {"setting": "one-shot", "classifier_sees": "Y", "time_sharing": True},
    {"setting": "asymptotic"},
    {"setting": "asymptotic", "time_sharing": True},
)


def attack(*seed: int) -> str:
    """Return what is wrong with the answer, or with how long it took; empty if nothing is."""
    problem, question = drawn(np.random.default_rng(seed))
    began = time.process_time()
    try:
        found = problem.solve(**question)
    except NotAvailableError:
        return ""
    spent = time.process_time() - began
    if spent > SECONDS:
        return f"{question}: {spent:.1f} s of processor time"
    return "" if check_certificate(found.certificate.to_dict()) else f"{question}: the certificate is not proved"


def drawn(rng: np.random.Generator) -> tuple[Finite, dict[str, Any]]:
    """Draw a problem of three letters, and bounds at the ends of what is feasible."""
    joint = rng.dirichlet(np.ones(3 * int(rng.choice([2, 3])))).reshape(-1, 3)
    fields, reference = dict(SETTINGS[rng.integers(len(SETTINGS))]), rng.dirichlet(np.ones(3))
    output = str(rng.choice(["free", "fixed", "TV", "W2", "KL"]))
    if output == "fixed":
        fields["p_Y"] = reference
    elif output != "free":
        fields |= {"perception": output, "reference": reference}
        if output == "W2":
            fields["ground"] = (np.arange(3)[:, None] - np.arange(3)) ** 2
    known, rate = _entropy(joint.sum(axis=1)), _entropy(joint.sum(axis=0))
    least = max(0.0, _entropy(joint) - rate)
    ends = (0.0, least, least * (1 + 1e-9), least * (1 + 1e-6), known - 1e-9)
    question: dict[str, Any] = {"C": float(rng.choice(ends))}
    goal = rng.integers(4)
    if goal == 0:
        question["R"] = float(rng.random()) * rate
    elif goal > 1:
        question |= {"minimise": "R"} | ({"D": float(rng.uniform(0.2, 0.6))} if goal == 3 else {})
    if "perception" in fields:
        question["P"] = float(rng.choice([0.0, 0.1]))
    return Finite(joint, rng.random((3, 3)), **fields), question


def _entropy(law: np.ndarray) -> float:
    mass = law[law > 0]
    return float(-(mass * np.log2(mass)).sum())
