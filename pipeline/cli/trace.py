"""What each gate did at each word: as tables, plain lines or JSON."""

import json as jsonlib
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from pipeline.cli.models import open_bundle

if TYPE_CHECKING:
    from pipeline.evaluation.predict.gates import Traced
    from pipeline.nn.trace import LayerTrace

BARS = "▁▂▃▄▅▆▇█"
GATES = ("input", "forget", "output", "reset", "update")
"""Between 0 and 1: shown as their mean; of states, which have a sign, the mean size is shown."""
EXPLAINED = "Means over units; of candidate, cell, hidden: of their size without sign."


def show_trace(text: str, model: str | None, *, json: bool) -> None:
    bundle = open_bundle(model, "classification")
    from pipeline.evaluation.predict.gates import traced

    found = traced(bundle, text)
    console = Console(markup=False, emoji=False, highlight=False)
    if json:
        print(jsonlib.dumps(_record(text, found), ensure_ascii=False))
    elif console.is_terminal:
        for layer in found.layers:
            console.print(_table(found, layer))
        console.print(Text(EXPLAINED, style="dim"))
    else:
        _print_lines(found)


def summaries(layer: "LayerTrace") -> dict[str, list[float]]:
    """One number per word and intermediate, in the order of the equations."""
    parts = layer.steps._asdict()
    return {
        name: (values if name in GATES else values.abs()).mean(1).tolist()
        for name, values in parts.items()
        if name != "pre"
    }


def _table(found: "Traced", layer: "LayerTrace") -> Table:
    columns = summaries(layer)
    units = layer.steps.hidden.shape[1]
    title = f"layer {layer.layer}, {layer.direction}: {units} units of {found.cell.upper()}"
    table = Table(title=title, title_justify="left", box=None, header_style="dim", pad_edge=False)
    for name in ("word", *columns):
        table.add_column(name)
    if found.answers:
        table.add_column("answer")
    for place, word in enumerate(found.words):
        cells = [_bar(values[place], 1 if name in GATES else max(values)) for name, values in columns.items()]
        table.add_row(word, *cells, *found.answers[place : place + 1])
    return table


def _bar(value: float, most: float) -> str:
    height = min(int(value / (most or 1) * len(BARS)), len(BARS) - 1)
    return f"{BARS[height]} {value:.2f}"


def _print_lines(found: "Traced") -> None:
    """Tab-separated, with a line of names: layers have the same intermediates."""
    names = list(summaries(found.layers[0]))
    print("\t".join(["layer", "direction", "word", *names, *(["answer"] if found.answers else [])]))
    for layer in found.layers:
        columns = summaries(layer)
        for place, word in enumerate(found.words):
            numbers = [f"{columns[name][place]:.4f}" for name in names]
            line = [str(layer.layer), layer.direction, word, *numbers, *found.answers[place : place + 1]]
            print("\t".join(line))


def _record(text: str, found: "Traced") -> dict[str, object]:
    """Every unit of every intermediate, word by word."""
    layers = [
        {
            "layer": layer.layer,
            "direction": layer.direction,
            "steps": {name: values.tolist() for name, values in layer.steps._asdict().items()},
        }
        for layer in found.layers
    ]
    return {
        "text": text,
        "cell": found.cell,
        "words": found.words,
        "answers": found.answers,
        "layers": layers,
    }
