"""Random finite problems of any size under short time limits, some of them stopped by a real Ctrl-C."""

import math
import signal
import time
from typing import Any

import numpy as np

import drc.solvers.solve  # noqa: F401 (imported here so that the first solve is not timed with it)
from drc.checker import check_certificate
from drc.errors import NotAvailableError
from drc.problems import Finite

#: How much longer than its limit a call may take, as a share and in seconds of processor time.
SHARE, SECONDS = 1.2, 0.4

#: What the checker takes long for is not checked.
_SMALL = 200


def attack(*seed: int) -> str:
    """Return what is wrong with the answer, or with when it came; empty if nothing is."""
    rng = np.random.default_rng(seed)
    problem, question = drawn(rng)
    limit = float(rng.choice([0.05, 0.2, 0.5]))
    pressed = bool(rng.random() < 0.3)
    began, signal_before = time.process_time(), signal.getsignal(signal.SIGALRM)
    try:
        if pressed:
            signal.signal(signal.SIGALRM, lambda *_: signal.raise_signal(signal.SIGINT))
            signal.setitimer(signal.ITIMER_REAL, rng.uniform(0.003, limit))
        solution = problem.solve(**question, time_limit=limit)
    except NotAvailableError:
        return ""
    except KeyboardInterrupt:
        # Before the solver watches, or after it has ended, Ctrl-C is whoever calls it to hear.
        return "" if time.process_time() - began < SECONDS else "Ctrl-C was passed on"
    except Exception as error:  # any other exception is what is looked for
        return f"{type(error).__name__}: {error}"
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, signal_before)
    spent = time.process_time() - began
    if spent > SHARE * limit + SECONDS:
        return f"{spent:.2f} s of processor time, with a time limit of {limit:g} s"
    return _fault(problem, solution)


def _fault(problem: Finite, solution: Any) -> str:
    if not 0 <= solution.lower <= solution.upper:
        return f"{solution.lower} <= {solution.upper} does not hold"
    if problem.n_X * problem.n_Y > _SMALL:
        return ""
    verdict = check_certificate(solution.certificate.to_dict())
    return "" if verdict else "; ".join(line for line in verdict.said if "not proved" in line)


def drawn(rng: np.random.Generator) -> tuple[Finite, dict[str, Any]]:
    """Draw a problem of any size, with letters and labels without mass, and a question."""
    n_S, n_X, n_Y = int(rng.integers(1, 9)), int(2 ** rng.uniform(0, 6)), int(2 ** rng.uniform(0, 4.7))
    joint = rng.dirichlet(np.ones(n_S * n_X)).reshape(n_S, n_X)
    if rng.random() < 0.3:
        joint[rng.random(joint.shape) < 0.5] = 0
    if not joint.any():
        joint[0, 0] = 1.0
    joint /= joint.sum()
    fields: dict[str, Any] = {"setting": ("asymptotic", "one-shot")[rng.integers(2)]}
    fields["classifier_sees"] = "YU" if fields["setting"] == "one-shot" and rng.random() < 0.3 else "Y"
    fields["time_sharing"] = bool(fields["classifier_sees"] == "Y" and rng.random() < 0.4)
    costs = rng.random((n_X, n_Y))
    if rng.random() < 0.2:
        costs[rng.random(costs.shape) < 0.2] = math.inf
    output, law = rng.choice(["free", "fixed", "TV", "W2", "KL"]), rng.dirichlet(np.ones(n_Y))
    if output == "fixed":
        fields["p_Y"] = law
    elif output != "free":
        fields |= {"perception": str(output), "reference": law}
        if output == "W2":
            fields["ground"] = (np.arange(n_Y)[:, None] - np.arange(n_Y)) ** 2
    problem = Finite(joint, costs, **fields)
    known, rate, all_of_it = (_entropy(p) for p in (joint.sum(axis=1), joint.sum(axis=0), joint))
    least = max(0.0, all_of_it - rate)
    question: dict[str, Any] = {"C": max(0.0, least + float(rng.choice([0, 0.2, 0.5, 0.9, 1.0])) * (known - least))}
    if rng.random() < 0.3:
        question |= {"minimise": "R", "D": float(rng.random())}
    elif rng.random() < 0.8:
        question["R"] = max(0.0, float(rng.choice([0.0, 1e-14, 0.3, 0.7])) * rate)
    if "perception" in fields:
        question["P"] = float(rng.choice([0.0, 1e-3, 0.1, 1.0]))
    return problem, question


def _entropy(law: np.ndarray) -> float:
    mass = law[law > 0]
    return float(-(mass * np.log2(mass)).sum())
