"""Bahdanau's and Luong's attention."""

from pipeline.claims.claim import Claim, Section
from pipeline.claims.judges import Contrast, checked, contrasts, together

ATTENTION = "translation_attention"

SECTIONS = [
    Section(
        "Bahdanau attention",
        [
            Claim(
                id="bahdanau-luong",
                sentence=(
                    "Bahdanau's attention needs a network of its own; Luong's product needs none and is "
                    "cheaper, at no loss."
                ),
                measure=(
                    "Parameters by part; BLEU of the products against the additive score, not worse by 1."
                ),
                judge=together(
                    checked("bahdanau-luong"),
                    contrasts(
                        *(
                            Contrast(ATTENTION, name, "bahdanau", "bleu", above=-1)
                            for name in ("dot", "general")
                        )
                    ),
                ),
                holds="The products save the network and translate as well.",
                refuted="The products save parameters, and lose BLEU.",
                experiments=(ATTENTION,),
                literature="Luong et al. 2015, Table 4; Britz et al. 2017 (additive slightly ahead).",
                push="experiments.translation_attention.model.score",
            )
        ],
    ),
    Section(
        "Luong attention",
        [
            Claim(
                id="luong-timing",
                sentence="Luong asks with s_j in place of s_{j-1}.",
                measure="Which state asks; BLEU after against before, the context used in the same place.",
                judge=together(
                    checked("luong-timing"),
                    contrasts(Contrast(ATTENTION, "dot", "dot_before", "bleu")),
                ),
                holds="Asking with the newer state translates better.",
                refuted="Which of the two states asks makes no difference.",
                experiments=(ATTENTION,),
                literature="Luong et al. 2015, section 3.",
                push="experiments.translation_attention.model.asks",
            ),
            Claim(
                id="luong-output-layer",
                sentence="Concatenating only enlarges the dense layer, by less than a network of its own.",
                measure=(
                    "Parameters at H 512, V 8000: [s; c] → V as written, W_c then V, the additive network."
                ),
                judge=checked("luong-output-layer"),
                holds="Concatenation is the cheaper way.",
                refuted=(
                    "As written it costs V·H, eight times the additive network; Luong's W_c costs as much as "
                    "that network."
                ),
                literature="Luong et al. 2015, equation 5.",
            ),
        ],
    ),
]
