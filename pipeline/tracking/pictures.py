"""Pictures for a run's artifacts: training curves of all variants, alignments, what a tagger or rater
confuses, windows of a series."""

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow.parquet as pq
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from mlflow import MlflowClient

from pipeline.tracking.results import ExperimentResult, SeedResult

HEAT_MAPS = 3
WINDOWS = 4
"""Of a series."""
LONGEST = 30
"""Tokens on a side that can still be read."""
FONTS = ["DejaVu Sans", "Noto Sans Devanagari", "Lohit Devanagari", "Nirmala UI", "Kohinoor Devanagari"]


def log_curves(client: MlflowClient, run_id: str, result: ExperimentResult) -> None:
    """Logs `curves.png`: validation score and training loss, one colour per variant, one line per seed."""
    panels = {"validation_score": result.seeds[0].run["score_name"], "train_loss": "training loss"}
    figure = Figure(figsize=(11, 4), layout="constrained")
    FigureCanvasAgg(figure)
    for place, (metric, label) in enumerate(panels.items(), start=1):
        axes = figure.add_subplot(1, 2, place)
        axes.set(xlabel="epoch", ylabel=label, title=metric.replace("_", " "))
        colours = {
            variant: f"C{i}" for i, variant in enumerate(dict.fromkeys(s.variant for s in result.seeds))
        }
        for seed in result.seeds:
            points = [point for point in seed.curves() if point.metric == metric]
            epochs, values = [point.epoch for point in points], [point.value for point in points]
            name = seed.variant if seed.seed == 0 else None
            style = ".-" if metric == "validation_score" else "-"
            axes.plot(epochs, values, style, color=colours[seed.variant], label=name, alpha=0.8)
        axes.grid(alpha=0.3)
        axes.legend()
    client.log_figure(run_id, figure, "curves.png")


def log_alignments(client: MlflowClient, run_id: str, result: ExperimentResult, seed: SeedResult) -> None:
    """Logs `alignments/ROW.png` for a few sentences of different lengths; nothing without attention."""
    path = result.predictions / "alignments.parquet"
    if not path.exists():
        return
    same = [("variant", "==", seed.variant), ("seed", "==", seed.seed)]
    table = pq.read_table(path, filters=same).to_pandas()
    sizes = np.maximum(table["source_tokens"].str.len(), table["target_tokens"].str.len())
    fitting = table[(sizes <= LONGEST) & (table["target_tokens"].str.len() > 0)]
    ranked = fitting.iloc[sizes[fitting.index].argsort(kind="stable")]
    for i in (
        sorted({round(q * (len(ranked) - 1)) for q in np.linspace(0.3, 0.9, HEAT_MAPS)})
        if len(ranked)
        else []
    ):
        row = ranked.iloc[i]
        source, target = _words(row["source_tokens"]), _words(row["target_tokens"])
        weights = np.asarray(row["weights"]).reshape(len(target), len(source))
        picture = heat_map(weights, source, target, left="output", shade="attention")
        with warnings.catch_warnings():
            # Without a font for Hindi its words are boxes; the report's maps are drawn by the browser.
            warnings.filterwarnings("ignore", "Glyph .* missing from", UserWarning)
            client.log_figure(run_id, picture, f"alignments/{row['row']:05}.png")


def log_confusion(client: MlflowClient, run_id: str, result: ExperimentResult, seed: SeedResult) -> None:
    """Logs `confusion.png`: what share of each tag or level is taken for what; nothing for other tasks."""
    path, named = result.folder / "tables/confusion.csv", {"tagging": "tags", "rating": "levels"}
    if result.facts["task"] not in named or not path.exists():
        return
    table = pd.read_csv(path, keep_default_na=False, dtype={"actual": str, "predicted": str})
    split = result.headline.partition("/")[0]
    same = (table["variant"] == seed.variant) & (table["seed"] == seed.seed) & (table["split"] == split)
    tags = [str(name) for name in seed.description[named[result.facts["task"]]]]
    counts = table[same].pivot_table(index="actual", columns="predicted", values="count", aggfunc="sum")
    counts = counts.reindex(index=tags, columns=tags, fill_value=0).to_numpy(dtype=np.float64)
    shares = counts / counts.sum(axis=1, keepdims=True).clip(min=1)
    picture = heat_map(shares, tags, tags, left="on top what it is taken for", shade="share of the row")
    client.log_figure(run_id, picture, "confusion.png")


def log_forecasts(client: MlflowClient, run_id: str, result: ExperimentResult, seed: SeedResult) -> None:
    """Logs `forecasts.png`: some windows of the last channel with what came and what was forecast; nothing
    for other tasks."""
    if result.facts["task"] != "forecasting":
        return

    def draw(axes: Axes, row: Any) -> None:
        hours = np.arange(-len(row.past), len(row.future))
        axes.plot(hours, np.concatenate([row.past, row.future]), color="black", linewidth=1, label="actual")
        axes.plot(np.arange(len(row.forecast)), row.forecast, color="C0", linewidth=1.5, label="forecast")
        axes.axvline(0, color="grey", linewidth=0.8)
        axes.set(xlabel="hours ahead")

    client.log_figure(run_id, _windows(result, seed, draw), "forecasts.png")


def log_fillings(client: MlflowClient, run_id: str, result: ExperimentResult, seed: SeedResult) -> None:
    """Logs `fillings.png`: some windows of the last channel with what was asked and answered; nothing for
    other tasks."""
    if result.facts["task"] != "imputation":
        return

    def draw(axes: Axes, row: Any) -> None:
        hours = np.arange(row.place, row.place + len(row.answers))
        axes.plot(row.values, color="black", linewidth=1, label="actual")
        axes.plot(hours, row.answers, color="C0", linewidth=1.5, label="answer")
        axes.set(xlabel="hours")

    client.log_figure(run_id, _windows(result, seed, draw), "fillings.png")


def _windows(result: ExperimentResult, seed: SeedResult, draw: Callable[[Axes, Any], None]) -> Figure:
    """The first windows of the headline's split, of the last channel, one below the other."""
    split, channel = result.headline.partition("/")[0], seed.description["channels"][-1]
    same = [("variant", "==", seed.variant), ("seed", "==", seed.seed)]
    same += [("split", "==", split), ("channel", "==", channel)]
    table = pq.read_table(result.predictions / "predictions.parquet", filters=same).to_pandas()
    figure = Figure(figsize=(11, 1 + 2 * WINDOWS), layout="constrained")
    FigureCanvasAgg(figure)
    for place, row in enumerate(table.sort_values("row").head(WINDOWS).itertuples(), start=1):
        axes = figure.add_subplot(WINDOWS, 1, place)
        draw(axes, row)
        axes.set(ylabel=channel, title=f"window {row.row}")
        axes.legend(loc="upper left")
    return figure


def heat_map(
    weights: npt.NDArray[np.floating], columns: list[str], rows: list[str], *, left: str, shade: str
) -> Figure:
    """Numbers from 0 to 1 as a picture; `left` and `shade` say what the rows and the colours are."""
    height, width = weights.shape
    figure = Figure(figsize=(2 + 0.36 * width, 1.6 + 0.3 * height), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    image = axes.imshow(weights, cmap="Blues", vmin=0, vmax=1, aspect="auto")
    font = {"family": _fonts()}
    axes.set_xticks(range(width), columns, rotation=60, ha="left", rotation_mode="anchor", fontdict=font)
    axes.set_yticks(range(height), rows, fontdict=font)
    axes.xaxis.tick_top()
    axes.set_ylabel(left)
    figure.colorbar(image, label=shade, fraction=0.04)
    return figure


def _fonts() -> list[str]:
    installed = set(font_manager.get_font_names())
    return [font for font in FONTS if font in installed]


def _words(pieces: npt.NDArray[np.object_]) -> list[str]:
    return [piece.removeprefix("\u2581") or piece for piece in pieces]
