"""BLEU: clipping, the formula, short outputs, several references."""

from pipeline.claims.claim import Claim, Section
from pipeline.claims.judges import checked

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
            judge=checked("bleu-formula"),
            holds="The notes' formula ranks as BLEU does.",
            refuted="As written, a shorter output scores higher: the logarithm and the sign are missing.",
            literature="Papineni et al. 2002, section 2.3; Post 2018 (sacreBLEU).",
        ),
        Claim(
            id="bleu-short",
            sentence="Without a penalty, shorter outputs score higher.",
            measure="Precision alone and BLEU of outputs cut to fewer words.",
            judge=checked("bleu-short"),
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
