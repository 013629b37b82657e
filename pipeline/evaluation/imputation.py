"""Filled windows -> the tables of one imputer."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from pipeline.bundle.load import Bundle
from pipeline.data.gaps import Gaps, Mask
from pipeline.data.series import Part, Values
from pipeline.data.store import Index, PreparedDataset
from pipeline.evaluation.gap_baselines import DAY, filler
from pipeline.evaluation.predict.fillings import answered
from pipeline.evaluation.tables import Tables, score_rows, stacked, test_splits_first
from pipeline.metrics.imputation import AskedErrors, asked_errors, scores

Answer = Callable[[Values, Mask], Values]
"""Scaled windows (n, hours, channels), hidden hours (n, hours) -> an answer for every hour."""
AT_ONCE = 1024
"""Windows that are in memory together."""
KEPT = 8
"""Windows whose answers are kept, evenly spaced."""


def evaluate_bundle(bundle: Bundle, dataset: PreparedDataset) -> Tables:
    """Scores, errors by window and by hour that is asked, and some windows, on test and on validation."""
    data = bundle.description["data"]

    def tables(name: str) -> Tables:
        gaps = Gaps.of(Part.read(dataset, name), data)
        return _split_tables(dataset, name, gaps, lambda values, hidden: answered(bundle, values, hidden))

    return stacked([tables(name) for name in test_splits_first(dataset)])


def evaluate_baseline(name: str, dataset: PreparedDataset) -> Tables:
    """As `evaluate_bundle`, of a baseline and the gap that it names; it sees the day before and the hour
    behind."""
    way, _, hours = name.rpartition("_")
    gap = int(hours)

    def tables(name: str) -> Tables:
        part = Part.read(dataset, name)
        return _split_tables(dataset, name, Gaps(part, hours=DAY + gap + 1, gap=gap, before=DAY), filler(way))

    return stacked([tables(name) for name in test_splits_first(dataset)])


def _split_tables(dataset: PreparedDataset, name: str, gaps: Gaps, answer: Answer) -> Tables:
    codes = gaps.codes(gaps.numbers)
    found, squared_by_hour = [], 0.0
    for some in np.split(codes, range(AT_ONCE, len(codes), AT_ONCE)):
        values, actual, asked = gaps[some]
        answers = answer(values, gaps.hidden(asked))
        found.append(asked_errors(answers, actual, asked))
        missed = (answers.astype(np.float64) - actual)[asked].reshape(len(some), -1, gaps.channels)
        squared_by_hour = squared_by_hour + (missed**2).mean(-1).sum(0)
    errors = AskedErrors(*(np.concatenate(each) for each in zip(*found, strict=True)))
    by_hour = np.asarray(squared_by_hour) / len(codes)
    return {
        "scores": score_rows(name, scores(errors, last=gaps.asked == "next")),
        "predictions": _kept(dataset, gaps, answer).assign(split=name),
        "windows": _by_window(errors, gaps).assign(split=name),
        "by_hour": pd.DataFrame({"split": name, "hour": range(1, len(by_hour) + 1), "mse": by_hour}),
    }


def _by_window(errors: AskedErrors, gaps: Gaps) -> pd.DataFrame:
    """row, block, mse, mae, and mse_last where the next hour is asked.

    A row for each hour of the part at which a stretch may begin, empty where the part ends before the stretch
    does. Neighbours less than `block` rows apart have hours in common.
    """
    columns = {"mse": errors.squared, "mae": errors.absolute}
    if gaps.asked == "next":
        columns["mse_last"] = errors.last
    table = pd.DataFrame(columns, index=gaps.numbers, dtype=np.float32).reindex(range(gaps.count))
    return table.rename_axis("row").reset_index().assign(block=gaps.hours)


def _kept(dataset: PreparedDataset, gaps: Gaps, answer: Answer) -> pd.DataFrame:
    """row, channel, place, values, actual, answers: some windows, in the channels' own units.

    `values` are those of the whole window; `actual` and `answers` those of the hours asked, from the window's
    hour `place` on.
    """
    mean, scale = (np.array(dataset.description[name]) for name in ("mean", "scale"))
    places: Index = np.unique(np.linspace(0, len(gaps.numbers) - 1, KEPT).round().astype(np.int64))
    rows = gaps.numbers[places]
    values, actual, asked = gaps[gaps.codes(rows)]
    answers = answer(values, gaps.hidden(asked))
    # After hour 0 the next one is asked.
    shift = int(gaps.asked == "next")
    return pd.DataFrame(
        [
            {
                "row": row,
                "channel": channel,
                "place": int(asked[item].argmax()) + shift,
                **{
                    name: (each * scale[number] + mean[number]).astype(np.float32)
                    for name, each in (
                        ("values", values[item, :, number]),
                        ("actual", actual[item, asked[item], number]),
                        ("answers", answers[item, asked[item], number]),
                    )
                },
            }
            for item, row in enumerate(rows)
            for number, channel in enumerate(dataset.description["channels"])
        ]
    )
