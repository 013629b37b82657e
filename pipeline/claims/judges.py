"""Judges that many claims share: contrasts of two systems, and checked properties."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pipeline.claims.claim import Judge, Judgement, judged
from pipeline.claims.evidence import Evidence, NotRun
from pipeline.claims.statistics import Comparison, Estimate, Side, mean
from pipeline.claims.verdict import Verdict

UNITS = {
    "accuracy": ("points of accuracy", 100),
    "filler_drop": ("points of accuracy kept", 100),
    "exact_match": ("points of exact match", 100),
    "entity_f1": ("points of F1", 100),
    "bleu": ("BLEU", 1),
    "rouge_l": ("ROUGE-L", 1),
    "cider": ("CIDEr", 1),
    "mae": ("MAE saved", 1),
    "mse": ("MSE saved", 1),
    "perplexity": ("perplexity saved", 1),
    "wer": ("points of word error rate saved", 100),
}
"""Unit in which a difference is told, and its factor; every difference is positive where `a` is better."""


@dataclass(frozen=True)
class Contrast:
    """How much better `a` is than `b` (variants or baselines of one experiment), in the metric's unit.

    The claim holds where the difference is surely above `above`, and is refuted where it is surely below
    `below` (by default the same).
    """

    experiment: str
    a: str
    b: str
    metric: str
    above: float = 0.0
    below: float | None = None
    split: str | None = None
    label: str = ""

    def compare(self, evidence: Evidence) -> Comparison:
        """Raises NotRun where the experiment lacks one of the two."""
        unit, factor = UNITS.get(self.metric, (self.metric, 1))
        estimate = evidence.difference(self.experiment, self.a, self.b, self.metric, self.split)
        label = self.label or f"{self.a} against {self.b} ({self.experiment})"
        below = self.above if self.below is None else self.below
        return Comparison(label, unit, scaled(estimate, factor), self.above, below)


@dataclass(frozen=True)
class Shift:
    """How much better `metric` is than `other`, of the same runs (beam against greedy search, say)."""

    experiment: str
    variant: str
    metric: str
    other: str
    above: float = 0.0

    def compare(self, evidence: Evidence) -> Comparison:
        """Raises NotRun where the variant lacks one of the two."""
        both = [evidence.values(self.experiment, self.variant, name) for name in (self.metric, self.other)]
        seeds = [one - other for one, other in zip(*both, strict=True)]
        if len(seeds) < 2:
            raise NotRun(f"experiment {self.experiment} has one seed, which tells nothing of chance")
        unit, factor = UNITS.get(self.metric, (self.metric, 1))
        label = f"{self.variant} ({self.experiment})"
        return Comparison(label, unit, scaled(mean(seeds), factor), self.above, self.above)


def scaled(estimate: Estimate, factor: float) -> Estimate:
    """The same number in another unit."""
    parts = [None if part is None else part * factor for part in (estimate.seed_error, estimate.item_error)]
    return Estimate(
        estimate.value * factor, estimate.error * factor, estimate.dof, estimate.seeds, parts[0], parts[1]
    )


@dataclass(frozen=True)
class Contrasts:
    """Differences of a claim, Holm-corrected together.

    Those whose experiment or variant was not run are named in a remark; with none left the claim is not run.
    `any_refutes`: one condition surely below is enough to refute the claim, whatever the others say.
    """

    wanted: Sequence[Contrast | Shift]
    any_refutes: bool = False

    def __call__(self, evidence: Evidence) -> Judgement:
        found, missing = [], []
        for one in self.wanted:
            try:
                found.append(one.compare(evidence))
            except NotRun as reason:
                missing.append(str(reason))
        if not found:
            raise NotRun(missing[0])
        judgement = judged(found, remarks=list(dict.fromkeys(missing)))
        if self.any_refutes and Side.BELOW in {one.side for one in judgement.comparisons}:
            return replace(judgement, settled=Verdict.REFUTED)
        return judgement


@dataclass(frozen=True)
class Checked:
    """The properties that a probe tried for the claim."""

    claim: str

    def __call__(self, evidence: Evidence) -> Judgement:
        return judged(checks=evidence.checks(self.claim))


@dataclass(frozen=True)
class Together:
    """Comparisons and checks of several judges, corrected as one claim.

    Each must have been run; with `some`, those that were not are named in a remark, unless none is left.
    """

    judges: Sequence[Judge]
    some: bool = False

    def __call__(self, evidence: Evidence) -> Judgement:
        parts, missing = [], []
        for one in self.judges:
            try:
                parts.append(one(evidence))
            except NotRun as reason:
                if not self.some:
                    raise
                missing.append(str(reason))
        if not parts:
            raise NotRun("; ".join(missing))
        return judged(
            [comparison for part in parts for comparison in part.comparisons],
            [check for part in parts for check in part.checks],
            figure=next((part.figure for part in parts if part.figure), None),
            settled=next((part.settled for part in parts if part.settled), None),
            remarks=[*(remark for part in parts for remark in part.remarks), *missing],
        )


def contrasts(*wanted: Contrast | Shift) -> Contrasts:
    """The claim's differences, by the common rule."""
    return Contrasts(wanted)


def checked(claim: str) -> Checked:
    """A claim that mathematics decides, or its half."""
    return Checked(claim)


def together(*judges: Judge) -> Together:
    """Several judges as one."""
    return Together(judges)


def whichever(*judges: Judge) -> Together:
    """Those of several judges whose experiments were run, as one."""
    return Together(judges, some=True)


def beats(experiment: str, variants: Sequence[str], baselines: Sequence[str], metric: str) -> Contrasts:
    """Every named variant against every named baseline."""
    return contrasts(*(Contrast(experiment, a, b, metric) for a in variants for b in baselines))
