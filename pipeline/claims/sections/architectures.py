"""Many to one, one to many, many to many: each shape against what needs no network."""

from pipeline.claims.claim import Claim, Section
from pipeline.claims.judges import Contrast, beats, checked, contrasts

SECTIONS = [
    Section(
        "Many to one",
        [
            Claim(
                id="many-to-one-sentiment",
                sentence="A sequence in, one value out: a recurrent network tells the sentiment of a text.",
                measure="Accuracy of each cell against the majority class and a linear model on n-grams.",
                judge=beats("sentiment", ["rnn", "gru", "lstm"], ["majority", "nbsvm"], "accuracy"),
                holds="Every cell reads sentiment better than counting n-grams does.",
                refuted="Counting n-grams is better at this than any of the cells.",
                experiments=("sentiment",),
                literature="Wang & Manning 2012 (NB-SVM, 91.2 % with bigrams); Dai & Le 2015.",
                push="experiments.sentiment.training.epochs",
            ),
            Claim(
                id="many-to-one-rating",
                sentence="Star ratings can be predicted from a review.",
                measure="Mean absolute error of three heads against the mean rating and ridge regression.",
                judge=beats("stars", ["regression", "ordinal", "classes"], ["mean", "ridge"], "mae"),
                holds="All three heads tell stars better than a linear model does.",
                refuted="A linear model tells stars at least as well.",
                experiments=("stars",),
                literature="Pang & Lee 2005.",
                push="experiments.stars.training.epochs",
            ),
        ],
    ),
    Section(
        "One to many",
        [
            Claim(
                id="one-to-many-caption",
                sentence="From one image, which has no time, a network writes a caption.",
                measure="CIDEr and BLEU-4 with five references against the nearest image's caption and the "
                "commonest caption.",
                judge=contrasts(
                    *(
                        Contrast(
                            "captioning", "state", baseline, metric, label=f"{metric} against {baseline}"
                        )
                        for metric in ("cider", "bleu")
                        for baseline in ("nearest_picture", "common_caption")
                    )
                ),
                holds="The captions say more of the picture than any caption that is found or common does.",
                refuted="A caption that is looked up describes the picture as well.",
                experiments=("captioning",),
                literature="Vinyals et al. 2015; Xu et al. 2015.",
                push="experiments.captioning.training.epochs",
            ),
            Claim(
                id="one-to-many-return-sequences",
                sentence="One to many is a layer that returns all of its states instead of the last.",
                measure="Shapes; the last state is the last of all states.",
                judge=checked("one-to-many-return-sequences"),
                holds="All states or the last one: the same computation, read at other places.",
                refuted="The last state is not the last of all states.",
                literature="Keras, `return_sequences`.",
            ),
        ],
    ),
    Section(
        "Many to many",
        [
            Claim(
                id="many-to-many-aligned",
                sentence="With as many outputs as inputs, every word gets its tag.",
                measure="Accuracy against each word's most frequent tag and a network over a window.",
                judge=beats("part_of_speech", ["bilstm"], ["most_frequent_tag", "window_mlp"], "accuracy"),
                holds="Reading the sentence tells the tag better than the word or its neighbours do.",
                refuted="The word and its neighbours tell the tag as well.",
                experiments=("part_of_speech",),
                literature="Plank et al. 2016 (bi-LSTM taggers with characters).",
                push="experiments.part_of_speech.model.hidden",
            ),
            Claim(
                id="many-to-many-variable",
                sentence="The output may have another length than the input: read all, then write.",
                measure="BLEU against copying the source and a word-by-word table.",
                judge=beats("translation", ["none", "luong"], ["copy_source", "word_table"], "bleu"),
                holds="Reading all first and then writing beats translating word by word.",
                refuted="Word by word is as good.",
                experiments=("translation",),
                literature="Sutskever et al. 2014; Cho et al. 2014.",
                push="experiments.translation.training.epochs",
            ),
        ],
    ),
]
