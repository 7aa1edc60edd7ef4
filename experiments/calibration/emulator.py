"""An emulator: figures of the model as smooth functions of the parameters, fitted to a design, with its error."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.calibration.targets import Observed

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

PENALTIES = tuple(10.0**power for power in np.arange(-3.0, 4.5, 0.5))
"""Penalties of the ridge, from which each figure's own is chosen by leaving runs out."""

FOLDS = 10


@dataclass(frozen=True, eq=False)
class Emulator:
    """Mean and spread of T figures at any parameters.

    Shares of answers are emulated as arcsine of the square root. On that scale a share of n answers has the variance
    1 / (4n + 2) whatever the share (Anscombe 1948), so that one covariance holds the errors of shares and of means,
    and what luck moves together.

    Attributes:
        features: scikit-learn's products of parameters, scaled.
        slopes, intercept: of the regression on them, (T, features) and (T,).
        shares: which of the figures are shares of answers, (T,).
        covariance: (T, T), of what the regression misses in runs it has not seen: luck of the run and its own error.
        explained: (T,), share of the variance of runs it has not seen that it predicts.
    """

    features: Any
    slopes: Floats
    intercept: Floats
    shares: Flags
    covariance: Floats
    explained: Floats

    def mean(self, quantiles: Floats) -> Floats:
        """Figures (n, T) at quantiles of the priors, (n, parameters)."""
        return _back(self._scaled_mean(quantiles), self.shares)

    def part(self, which: slice) -> Emulator:
        """The emulator of some of the figures."""
        return replace(
            self,
            slopes=self.slopes[which],
            intercept=self.intercept[which],
            shares=self.shares[which],
            covariance=self.covariance[which, which],
            explained=self.explained[which],
        )

    def runs(self, quantiles: Floats, draw: np.random.Generator) -> Floats:
        """Figures (n, T) as runs might give them at quantiles (n, parameters): means with what the emulator misses."""
        luck = np.zeros(len(self.shares)), self.covariance
        missed = draw.multivariate_normal(*luck, size=len(quantiles), method="eigh")
        return _back(self._scaled_mean(quantiles) + missed, self.shares)

    def log_likelihood(self, targets: Sequence[Observed], quantiles: Floats) -> Floats:
        """Log density (n,), but for a constant, of what was observed at quantiles of the priors, (n, parameters).

        Normal: the errors of the survey beside the covariance of what the emulator misses. A mean has its standard
        error; a share of answers is binomial, and normal with known variance as arcsine of its square root.

        Args:
            targets: the T figures, in the order of the emulator.
            quantiles: where.
        """
        observed = np.array([_of_answers(own.value, own.answers) for own in targets])
        variance = [own.error**2 if own.answers is None else 1.0 / (4.0 * own.answers + 2.0) for own in targets]
        root = np.linalg.cholesky(self.covariance + np.diag(variance))
        whitened = np.linalg.solve(root, (observed - self._scaled_mean(quantiles)).T)
        found: Floats = -0.5 * np.square(whitened).sum(axis=0)
        return found

    def _scaled_mean(self, quantiles: Floats) -> Floats:
        features = self.features.transform(_centred(quantiles))
        return np.asarray(features @ self.slopes.T + self.intercept)


def fit_emulator(quantiles: Floats, figures: Floats, shares: Flags) -> Emulator:
    """Fit a quadratic surface to each figure, by ridge regression on all products of two parameters.

    Args:
        quantiles: of the priors, (runs, parameters).
        figures: of the runs, (runs, T), all of them numbers.
        shares: which of the figures are shares of answers, (T,).
    """
    from sklearn.model_selection import KFold, cross_val_predict

    x, y = _centred(quantiles), np.where(shares, np.arcsin(np.sqrt(np.clip(figures, 0.0, 1.0))), figures)
    folds = KFold(FOLDS, shuffle=True, random_state=0)
    missed = y - np.asarray(cross_val_predict(_surface(), x, y, cv=folds)).reshape(y.shape)
    variance = y.var(axis=0)
    explained = 1.0 - np.square(missed).mean(axis=0) / np.where(variance > 0.0, variance, np.inf)
    fitted = _surface().fit(x, y)
    return Emulator(
        features=fitted[:-1],
        slopes=np.atleast_2d(fitted[-1].coef_),
        intercept=np.atleast_1d(fitted[-1].intercept_),
        shares=shares,
        covariance=missed.T @ missed / len(missed),
        explained=np.where(variance > 0.0, explained, 0.0),
    )


def _surface() -> Any:
    from sklearn.linear_model import RidgeCV
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import PolynomialFeatures, StandardScaler

    return make_pipeline(
        PolynomialFeatures(2, include_bias=False), StandardScaler(), RidgeCV(PENALTIES, alpha_per_target=True)
    )


def _centred(quantiles: Floats) -> Floats:
    return 2.0 * quantiles - 1.0


def _of_answers(value: float, answers: float | None) -> float:
    """A mean as it is; a share of answers as arcsine of its square root, by Anscombe's correction for few answers."""
    if answers is None:
        return value
    return float(np.arcsin(np.sqrt((value * answers + 0.375) / (answers + 0.75))))


def _back(scaled: Floats, shares: Flags) -> Floats:
    return np.where(shares, np.sin(np.clip(scaled, 0.0, np.pi / 2.0)) ** 2, scaled)
