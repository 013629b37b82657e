"""Units side by side."""

from collections.abc import Iterator, Mapping

from pipeline.evaluation.pool import settle, side_by_side
from pipeline.evaluation.unit import Unit, work


def evaluate_all(units: Mapping[str, Unit], *, workers: int) -> Iterator[str]:
    """Evaluates units by key and yields each key when its tables are stored.

    Raises:
        UserError: a unit can't be evaluated, or a process was killed.
    """
    if len(units) < 2 or workers == 1:
        settle()
        for key, unit in units.items():
            work(unit, key)
            yield key
        return
    modules = {f"pipeline.evaluation.{unit.task}" for unit in units.values()}
    jobs = {key: (unit, key) for key, unit in units.items()}
    for key, _ in side_by_side(work, jobs, modules=modules, workers=workers, stage="evaluate"):
        yield key
