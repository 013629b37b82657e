"""BLEU: clipping, the formula, short outputs, several references."""

from scipy import stats

from pipeline.claims.claim import Claim, Figure, Judgement, Line, Section, judged
from pipeline.claims.evidence import Evidence, NotRun
from pipeline.claims.judges import checked
from pipeline.claims.statistics import Comparison, mean

HALF = 0.5
"""Share of an output's words that is left when it is cut short."""
SYSTEMS = 6
"""Fewest systems whose order by two formulas is worth comparing."""


def short_outputs(evidence: Evidence) -> Judgement:
    """Precision alone of outputs cut to half their words, less that of whole ones; and BLEU likewise."""
    table = evidence.table("translation", "cut_outputs")
    table = table[table["split"] == table["split"].iloc[0]]
    comparisons, lines = [], []
    for variant in evidence.variants("translation"):
        own = table[table["variant"] == variant].set_index(["share", "seed"])
        gained = own.loc[HALF, "without_penalty"] - own.loc[1.0, "without_penalty"]
        if len(gained) < 2:
            raise NotRun("experiment translation has one seed, which tells nothing of chance")
        label = f"{variant}, precision of halves less that of whole outputs"
        comparisons.append(Comparison(label, "BLEU without penalty", mean(gained.tolist()), 0.0, 0.0))
        for column, name in (("bleu", "BLEU"), ("without_penalty", "without penalty")):
            means = own.groupby("share")[column].mean()
            points = [(float(share), float(value), None, None) for share, value in means.items()]
            lines.append(Line(f"{variant}, {name}", points))
    return judged(comparisons, figure=Figure("share of the words that is kept", "BLEU", lines))


def formula(evidence: Evidence) -> Judgement:
    """The formula's properties; beside them how it orders the systems that were scored."""
    found = checked("bleu-formula")(evidence)
    try:
        table = evidence.table("translation", "cut_outputs")
    except NotRun:
        return found
    table = table[table["split"] == table["split"].iloc[0]]
    remarks = []
    for name, rows in (("whole outputs", table[table["share"] == 1.0]), ("cut ones among them", table)):
        if len(rows) >= SYSTEMS:
            tau = stats.kendalltau(rows["bleu"], rows["notes_bleu"]).statistic
            remarks.append(f"order of {len(rows)} outputs by both formulas, {name}: Kendall's tau {tau:.2f}")
    return judged(checks=found.checks, remarks=remarks)


SECTION = Section(
    "BLEU",
    [
        Claim(
            id="bleu-clipping",
            sentence=(
                "“the” seven times has a clipped precision of 2/7; clipping takes the highest count in a "
                "reference."
            ),
            measure="The worked example as exact fractions, for every n; whether a precision can pass 1.",
            judge=checked("bleu-clipping"),
            holds="Clipping works as the example says.",
            refuted="The example is right, but without min(count, ·) a precision can pass 1.",
            literature="Papineni et al. 2002, section 2.1.",
        ),
        Claim(
            id="bleu-formula",
            sentence="BLEU is exp of the mean precision up to n = c, times exp(BP).",
            measure=(
                "The notes' formula and sacreBLEU on the same outputs, and on outputs that are cut short."
            ),
            judge=formula,
            experiments=("translation",),
            holds="The notes' formula ranks as BLEU does.",
            refuted="As written, a shorter output scores higher: the logarithm and the sign are missing.",
            literature="Papineni et al. 2002, section 2.3; Post 2018 (sacreBLEU).",
        ),
        Claim(
            id="bleu-short",
            sentence="Without a penalty, shorter outputs score higher.",
            measure="Precision of our outputs cut to half their words less that of whole ones, above 0.",
            judge=short_outputs,
            experiments=("translation",),
            holds="Precision alone rewards saying less; the brevity penalty takes that back.",
            refuted="Shorter outputs do not gain in precision.",
            literature="Papineni et al. 2002, section 2.2.",
        ),
        Claim(
            id="bleu-references",
            sentence="A prediction is scored against several valid references.",
            measure="Clipped counts as references are added.",
            judge=checked("bleu-references"),
            holds="Another reference never lowers a count, so that scores with one and with several differ.",
            refuted="Another reference can lower a count.",
            literature="Papineni et al. 2002.",
        ),
    ],
)
