"""Fits the two linear models of `qa.retrieve.answerability`: one orders sentences, one estimates whether the first of
them answers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import minimize

__all__ = ["Example", "Models", "auc", "fit"]

ORDER_RIDGE, ANSWER_RIDGE = 3.0, 5.0  # 1 to 10 give the same figures within half a point


@dataclass(frozen=True)
class Example:
    """The sentences read closely for one question: their features (n, f), and which of them are right.

    kind: `own`, `bench` or `set`, with `removed` or `far` after it where the answer was taken away. share: how much it
    counts in a fit. answerable: whether the place that was asked has the answer.
    """

    group: str
    kind: str
    features: Any
    right: Any
    areas: tuple[tuple[str, int, int], ...]
    gold: tuple[tuple[str, int, int], ...]
    answerable: bool
    share: float


@dataclass(frozen=True)
class Models:
    """order: weights (f,). weights and bias: of the log odds that the first sentence answers."""

    order: Any
    weights: Any
    bias: float

    def first(self, example: Example) -> int:
        """The number of the sentence that comes first."""
        return int((example.features @ self.order).argmax())

    def odds(self, example: Example) -> float:
        """The log odds that it answers."""
        return float(example.features[self.first(example)] @ self.weights + self.bias)


def fit(examples: Sequence[Example]) -> Models:
    """Both models. The second one sees the sentence that the first one puts first, as questions will."""
    order = _order([e for e in examples if e.answerable and e.right.any() and not e.right.all()])
    firsts = [int((e.features @ order).argmax()) for e in examples]
    x = np.array([e.features[n] for e, n in zip(examples, firsts, strict=True)])
    y = np.array([e.answerable and bool(e.right[n]) for e, n in zip(examples, firsts, strict=True)])
    weights, bias = _logistic(x, y, np.array([e.share for e in examples]))
    return Models(order, weights, bias)


def _order(examples: Sequence[Example]) -> Any:
    """Weights that give the right sentences of each question the largest share of softmax (Cao and others 2007)."""
    x = np.concatenate([e.features for e in examples])
    scale = x.std(0) + 1e-6
    x = (x - x.mean(0)) / scale
    right = np.concatenate([e.right for e in examples])
    sizes = [len(e.right) for e in examples]
    starts = np.cumsum([0, *sizes[:-1]])
    owner = np.repeat(np.arange(len(sizes)), sizes)
    share = np.array([e.share for e in examples])

    def loss(weights: Any) -> tuple[float, Any]:
        scores = x @ weights
        powers = np.exp(scores - np.maximum.reduceat(scores, starts)[owner])
        total, good = np.add.reduceat(powers, starts), np.add.reduceat(powers * right, starts)
        slope = x.T @ ((powers / total[owner] - powers * right / good[owner]) * share[owner])
        penalty = ORDER_RIDGE / 2 * float(weights @ weights)
        return float(-(share * np.log(good / total)).sum()) + penalty, slope + ORDER_RIDGE * weights

    return minimize(loss, np.zeros(x.shape[1]), jac=True, method="L-BFGS-B").x / scale


def _logistic(x: Any, y: Any, share: Any) -> tuple[Any, float]:
    """A weighted ridge-penalised logistic regression: weights and constant."""
    centre, scale = x.mean(0), x.std(0) + 1e-6
    z = np.c_[(x - centre) / scale, np.ones(len(x))]

    def loss(found: Any) -> tuple[float, Any]:
        odds = z @ found
        ridge = ANSWER_RIDGE * np.r_[found[:-1], 0]
        value = float((share * np.logaddexp(0, np.where(y, -odds, odds))).sum() + 0.5 * ridge @ found)
        return value, z.T @ (share * (1 / (1 + np.exp(-odds)) - y)) + ridge

    found = minimize(loss, np.zeros(z.shape[1]), jac=True, method="L-BFGS-B").x
    weights = found[:-1] / scale
    return weights, float(found[-1] - weights @ centre)


def auc(high: Sequence[float], low: Sequence[float]) -> float:
    """How often one of `high` is above one of `low`."""
    if not high or not low:
        return float("nan")
    a, b = np.array(high)[:, None], np.array(low)
    return float((a > b).mean() + 0.5 * (a == b).mean())
