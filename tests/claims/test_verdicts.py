"""Every judge is given made-up evaluations in which its claim is true, false and undecidable."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from pipeline.claims.claim import Claim, Judge
from pipeline.claims.judges import UNITS, Checked, Contrast, Contrasts, Shift, Together
from pipeline.claims.sections import SECTIONS
from pipeline.claims.verdict import Verdict
from pipeline.metrics.headline import gain

CLAIMS = {claim.id: claim for section in SECTIONS for claim in section.claims}
CASES = {"true": Verdict.HOLDS, "false": Verdict.REFUTED, "undecidable": Verdict.INCONCLUSIVE}
SPREAD = {"true": 0.01, "false": 0.01, "undecidable": 40.0}
"""Standard deviation over seeds, in the unit of the contrast."""


def parts(judge: Judge) -> Iterator[Contrast | Shift | Checked]:
    match judge:
        case Together(judges):
            for one in judges:
                yield from parts(one)
        case Contrasts(wanted):
            yield from wanted
        case Checked():
            yield judge


def make_up(results: Any, claim: Claim, case: str) -> None:
    """Scores in which every contrast is far above its threshold, far below, or lost in noise."""
    own = list(parts(claim.judge))
    for check in own:
        if isinstance(check, Checked):
            results.checks(check.claim, [True, case != "false"])
    found: dict[str, dict[str, dict[str, list[float]]]] = {}
    for one in own:
        if isinstance(one, Checked):
            continue
        factor = UNITS.get(one.metric, ("", 1))[1]
        scores = found.setdefault(one.experiment, {})
        if isinstance(one, Shift):
            apart = {"true": 20.0, "false": -20.0, "undecidable": 0.0}[case] / factor
            # The spread of the difference is what counts here, not that of the arms.
            scores[one.variant] = {
                one.metric: results.seeds(apart, SPREAD[case] / factor),
                one.other: [0.0, 0.0, 0.0],
            }
    for name, experiment in levels(own, case).items():
        scores = found.setdefault(name, {})
        for (variant, metric), level in experiment.items():
            factor = UNITS.get(metric, ("", 1))[1]
            values = [gain(metric, value / factor) for value in results.seeds(level, SPREAD[case])]
            scores.setdefault(variant, {})[metric] = values
    for name, scores in found.items():
        results.experiment(name, scores)


def levels(own: list[Any], case: str) -> dict[str, dict[tuple[str, str], float]]:
    """A level per variant and metric so that all contrasts lie on the wanted side."""
    found: dict[str, dict[tuple[str, str], float]] = {}
    wanted = [one for one in own if isinstance(one, Contrast)]
    for one in wanted:
        for variant in (one.a, one.b):
            found.setdefault(one.experiment, {})[(variant, one.metric)] = 0.0
    for _ in wanted:
        for one in wanted:
            experiment = found[one.experiment]
            a, b = (one.a, one.metric), (one.b, one.metric)
            if case == "true":
                experiment[a] = max(experiment[a], experiment[b] + abs(one.above) + 10)
            elif case == "false":
                experiment[b] = max(experiment[b], experiment[a] + abs(one.above) + 10)
    return found


OWN = {
    "attention-alignment",
    "attention-coverage",
    "attention-long",
    "bidirectional-forecast",
    "bleu-formula",
    "bleu-short",
    "dropout",
    "exploding-gradient",
    "intro-variable-length",
    "limits-sequential",
    "lstm-gates",
    "lstm-short-long",
    "memory",
    "memory-cause",
    "seq2seq-deep",
    "stacked-features",
    "vanishing-gradient",
}
"""Claims with a judge of their own: the other files of this folder test them."""
GENERIC = [claim for claim in CLAIMS.values() if claim.id not in OWN]


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("claim", GENERIC, ids=lambda claim: claim.id)
def test_the_judge_tells_true_from_false_and_from_undecidable(
    claim: Claim, case: str, anew: Callable[[str], Any]
) -> None:
    own = list(parts(claim.judge))
    assert own
    if case == "undecidable" and all(isinstance(one, Checked) for one in own):
        case = "false"  # what mathematics decides is never undecidable
    results = anew(case)
    make_up(results, claim, case)
    assert results.verdict(claim.id) is CASES[case]
