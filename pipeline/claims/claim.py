"""What a claim is, and what judging it yields."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from pipeline.claims.evidence import Check, Evidence
from pipeline.claims.statistics import UNTOLD, Comparison, Side, corrected, needed
from pipeline.claims.verdict import Verdict

Point = tuple[float | str, float, float | None, float | None]
"""x, y, low, high"""


@dataclass(frozen=True)
class Line:
    """One line of a claim's figure: y over x, with an interval where there is one; `x` may be words."""

    name: str
    points: Sequence[Point]


@dataclass(frozen=True)
class Figure:
    """Lines over a common axis; a claim without one is drawn by its comparisons."""

    x: str
    y: str
    lines: Sequence[Line]
    logarithmic: bool = False


@dataclass(frozen=True)
class Judgement:
    """What the evidence says. Comparisons carry Holm's correction over all of the claim's.

    `settled`: a verdict by a rule of the claim's own; None takes the common rule. `beside`: figures that
    no verdict hangs on.
    """

    comparisons: Sequence[Comparison] = ()
    checks: Sequence[Check] = ()
    figure: Figure | None = None
    settled: Verdict | None = None
    remarks: Sequence[str] = ()
    beside: Sequence[Figure] = ()

    @property
    def verdict(self) -> Verdict:
        """A property that fails refutes. Of conditions, all above: holds, unless a property isn't told; all
        below: refuted; some of each: depends; else inconclusive."""
        if self.settled:
            return self.settled
        passed = {check.passed for check in self.checks}
        if False in passed:
            return Verdict.REFUTED
        sides = {one.side for one in self.comparisons}
        if sides <= {Side.ABOVE}:
            return Verdict.INCONCLUSIVE if None in passed else Verdict.HOLDS
        if sides == {Side.BELOW}:
            return Verdict.REFUTED
        return Verdict.DEPENDS if {Side.ABOVE, Side.BELOW} <= sides else Verdict.INCONCLUSIVE

    @property
    def needs(self) -> str | None:
        """Seeds or items that would decide an inconclusive claim."""
        if self.verdict is not Verdict.INCONCLUSIVE:
            return None
        unclear = [one for one in self.comparisons if one.side is Side.UNCLEAR]
        count = len(self.comparisons)
        needs = [f"{one.label}: {needed(one, count)}" for one in unclear]
        needs += [f"{check.name}: {UNTOLD}" for check in self.checks if check.passed is None]
        return "; ".join(needs) or None


Judge = Callable[[Evidence], Judgement]


@dataclass(frozen=True)
class Claim:
    """One sentence of the notes and what decides it.

    `sentence`: the claim in our own words. `measure`: what is measured, and the threshold, fixed beforehand.
    `experiments`: those whose results the judge reads. `probes`: the same, each KIND@EXPERIMENT, timing
    or divergence.
    `pictures`: probes that no verdict hangs on, shown where they were run. `holds`, `refuted`: what to take
    away then. `push`: a parameter whose change could push the claim over. `red`: the notes ask for it.
    """

    id: str
    sentence: str
    measure: str
    judge: Judge
    holds: str
    refuted: str
    experiments: tuple[str, ...] = ()
    probes: tuple[str, ...] = ()
    pictures: tuple[str, ...] = ()
    literature: str = ""
    push: str = ""
    red: bool = False


@dataclass(frozen=True)
class Section:
    """A section of the notes and its claims."""

    title: str
    claims: Sequence[Claim] = field(default_factory=list)


def judged(
    comparisons: Sequence[Comparison] = (),
    checks: Sequence[Check] = (),
    *,
    figure: Figure | None = None,
    settled: Verdict | None = None,
    remarks: Sequence[str] = (),
    beside: Sequence[Figure] = (),
) -> Judgement:
    """A judgement whose comparisons are corrected together."""
    return Judgement(corrected(comparisons), checks, figure, settled, remarks, beside)
