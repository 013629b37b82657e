"""The learning rate of each variant, chosen on validation among those that its parameters list.

models/PROFILE/EXPERIMENT/trials.json says what was tried.
"""

from dataclasses import dataclass
from statistics import mean

from pipeline.errors import UserError
from pipeline.files import read_json
from pipeline.training import store
from pipeline.training.scheduler import attempt
from pipeline.training.spec import RunSpec

DIVERGED = ": loss "
"""What the line of a run whose loss became NaN or infinite holds."""


@dataclass(frozen=True)
class Trial:
    """One variant at one rate.

    `score`: best on validation, mean over `seeds`; None where some loss became NaN or infinite. `minutes`:
    of all these runs.
    """

    variant: str
    learning_rate: float
    seeds: int
    score: float | None
    minutes: float
    chosen: bool


def run(specs: list[RunSpec], *, workers: int) -> list[Trial]:
    """Trains the trials that aren't trained yet, and chooses.

    Raises:
        UserError: some trial failed otherwise than by its loss, or every rate of some variant did.
    """
    if specs:
        variants = len({spec.variant for spec in specs})
        print(f"{specs[0].experiment}: {len(specs)} runs choose the learning rate of {variants} variants")
    failures = attempt(specs, workers=workers)
    trials = choose(specs)
    whole = len(rates(trials)) == len({spec.variant for spec in specs})
    if not whole or any(DIVERGED not in failure for failure in failures):
        raise UserError("\n".join(failures))
    for failure in failures:
        print(f"out of the choice: {failure}")
    return trials


def choose(specs: list[RunSpec]) -> list[Trial]:
    """Of each variant's finished trials the one with the best score; of equal ones the first."""
    runs: dict[tuple[str, float], list[RunSpec]] = {}
    for spec in specs:
        runs.setdefault((spec.variant, spec.parameters["training"]["learning_rate"]), []).append(spec)
    scores = {
        trial: mean(map(_score, tried)) for trial, tried in runs.items() if all(map(store.is_done, tried))
    }
    best: dict[str, float] = {}
    for (variant, rate), score in scores.items():
        if variant not in best or score > scores[variant, best[variant]]:
            best[variant] = rate
    return [
        Trial(
            variant=variant,
            learning_rate=rate,
            seeds=len(tried),
            score=scores.get((variant, rate)),
            minutes=round(sum(_facts(spec, "timing")["minutes"] for spec in tried if store.is_done(spec)), 3),
            chosen=best.get(variant) == rate,
        )
        for (variant, rate), tried in runs.items()
    ]


def rates(trials: list[Trial]) -> dict[str, float]:
    """Variant -> the rate chosen."""
    return {trial.variant: trial.learning_rate for trial in trials if trial.chosen}


def _score(spec: RunSpec) -> float:
    return float(_facts(spec, "run")["best_score"])


def _facts(spec: RunSpec, name: str) -> dict[str, float]:
    return dict(read_json(store.folder_of(spec) / f"{name}.json"))
