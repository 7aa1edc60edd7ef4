"""An emulator: figures of the model as smooth functions of the parameters, fitted to a design, with its error."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from experiments.calibration.targets import Observed, beta_binomial

Floats = NDArray[np.float64]

PENALTIES = tuple(10.0**power for power in np.arange(-3.0, 4.5, 0.5))
"""Penalties of the ridge, from which each figure's own is chosen by leaving runs out."""

FOLDS = 10
EDGE = 1e-4
"""Shares are kept so far from 0 and 1, where their log odds end."""


@dataclass(frozen=True, eq=False)
class Emulator:
    """Mean and spread of T figures at any parameters.

    Attributes:
        features: scikit-learn's products of parameters, scaled.
        slopes, intercept: of the regression on them, (T, features) and (T,); shares are in log odds.
        shares: which of the figures are shares of answers, (T,).
        covariance: (T, T), of what the regression misses in runs it has not seen: luck of the run and its own error.
        dispersion: (T,), the same of a share, as a part of share · (1 - share).
        explained: (T,), share of the variance of runs it has not seen that it predicts.
    """

    features: Any
    slopes: Floats
    intercept: Floats
    shares: NDArray[np.bool_]
    covariance: Floats
    dispersion: Floats
    explained: Floats

    def mean(self, quantiles: Floats) -> Floats:
        """Figures (n, T) at quantiles of the priors, (n, parameters)."""
        features = self.features.transform(_centred(quantiles))
        return _back(np.asarray(features @ self.slopes.T + self.intercept), self.shares)

    def part(self, which: slice) -> Emulator:
        """The emulator of some of the figures."""
        return replace(
            self,
            slopes=self.slopes[which],
            intercept=self.intercept[which],
            shares=self.shares[which],
            covariance=self.covariance[which, which],
            dispersion=self.dispersion[which],
            explained=self.explained[which],
        )

    def runs(self, quantiles: Floats, draw: np.random.Generator) -> Floats:
        """Figures (n, T) as runs might give them at quantiles (n, parameters): means with what the emulator misses."""
        found = self.mean(quantiles)
        means = np.flatnonzero(~self.shares)
        if means.size:
            luck = np.zeros(means.size), self.covariance[np.ix_(means, means)]
            found[:, means] += draw.multivariate_normal(*luck, size=len(found), method="eigh")
        for at in np.flatnonzero(self.shares):
            size = (1.0 - self.dispersion[at]) / self.dispersion[at]
            found[:, at] = draw.beta(found[:, at] * size, (1.0 - found[:, at]) * size)
        return found

    def log_likelihood(self, targets: Sequence[Observed], quantiles: Floats) -> Floats:
        """Log density (n,) of what was observed at quantiles of the priors, (n, parameters).

        A mean is normal, with the error of the survey beside the covariance of luck and emulator. A share of answers is
        beta-binomial: the share of a run varies about the emulated one, and the answers are binomial about that of the
        run.

        Args:
            targets: the T figures, in the order of the emulator.
            quantiles: where.
        """
        mean, total = self.mean(quantiles), np.zeros(len(quantiles))
        for at in np.flatnonzero(self.shares).tolist():
            own = targets[at]
            assert own.answers is not None
            total += beta_binomial(own.value * own.answers, own.answers, mean[:, at], float(self.dispersion[at]))
        means = np.flatnonzero(~self.shares)
        if means.size:
            own_means = [targets[at] for at in means.tolist()]
            errors = np.array([own.error for own in own_means])
            covariance = self.covariance[np.ix_(means, means)] + np.diag(errors**2)
            apart = np.array([own.value for own in own_means]) - mean[:, means]
            whitened = np.linalg.solve(np.linalg.cholesky(covariance), apart.T)
            total -= 0.5 * np.square(whitened).sum(axis=0)
        return total


def fit_emulator(quantiles: Floats, figures: Floats, shares: NDArray[np.bool_]) -> Emulator:
    """Fit a quadratic surface to each figure, by ridge regression on all products of two parameters.

    Args:
        quantiles: of the priors, (runs, parameters).
        figures: of the runs, (runs, T), all of them numbers.
        shares: which of the figures are shares of answers, (T,).
    """
    from sklearn.model_selection import KFold, cross_val_predict

    x, y = _centred(quantiles), _forth(figures, shares)
    folds = KFold(FOLDS, shuffle=True, random_state=0)
    unseen = _back(np.asarray(cross_val_predict(_surface(), x, y, cv=folds)), shares)
    missed = figures - unseen
    spread = unseen * (1.0 - unseen)
    dispersion = np.where(shares, np.square(missed).mean(axis=0) / np.where(shares, spread.mean(axis=0), 1.0), 0.0)
    variance = figures.var(axis=0)
    explained = 1.0 - np.square(missed).mean(axis=0) / np.where(variance > 0.0, variance, np.inf)
    covariance = missed.T @ missed / len(missed)
    fitted = _surface().fit(x, y)
    return Emulator(
        features=fitted[:-1],
        slopes=np.atleast_2d(fitted[-1].coef_),
        intercept=np.atleast_1d(fitted[-1].intercept_),
        shares=shares,
        covariance=covariance,
        dispersion=np.clip(dispersion, 1e-6, 0.5),
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


def _forth(figures: Floats, shares: NDArray[np.bool_]) -> Floats:
    return np.where(shares, logit(np.clip(figures, EDGE, 1.0 - EDGE)), figures)


def _back(figures: Floats, shares: NDArray[np.bool_]) -> Floats:
    return np.where(shares, np.clip(expit(figures), EDGE, 1.0 - EDGE), figures)
