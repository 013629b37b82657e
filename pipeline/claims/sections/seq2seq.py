"""Sequence to sequence: one trainer for translation, answers, chat, summaries and speech."""

from pipeline.claims.claim import Claim, Section
from pipeline.claims.judges import Contrast, contrasts

SECTION = Section(
    "Sequence to sequence",
    [
        Claim(
            id="seq2seq-lengths",
            sentence=(
                "The output's length is free of the input's; the same network answers, chats, summarises and "
                "transcribes."
            ),
            measure="Score of each task against what answers without reading.",
            judge=contrasts(
                Contrast("copy", "lstm", "chance", "accuracy"),
                Contrast("reverse", "lstm", "chance", "accuracy"),
                Contrast("answers", "luong", "most_frequent_by_group", "exact_match"),
                Contrast("replies", "luong", "most_frequent", "bleu"),
                Contrast("headlines", "luong", "first_words", "rouge_l"),
                Contrast("speech", "luong", "chance", "wer"),
            ),
            holds="One trainer and one decoder learn all of these tasks; only the corpus differs.",
            refuted="On none of these corpora does the network beat an answer that does not read.",
            experiments=("copy", "reverse", "answers", "replies", "headlines", "speech"),
            literature="Sutskever et al. 2014; Vinyals & Le 2015; Rush et al. 2015; Chan et al. 2016.",
            push="experiments.headlines.training.epochs",
        )
    ],
)
