"""The few free figures of a process, fitted to real times; judged on jobs the fit has not seen.

A figure is scaled by a factor between a fifth and five; the factors are those with the least sum of squared
logarithms of said over real time, held near one by a small penalty so that a figure which nothing depends on
stays as it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Context, Decimal

import numpy as np
import numpy.typing as npt
from scipy.optimize import least_squares

from app.calculator.catalog.catalog import Catalog
from app.calculator.catalog.rows import Figure
from scripts.calibration.times import Timed, said_hours

LARGEST_FACTOR = 5.0
PENALTY = 0.02
"""What a factor of e costs, in units of a job that is missed by a factor of e."""
DIGITS = Context(prec=6)
"""As many as any figure of the catalogue is known to."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Errors:
    """How far the engine is off: the mean and the ninth of ten of |said / real - 1|."""

    mean: float
    p90: float

    @classmethod
    def of(cls, said: Sequence[float], jobs: Sequence[Timed]) -> "Errors":
        """The errors of what was said about the jobs."""
        off = np.abs(np.array(said) / np.array([job.actual_hours for job in jobs]) - 1)
        return cls(float(off.mean()), float(np.percentile(off, 90)))


@dataclass(frozen=True)
class Fitted:
    """The proposed figures, and the errors before, after on the same jobs, and after on unseen ones."""

    figures: tuple[Figure, ...]
    before: Errors
    after: Errors
    unseen: Errors


def fit(jobs: Sequence[Timed], figures: Sequence[Figure], catalog: Catalog, most_folds: int) -> Fitted:
    """Fit on all jobs; ``unseen`` says what to expect of the next part.

    A part that was made several times is left out with all its jobs, or the fit would know it already.
    """
    before = Errors.of(said_hours(jobs, catalog), jobs)
    scaled = _scaled(figures, _factors(jobs, figures, catalog))
    after = Errors.of(said_hours(jobs, catalog.with_rows(scaled)), jobs)
    unseen: list[float] = []
    order: list[Timed] = []
    parts = list(dict.fromkeys(job.part for job in jobs))
    folds = min(most_folds, len(parts))
    for fold in range(folds):
        kept_back = set(parts[fold::folds])
        left_out = [job for job in jobs if job.part in kept_back]
        others = [job for job in jobs if job.part not in kept_back]
        learned = catalog.with_rows(_scaled(figures, _factors(others, figures, catalog)))
        unseen += said_hours(left_out, learned)
        order += left_out
    return Fitted(tuple(scaled), before, after, Errors.of(unseen, order))


def _factors(jobs: Sequence[Timed], figures: Sequence[Figure], catalog: Catalog) -> Floats:
    real = np.log([job.actual_hours for job in jobs])

    def off(shifted: Floats) -> Floats:
        logarithms = shifted - 1
        changed = catalog.with_rows(_scaled(figures, np.exp(logarithms)))
        missed: Floats = np.concatenate((np.log(said_hours(jobs, changed)) - real, PENALTY * logarithms))
        return missed

    bound = float(np.log(LARGEST_FACTOR))  # steps are taken relative to a value, which must not be nought
    found = least_squares(off, np.ones(len(figures)), bounds=(1 - bound, 1 + bound), diff_step=1e-3)
    factors: Floats = np.exp(found.x - 1)
    return factors


def _scaled(figures: Sequence[Figure], factors: Floats) -> list[Figure]:
    return [
        figure.model_copy(update={"value": DIGITS.multiply(figure.value, Decimal(repr(factor)))})
        for figure, factor in zip(figures, factors.tolist(), strict=True)
    ]
