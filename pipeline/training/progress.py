"""How far the runs are: bars on a terminal, one line a finished run elsewhere."""

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.progress import Progress as Bars

from pipeline.training import store
from pipeline.training.recording import read_curves
from pipeline.training.spec import RunSpec


class Progress:
    """Context manager around the scheduler's loop."""

    def __init__(self, *, total: int, done: int) -> None:
        self._console = Console(stderr=True)
        self._total, self._done = total, done
        self._bars = Bars(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f} %"),
            TextColumn("{task.fields[state]}"),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=self._console,
            disable=not self._console.is_terminal,
            transient=True,
        )
        self._runs: dict[str, TaskID] = {}

    def __enter__(self) -> Self:
        self._bars.start()
        state = f"{self._done}/{self._total} runs"
        self._all = self._bars.add_task("all runs", total=self._total, completed=self._done, state=state)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bars.stop()

    def update(self, running: list[RunSpec]) -> None:
        """Reads how far each running run is from its curves."""
        if not self._console.is_terminal:
            return
        shares = 0.0
        for spec in running:
            points = read_curves(store.folder_of(spec) / "curves.jsonl")
            epochs = spec.parameters["training"]["epochs"]
            if spec.signature not in self._runs:
                self._runs[spec.signature] = self._bars.add_task(spec.name, total=epochs, state="")
            epoch = points[-1]["epoch"] if points else 0
            latest = {point["metric"]: point["value"] for point in points}
            shown = [
                f"{name.split('_')[1]} {latest[name]:.3f}"
                for name in ("train_loss", "validation_score")
                if name in latest
            ]
            state = " ".join([f"step {points[-1]['step']}" if points else "starts", *shown])
            self._bars.update(self._runs[spec.signature], completed=epoch, state=state)
            shares += epoch / epochs
        self._bars.update(self._all, completed=self._done + shares, state=f"{self._done}/{self._total} runs")

    def finish(self, spec: RunSpec, seconds: float, *, failed: bool) -> None:
        self._done += 1
        if spec.signature in self._runs:
            self._bars.remove_task(self._runs.pop(spec.signature))
        outcome = "failed" if failed else _score(spec)
        self._console.print(
            f"  {spec.name}: {outcome}, {seconds:.0f} s ({self._done}/{self._total})", highlight=False
        )


def _score(spec: RunSpec) -> str:
    points = read_curves(store.folder_of(spec) / "curves.jsonl")
    scores = [point["value"] for point in points if point["metric"] == "validation_score"]
    return f"validation {max(scores):.4g}" if scores else "done"
