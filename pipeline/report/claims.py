"""The ledger on the page: each claim with the number that decided it, its charts and how to run it again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from pipeline.claims.rows import ClaimRow, ComparisonRow, FigureRow, places
from pipeline.claims.verdict import Verdict
from pipeline.config.schema.params import Params
from pipeline.report.claim_charts import forest, lines
from pipeline.report.stepped import Stepped
from pipeline.report.vega import Plot

FEW = 3
"""Comparisons that a sentence can hold."""
SIDES = {Verdict.HOLDS: "above", Verdict.REFUTED: "below", Verdict.INCONCLUSIVE: "unclear"}
"""On which side of its threshold the number lies that decides."""
TOLD = {"above": "surely above", "below": "surely below", "unclear": "not told"}
READING = (
    "Bar: 95 % interval. Disc: surely above its threshold, the upright stroke; square: surely below; "
    "diamond: not told."
)
PALE = "The claim is refuted by what is surely below the pale stroke."


@dataclass(frozen=True)
class Number:
    """A number as the ledger tells it; `interval` is empty where there is none."""

    value: str
    unit: str
    interval: str
    note: str


@dataclass(frozen=True)
class ClaimView:
    """`brief`: what decided, in a sentence. `needs`: what would decide -> which comparisons. `legend`: names
    of the figure's lines, in the order of their colours. `reading`: how to read its charts. `beside`: charts
    that no verdict hangs on. `missing`: experiments that the parameter file lacks. `push`: a parameter and
    its present value. `pictures`: what probes saw step by step; `undrawn`: those of the parameter file that
    were not run.
    """

    row: ClaimRow
    number: Number | None
    brief: str
    needs: Mapping[str, str]
    data: str
    plots: Sequence[Plot]
    legend: Sequence[str]
    reading: str
    beside: Sequence[Plot]
    missing: Sequence[str]
    command: str
    push: tuple[str, str] | None
    pictures: Sequence[Stepped]
    undrawn: Sequence[str]


@dataclass(frozen=True)
class SectionView:
    """A section of the notes."""

    title: str
    claims: Sequence[ClaimView]


def sections(rows: Sequence[ClaimRow], params: Params, pictures: Mapping[str, Stepped]) -> list[SectionView]:
    """In the notes' order; `pictures`: by KIND@EXPERIMENT, those that were drawn."""
    return [
        SectionView(title, [claim_view(row, params, pictures) for row in own])
        for title, own in groupby(rows, key=lambda row: row.section)
    ]


def claim_view(row: ClaimRow, params: Params, pictures: Mapping[str, Stepped]) -> ClaimView:
    """One claim, ready for the template."""
    known = [name for name in row.pictures if name in params.probes.names]
    return ClaimView(
        row=row,
        number=decided_by(row),
        brief=in_brief(row),
        needs=_needs(row),
        data=data_of(row),
        plots=_plots(row),
        legend=[line.name for line in row.figure.lines] if row.figure else [],
        reading=_reading(row),
        beside=[_lines(f"beside-{row.id}-{place}", figure, row) for place, figure in enumerate(row.beside)],
        missing=[name for name in row.experiments if name not in params.experiments],
        command=rerun(row, params),
        push=(row.push, _present(params, row.push)) if row.push else None,
        pictures=[pictures[name] for name in known if name in pictures],
        undrawn=[name for name in known if name not in pictures],
    )


def decided_by(row: ClaimRow) -> Number | None:
    """The comparison on which the verdict hangs: of those on its side the one nearest to its threshold."""
    checks = _checks(row)
    if not row.comparisons:
        value, _, unit = checks.partition(" properties")
        return Number(value, f"properties{unit}", "", "") if checks else None
    count, sides = len(row.comparisons), _sides(row)
    if row.verdict is Verdict.DEPENDS:
        (first, many), *rest = sides.items()
        note = ", ".join(f"{number} {TOLD[side]}" for side, number in rest)
        return Number(f"{many} of {count}", TOLD[first], "", "; ".join(filter(None, [note, checks])))
    deciding = [one for one in row.comparisons if one.side == SIDES.get(row.verdict)] or row.comparisons
    one = min(deciding, key=_clearance)
    others = f"of {count} comparisons: {_told(sides)}" if count > 1 else one.label
    return Number(signed(one), one.unit, interval(one), "; ".join(filter(None, [others, checks])))


def in_brief(row: ClaimRow) -> str:
    """The summary; but many comparisons are counted, as the page lists them, and so are properties."""
    checks = _checks(row)
    if len(row.comparisons) <= FEW:
        parts = [
            f"{one.label}: {signed(one)} (95 % interval {interval(one)}) {one.unit}"
            for one in row.comparisons
        ]
    else:
        parts = [f"{'of' if checks else 'Of'} {len(row.comparisons)} comparisons: {_told(_sides(row))}"]
    return "; ".join(filter(None, [checks, *parts, *row.remarks])) + "."


def data_of(row: ClaimRow) -> str:
    """real, embedded, both, or what needs no corpus: mathematics, time, rows that a probe draws."""
    kinds = dict.fromkeys("embedded" if source.embedded else "real" for source in row.sources)
    probes = row.probes if row.comparisons else ()
    without = {
        "mathematics": bool(row.checks),
        "time": "timing" in probes,
        "embedded": "divergence" in probes,
    }
    return " and ".join(kinds or [kind for kind, used in without.items() if used])


def signed(one: ComparisonRow) -> str:
    """As many decimals as the interval deserves."""
    return f"{one.value:+.{_digits(one)}f}"


def interval(one: ComparisonRow) -> str:
    """0.3 to 2.1"""
    ends = ["unbounded" if end is None else f"{end:.{_digits(one)}f}" for end in (one.low, one.high)]
    return " to ".join(ends)


def threshold(one: ComparisonRow) -> str:
    """What the number is held against."""
    if one.above == one.below:
        return f"{one.above:g}"
    return f"above {one.above:g}, below {one.below:g}"


def rerun(row: ClaimRow, params: Params) -> str:
    """What runs this claim's stages and nothing else, judges and draws."""
    targets = [f"evaluate@{name}" for name in row.experiments if name in params.experiments]
    targets += [name for name in (*row.probes, *row.pictures) if name in params.looks]
    if row.checks or not (row.experiments or row.probes):
        targets.append("check")
    again = "dvc repro --single-item judge report"
    return f"dvc repro {' '.join(targets)} && {again}" if targets else again


def _needs(row: ClaimRow) -> dict[str, str]:
    found: dict[str, list[str]] = {}
    for one in (row.needs or "").split("; "):
        label, _, need = one.rpartition(": ")
        found.setdefault(need, []).append(label)
    return {need: ", ".join(filter(None, labels)) for need, labels in found.items() if need}


def _checks(row: ClaimRow) -> str:
    told = [check.passed for check in row.checks if check.passed is not None]
    return f"{sum(told)} of {len(told)} properties hold" if told else ""


def _sides(row: ClaimRow) -> dict[str, int]:
    """How many comparisons lie on each side, without empty ones."""
    sides = [one.side for one in row.comparisons]
    return {side: sides.count(side) for side in TOLD if side in sides}


def _told(sides: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {TOLD[side]}" for side, count in sides.items())


def _digits(one: ComparisonRow) -> int:
    return places(0.0 if one.low is None or one.high is None else one.high - one.low)


def _clearance(one: ComparisonRow) -> float:
    """Distance from the nearer threshold in widths of the interval."""
    distance = min(abs(one.value - one.above), abs(one.value - one.below))
    width = None if one.low is None or one.high is None else one.high - one.low
    return distance / width if width else (0.0 if width is None else float("inf"))


def _plots(row: ClaimRow) -> list[Plot]:
    if row.figure:
        return [_lines(f"figure-{row.id}", row.figure, row)]
    units = {
        one.unit: [other for other in row.comparisons if other.unit == one.unit] for one in row.comparisons
    }
    return [
        Plot(f"forest-{row.id}-{place}", unit, forest(own, unit))
        for place, (unit, own) in enumerate(units.items())
    ]


def _lines(key: str, figure: FigureRow, row: ClaimRow) -> Plot:
    return Plot(key, figure.y, lines(figure, row.sentence))


def _reading(row: ClaimRow) -> str:
    if row.figure:
        banded = any(point[2] is not None for line in row.figure.lines for point in line.points)
        return "Bands: 95 % intervals." if banded else ""
    split = any(one.above != one.below for one in row.comparisons)
    return " ".join([READING, *([PALE] if split else [])])


def _present(params: Params, path: str) -> str:
    """The parameter's value in the parameter file; empty where that has no such experiment."""
    place: Any = params
    for name in path.split("."):
        found = place.get(name) if isinstance(place, Mapping) else getattr(place, name, None)
        if found is None:
            return ""
        place = found
    return str(place)
