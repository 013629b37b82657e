"""Beam search: the B likeliest beginnings are carried on."""

from pipeline.claims.claim import Claim, Section
from pipeline.claims.judges import Shift, checked, contrasts, together

SECTION = Section(
    "Beam search",
    [
        Claim(
            id="beam-width",
            sentence="Of B x V candidates the B likeliest are kept, so that a better translation is found.",
            measure="B = 1 is greedy, a wide beam is exhaustive; BLEU with the beam against greedy search.",
            judge=together(
                checked("beam-width"),
                contrasts(*(Shift("translation", name, "bleu", "bleu_greedy") for name in ("none", "luong"))),
            ),
            holds="A beam finds likelier translations than greed does, and better ones.",
            refuted="A beam finds likelier translations, but not better ones.",
            experiments=("translation",),
            pictures=("beam@translation",),
            literature="Koehn & Knowles 2017: BLEU falls again for wide beams.",
            push="experiments.translation.decoding.beam",
        ),
        Claim(
            id="beam-teacher-forcing",
            sentence="Beam search violates teacher forcing, as it feeds predictions back.",
            measure="What the decoder reads in training and in search, side by side.",
            judge=checked("beam-teacher-forcing"),
            holds="Training reads the reference's words, search its own: it is no rule of search to break.",
            refuted="Search and training read the same words.",
            literature="Bengio et al. 2015; Ranzato et al. 2016 (exposure bias).",
        ),
    ],
)
