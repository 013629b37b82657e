"""Encoder and decoder: the context vector, start and end, teacher forcing, the output layer."""

from pipeline.claims.claim import Claim, Section
from pipeline.claims.judges import Contrast, checked, contrasts, together

WORSE = ("hidden", "mean")

SECTION = Section(
    "Encoder-decoder",
    [
        Claim(
            id="seq2seq-context-vector",
            sentence="The encoder's last h and c are the context vector that the decoder starts from.",
            measure="BLEU with (h, c) against h alone and against the mean of the states, surely above 0.",
            judge=together(
                checked("seq2seq-context-vector"),
                contrasts(*(Contrast("translation_decoder", "base", name, "bleu") for name in WORSE)),
            ),
            holds="The whole last state carries more than a part or an average of it.",
            refuted="h alone, or a mean of the states, carries as much.",
            experiments=("translation_decoder",),
            literature="Sutskever et al. 2014; Cho et al. 2014.",
            push="experiments.translation_decoder.model.context",
        ),
        Claim(
            id="decoding-start-stop",
            sentence="Decoding begins with a start token and feeds itself until the end token.",
            measure="First input, stop at the end token, and the limit where none comes.",
            judge=checked("decoding-start-stop"),
            holds="The end token is learned like any word, and a limit guards where it does not come.",
            refuted="Decoding does not begin or end so.",
            literature="Sutskever et al. 2014, section 2.",
        ),
        Claim(
            id="seq2seq-teacher-forcing",
            sentence="Without teacher forcing the decoder learns wrong patterns.",
            measure="BLEU with teacher forcing 1 less that with 0, at equal updates, surely above 1.",
            judge=contrasts(
                Contrast("translation_decoder", "base", "own_words", "bleu", above=1),
                Contrast("translation_decoder", "scheduled", "own_words", "bleu", above=1),
            ),
            holds="A decoder that reads its own words from the first step on learns far worse.",
            refuted="A decoder that reads its own words learns as well.",
            experiments=("translation_decoder",),
            literature="Williams & Zipser 1989; Bengio et al. 2015.",
            push="experiments.translation_decoder.training.teacher_forcing",
        ),
        Claim(
            id="seq2seq-softmax",
            sentence="A dense layer as wide as the vocabulary and a softmax give the likeliest next word.",
            measure="Shapes; sums of probabilities; greedy search against the likeliest word at every step.",
            judge=checked("seq2seq-softmax"),
            holds="Logits, probabilities and greedy search agree word by word.",
            refuted="The likeliest word is not what greedy search takes.",
            literature="Bridle 1990.",
        ),
    ],
)
