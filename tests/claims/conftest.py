"""Made-up results of a profile, written as evaluation writes them."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pandas as pd
import pytest

from pipeline.claims.claim import Judgement
from pipeline.claims.evidence import Evidence
from pipeline.claims.sections import SECTIONS
from pipeline.claims.verdict import Verdict

CLAIMS = {claim.id: claim for section in SECTIONS for claim in section.claims}
Scores = Mapping[str, Mapping[str, Sequence[float]]]
"""variant -> metric -> a value per seed."""


class MadeUp:
    """results/PROFILE of experiments that nobody ran."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.experiments: list[str] = []

    def experiment(
        self, name: str, scores: Scores, *, splits: Sequence[str] = ("test",), task: str = "translation"
    ) -> None:
        """The same scores on every split."""
        self.experiments.append(name)
        rows = [
            {
                "variant": variant,
                "role": "model",
                "seed": seed,
                "split": split,
                "metric": metric,
                "value": value,
            }
            for variant, metrics in scores.items()
            for metric, values in metrics.items()
            for seed, value in enumerate(values)
            for split in splits
        ]
        self.table(name, "scores", pd.DataFrame(rows))
        facts = {
            "task": task,
            "dataset": "made_up",
            "corpus": "made_up",
            "seeds": 3,
            "variants": {name: {} for name in scores},
            "minutes": {"train": 1.0},
        }
        self._json(f"{name}/provenance.json", facts)
        self._json("corpora/made_up.json", {"source": "generated"})
        self._json("datasets/made_up.json", {"splits": {split: {"rows": 1000} for split in splits}})

    @staticmethod
    def seeds(value: float, spread: float) -> list[float]:
        """Three that vary by `spread` around a value."""
        return [value - spread, value, value + spread]

    def table(self, experiment: str, name: str, frame: pd.DataFrame) -> None:
        path = self.folder / experiment / f"{name}.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        frame.to_csv(path, index=False)

    def recalled(self, experiment: str, half_lives: dict[str, list[float]]) -> None:
        """Accuracy that falls to half-way at the given distances, one per seed."""
        self.experiment(experiment, {name: {"accuracy": [0.5] * 3} for name in half_lives})
        scores = pd.read_csv(self.folder / experiment / "scores.csv")
        chance = pd.DataFrame(
            [
                {
                    "variant": "chance",
                    "role": "baseline",
                    "seed": -1,
                    "split": "test",
                    "metric": "accuracy",
                    "value": 0.0,
                }
            ]
        )
        self.table(experiment, "scores", pd.concat([scores, chance]))
        rows = [
            {
                "variant": name,
                "seed": seed,
                "split": "test",
                "low": d,
                "high": d,
                "asked": 99,
                "value": 1 / (1 + d / half),
            }
            for name, halves in half_lives.items()
            for seed, half in enumerate(halves)
            for d in (1, 2, 4, 8, 16, 32, 64, 128, 256)
        ]
        self.table(experiment, "tables/by_distance", pd.DataFrame(rows))

    def judge(self, claim: str) -> Judgement:
        """What the claim's judge says of these results."""
        return CLAIMS[claim].judge(Evidence(self.folder, self.experiments))

    def verdict(self, claim: str) -> Verdict:
        return self.judge(claim).verdict

    def checks(self, claim: str, passed: Sequence[bool]) -> None:
        rows = [
            {"claim": claim, "check": f"property {i}", "found": "1", "expected": "1", "passed": each}
            for i, each in enumerate(passed)
        ]
        self.table("probes/identities", "checks", pd.DataFrame(rows))

    def _json(self, name: str, facts: object) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps([facts]))


@pytest.fixture
def made_up(tmp_path: Path) -> MadeUp:
    return MadeUp(tmp_path / "results")


@pytest.fixture
def anew(tmp_path: Path) -> Callable[[str], MadeUp]:
    """Several, each in a folder of its own."""
    return lambda name: MadeUp(tmp_path / name)
