"""What probes saw of one sentence, step by step, from results/PROFILE/probes, where it may be missing."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from pipeline.config.schema.params import Params
from pipeline.files import read_json
from pipeline.report import gate_charts, search_trees
from pipeline.report.format import unique
from pipeline.report.load import read_table
from pipeline.report.vega import Plot

GATES = ["variant", "seed", "layer", "step", "word", "quantity", "low", "q1", "median", "q3", "high"]
ANSWERS = ["variant", "seed", "step", "word", "answer", "probability"]
TREE = ["variant", "seed", "node", "parent", "step", "word", "log_probability", "total", "score", "fate"]


@dataclass(frozen=True)
class Panel:
    """One network; `told`: for each step, what the template says of it."""

    name: str
    plots: Sequence[Plot]
    told: Sequence[Any]


@dataclass(frozen=True)
class Stepped:
    """One sentence; `settings`: the probe's, `steps`: named or empty, `first`: the panel that shows first."""

    kind: str
    experiment: str
    settings: dict[str, Any]
    steps: Sequence[str]
    panels: Sequence[Panel]
    first: int

    @property
    def key(self) -> str:
        """Its id on the page."""
        return f"stepped-{self.kind}-{self.experiment}"


def read_stepped(params: Params, results: Path) -> dict[str, Stepped]:
    """By KIND@EXPERIMENT, those of the parameter file that were run; of each variant the first seed.

    Args:
        results: results/PROFILE.

    Raises:
        UserError: a table of a probe that was run is missing or malformed.
    """
    readers = {"gates": _gates, "beam": _tree}
    found = {}
    for kind, experiment, _ in params.probes.each():
        folder = results / "probes" / kind / experiment
        if kind in readers and (folder / "provenance.json").exists():
            settings = read_json(folder / "provenance.json")[0]["settings"]
            found[f"{kind}@{experiment}"] = readers[kind](folder, f"{kind}@{experiment}", settings)
    return found


def _gates(folder: Path, stage: str, settings: dict[str, Any]) -> Stepped:
    rows = _first_seed(read_table(folder / "gates.csv", GATES, stage))
    answers = read_table(folder / "answers.csv", ANSWERS, stage)
    variants = unique(rows["variant"])
    panels = []
    for name in variants:
        own = rows[rows["variant"] == name]
        said = answers[(answers["variant"] == name) & (answers["seed"] == rows["seed"].iloc[0])]
        plots = [
            Plot(f"gates-{folder.name}-{name}", name, gate_charts.over_words(own, name)),
            Plot(f"units-{folder.name}-{name}", name, gate_charts.at_a_word(own, name)),
        ]
        panels.append(Panel(name, plots, gate_charts.answered(said)))
    words = rows.drop_duplicates("step").sort_values("step")["word"]
    # A network with more gates tells more.
    richest = max(range(len(panels)), key=lambda place: (rows["variant"] == variants[place]).sum())
    return Stepped("gates", folder.name, settings, words.tolist(), panels, richest)


def _tree(folder: Path, stage: str, settings: dict[str, Any]) -> Stepped:
    rows = _first_seed(read_table(folder / "tree.csv", TREE, stage))
    panels = []
    for name in unique(rows["variant"]):
        nodes = search_trees.laid_out(rows[rows["variant"] == name])
        plot = Plot(f"tree-{folder.name}-{name}", name, search_trees.tree(nodes, name))
        panels.append(Panel(name, [plot], search_trees.by_step(nodes)))
    steps = [""] * max(len(panel.told) for panel in panels)
    return Stepped("beam", folder.name, settings, steps, panels, 0)


def _first_seed(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[rows["seed"] == rows["seed"].min()]
