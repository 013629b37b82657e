"""Where a captioner looked, word by word, drawn on its pictures."""

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from mlflow import MlflowClient

from pipeline.images import Pixels, read_image
from pipeline.tracking.results import ExperimentResult, SeedResult

PICTURES = 3
COLUMNS = 7


def log_looks(client: MlflowClient, run_id: str, result: ExperimentResult, seed: SeedResult) -> None:
    """Logs `looks/ROW.png` for a few pictures; nothing without attention over one."""
    path = result.predictions / "looks.parquet"
    if not path.exists():
        return
    same = [("variant", "==", seed.variant), ("seed", "==", seed.seed)]
    files = pq.read_table(result.predictions / "pictures.parquet", filters=same).to_pylist()
    pictures = {line["row"]: line["picture"] for line in files}
    for line in pq.read_table(path, filters=same).to_pylist()[:PICTURES]:
        pixels = read_image(pictures[line["row"]], f"picture {line['row']}")
        weights = np.reshape(line["weights"], (-1, line["rows"], line["columns"]))
        client.log_figure(run_id, drawn(pixels, line["tokens"], weights), f"looks/{line['row']:05}.png")


def drawn(pixels: Pixels, words: list[str], weights: npt.NDArray[np.floating]) -> Figure:
    """The picture, and a copy for each word with its weights (words, rows, columns) as heat."""
    rows = -(-(len(words) + 1) // COLUMNS)
    figure = Figure(figsize=(1.7 * COLUMNS, 2 * rows), layout="constrained")
    FigureCanvasAgg(figure)
    side = (-0.5, pixels.shape[1] - 0.5, pixels.shape[0] - 0.5, -0.5)
    for place, word in enumerate(["", *words]):
        axes = figure.add_subplot(rows, COLUMNS, place + 1)
        axes.imshow(pixels)
        if place:
            axes.imshow(
                weights[place - 1], extent=side, cmap="inferno", alpha=0.6, interpolation="bilinear", vmin=0
            )
        axes.set_title(word)
        axes.set_axis_off()
    return figure
