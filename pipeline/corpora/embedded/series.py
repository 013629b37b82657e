"""Generated hourly series whose best possible forecast, and whose best possible imputation, are known.

    seasonal    level + trend + a season of 24 hours + one of 168 + noise of which a share persists (AR(1))
    walk        a level that takes a random step every hour, seen through noise (the local-level model)

The seven channels have ETT's names and are independent of one another. Gaps are marked in the split
"observed" (1 seen, 0 in a gap); the values in them are in the split "series" all the same.
"""

from datetime import datetime

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipeline.config.schema.corpora import SeasonalProcess, SeriesCorpus, WalkProcess
from pipeline.corpora.canonical import Split
from pipeline.corpora.hourly import CHANNELS, DATE, HOUR, SCHEMA

Values = npt.NDArray[np.float64]

START = datetime(2001, 1, 1)
DAY, WEEK = 24, 168
DECIMALS = 3
"""As ETT has them; and the same bytes on machines whose sines differ in the last bit."""


def splits(corpus: SeriesCorpus) -> list[Split]:
    return [Split(name, SCHEMA, corpus.hours) for name in ("series", "observed")]


def generate(corpus: SeriesCorpus) -> dict[str, pa.Table]:
    """The series, and which of its values are seen."""
    rng = np.random.default_rng([corpus.seed, 1])
    match corpus.process:
        case SeasonalProcess() as seasonal:
            rest = _persistent(seasonal, corpus.hours, rng)
        case walk:
            shape = (corpus.hours, len(CHANNELS))
            rest = rng.normal(0, walk.drift, shape).cumsum(0) + rng.normal(0, walk.noise, shape)
    observed = _observed(corpus, np.random.default_rng([corpus.seed, 2]))
    return {"series": _table((expected(corpus) + rest).round(DECIMALS)), "observed": _table(observed)}


def _table(values: Values) -> pa.Table:
    dates = [(START + hour * HOUR).strftime(DATE) for hour in range(len(values))]
    columns = {channel: values[:, place] for place, channel in enumerate(CHANNELS)}
    return pa.table({"date": dates, **columns}, SCHEMA)


def _persistent(process: SeasonalProcess, hours: int, rng: np.random.Generator) -> Values:
    """AR(1) noise, stationary from its first hour on."""
    noise: Values = rng.normal(0, process.noise, (hours, len(CHANNELS)))
    noise[0] /= np.sqrt(1 - process.persistence**2)
    for hour in range(1, hours):
        noise[hour] += process.persistence * noise[hour - 1]
    return noise


def _observed(corpus: SeriesCorpus, rng: np.random.Generator) -> Values:
    """Each gap somewhere in a stretch of its own, the stretch's first and last hour seen."""
    observed = np.ones((corpus.hours, len(CHANNELS)))
    stretch = corpus.hours // max(corpus.gaps, 1)
    for channel in range(len(CHANNELS)):
        for gap in range(corpus.gaps):
            start = gap * stretch + rng.integers(1, stretch - corpus.gap_hours)
            observed[start : start + corpus.gap_hours, channel] = 0
    return observed


# ------------------------------------------------------------------------------------- what is known


def expected(corpus: SeriesCorpus) -> Values:
    """What is certain, (hours, channels): level, trend and seasons, or where a walk begins."""
    rng, channels = np.random.default_rng([corpus.seed, 0]), len(CHANNELS)
    level = rng.uniform(5, 15, channels)
    if isinstance(corpus.process, WalkProcess):
        return np.tile(level, (corpus.hours, 1))
    process, hours = corpus.process, np.arange(corpus.hours)[:, None]
    values: Values = level + process.trend * rng.uniform(-1, 1, channels) * hours / WEEK
    for amplitude, period in ((process.daily, DAY), (process.weekly, WEEK)):
        size, shift = 1.5 ** rng.uniform(-1, 1, channels), rng.uniform(0, period, channels)
        values += amplitude * size * np.cos(2 * np.pi * (hours - shift) / period)
    return values


def ideal_forecast(corpus: SeriesCorpus, past: Values, horizon: int) -> Values:
    """The best forecast of the next hours, (horizon, channels), from all of the past, (hours, channels).

    What is certain goes on; of the noise its persistent share is left, and a walk stays where the steady
    Kalman filter puts it (Harvey 1989, section 4.1.2).
    """
    certain, origin = expected(corpus), len(past)
    rest = past - certain[:origin]
    leads = np.arange(1, horizon + 1)[:, None]
    match corpus.process:
        case SeasonalProcess() as seasonal:
            left: Values = seasonal.persistence**leads * rest[-1]
        case walk:
            gain = _filtered(walk) / walk.noise**2
            left = gain * (1 - gain) ** np.arange(origin)[::-1] @ rest
    return certain[origin : origin + horizon] + left


def bayes_error(corpus: SeriesCorpus, horizon: int) -> Values:
    """Mean squared error of the ideal forecaster 1, 2, … `horizon` hours ahead, in squared units."""
    leads = np.arange(1.0, horizon + 1)
    match corpus.process:
        case SeasonalProcess() as seasonal:
            left = seasonal.persistence**2
            errors: Values = seasonal.noise**2 * (1 - left**leads) / (1 - left)
        case walk:
            errors = _filtered(walk) + leads * walk.drift**2 + walk.noise**2
    return errors


def imputation_errors(walk: WalkProcess, hours: int) -> tuple[Values, Values]:
    """Mean squared errors of a walk's level at each hour of a gap: from the past alone, and from both sides.

    From the past: the filter's error and a step for each hour since. The future tells as much, mirrored, and
    independent sources add up in precision (the two-filter form of the Kalman smoother; Fraser and Potter
    1969). Far from both ends of the series.
    """
    since = np.arange(1.0, hours + 1)
    past: Values = _filtered(walk) + since * walk.drift**2
    return past, 1 / (1 / past + 1 / past[::-1])


def _filtered(walk: WalkProcess) -> float:
    """Error variance of the level, the hour's value seen, once the filter is steady.

    P solves 1 / P = 1 / (P + drift^2) + 1 / noise^2.
    """
    drift, noise = walk.drift**2, walk.noise**2
    return float((np.sqrt(drift**2 + 4 * drift * noise) - drift) / 2)
