"""All claims judged: rows of plain values, as results/PROFILE/claims.json holds them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pipeline.claims.claim import Claim, Figure, Judgement
from pipeline.claims.evidence import Evidence, NotRun
from pipeline.claims.rows import places
from pipeline.claims.sections import SECTIONS
from pipeline.claims.statistics import Comparison, Estimate, Side
from pipeline.claims.verdict import Verdict
from pipeline.files import read_json

Row = dict[str, Any]
NAMED = 4
"""Conditions that a lesson names before it counts the rest."""


def judge_all(results: Path, experiments: list[str]) -> list[Row]:
    """One row per claim, in the notes' order.

    Args:
        results: results/PROFILE; evaluations, tables of probes, provenance of corpora.
        experiments: what the parameter file names; results of others are not read.
    """
    evidence = Evidence(results, experiments)
    return [_row(section.title, claim, evidence, results) for section in SECTIONS for claim in section.claims]


def _row(section: str, claim: Claim, evidence: Evidence, results: Path) -> Row:
    row: Row = {
        "id": claim.id,
        "section": section,
        "red": claim.red,
        "sentence": claim.sentence,
        "measure": claim.measure,
        "experiments": list(claim.experiments),
        "probes": list(claim.probes),
        "pictures": list(claim.pictures),
        "literature": claim.literature,
        "push": claim.push,
    }
    try:
        judgement = claim.judge(evidence)
    except NotRun as missing:
        return row | {"verdict": Verdict.NOT_RUN.value, "summary": f"Not run: {missing}.", "sources": []}
    return row | _verdict(claim, judgement) | {"sources": _sources(claim, evidence, results)}


def _verdict(claim: Claim, judgement: Judgement) -> Row:
    return {
        "verdict": judgement.verdict.value,
        "summary": summary(judgement),
        "lesson": _lesson(claim, judgement),
        "needs": judgement.needs,
        "remarks": list(judgement.remarks),
        "comparisons": [_comparison(one) for one in judgement.comparisons],
        "checks": [
            {"name": one.name, "found": one.found, "expected": one.expected, "passed": one.passed}
            for one in judgement.checks
        ],
        "figure": _figure(judgement.figure) if judgement.figure else None,
        "beside": [_figure(figure) for figure in judgement.beside],
    }


def _lesson(claim: Claim, judgement: Judgement) -> str:
    """What to take away; of conditions that split, which."""
    match judgement.verdict:
        case Verdict.HOLDS:
            return claim.holds
        case Verdict.REFUTED:
            return claim.refuted
        case Verdict.DEPENDS:
            above, below = (
                [one.label for one in judgement.comparisons if one.side is side]
                for side in (Side.ABOVE, Side.BELOW)
            )
            told = (("So it is here", above), ("Not here", below))
            return " ".join(f"{where}: {_listed(labels)}." for where, labels in told if labels)
    return ""


def _listed(labels: Sequence[str]) -> str:
    """The first few."""
    rest = f"; and {len(labels) - NAMED} more" if len(labels) > NAMED else ""
    return "; ".join(labels[:NAMED]) + rest


def summary(judgement: Judgement) -> str:
    """What decided, in a sentence made of the numbers."""
    parts = []
    told_of = [check for check in judgement.checks if check.passed is not None]
    if told_of:
        passed = sum(bool(check.passed) for check in told_of)
        parts.append(f"{passed} of {len(told_of)} properties hold")
    if judgement.checks:
        parts += [
            f"{check.name}: {check.found}, not {check.expected}"
            for check in judgement.checks
            if not check.passed
        ]
    parts += [f"{one.label}: {told(one.estimate)} {one.unit}" for one in judgement.comparisons]
    return "; ".join([*parts, *judgement.remarks]) + "."


def told(estimate: Estimate) -> str:
    """+1.2 (95 % interval 0.3 to 2.1)"""
    low, high = estimate.interval
    digits = places(high - low)
    return f"{estimate.value:+.{digits}f} (95 % interval {low:.{digits}f} to {high:.{digits}f})"


def _comparison(one: Comparison) -> Row:
    low, high = one.estimate.interval
    return {
        "label": one.label,
        "unit": one.unit,
        "value": one.estimate.value,
        "low": low,
        "high": high,
        "above": one.above,
        "below": one.below,
        "p_above": one.adjusted[0],
        "p_below": one.adjusted[1],
        "side": one.side.value,
        "seeds": list(one.estimate.seeds),
        "items_counted": one.estimate.item_error is not None,
    }


def _figure(figure: Figure) -> Row:
    lines = [{"name": line.name, "points": [list(point) for point in line.points]} for line in figure.lines]
    return {"x": figure.x, "y": figure.y, "logarithmic": figure.logarithmic, "lines": lines}


def _sources(claim: Claim, evidence: Evidence, results: Path) -> list[Row]:
    """Experiments that were read, with their corpus and where that is from."""
    sources = []
    for name in claim.experiments:
        try:
            facts = evidence.provenance(name)
        except NotRun:
            continue
        record = read_json(results / "corpora" / f"{facts['corpus']}.json")[0]
        sources.append(
            {
                "experiment": name,
                "corpus": facts["corpus"],
                "embedded": record["source"] == "generated",
                "seeds": facts["seeds"],
                "minutes": facts["minutes"]["train"],
            }
        )
    return sources
