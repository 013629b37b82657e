"""The notes' sections in their order; each module holds one section's claims."""

from pipeline.claims.claim import Section
from pipeline.claims.sections import (
    architectures,
    attention,
    attention_kinds,
    beam_search,
    bidirectional,
    bleu,
    dropout,
    encoder_decoder,
    forward_propagation,
    grus,
    improvements,
    introduction,
    limitations,
    long_term,
    lstms,
    seq2seq,
    stacked,
    unstable_gradients,
)

SECTIONS: list[Section] = [
    introduction.SECTION,
    forward_propagation.SECTION,
    *architectures.SECTIONS,
    long_term.SECTION,
    unstable_gradients.SECTION,
    grus.SECTION,
    lstms.SECTION,
    stacked.SECTION,
    bidirectional.SECTION,
    dropout.SECTION,
    seq2seq.SECTION,
    encoder_decoder.SECTION,
    improvements.SECTION,
    bleu.SECTION,
    beam_search.SECTION,
    attention.SECTION,
    *attention_kinds.SECTIONS,
    limitations.SECTION,
]
