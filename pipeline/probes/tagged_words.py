"""Tagged sentences as a network of another tokenizer reads them, and the words whose units are probed."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipeline.data.store import Ids, Index, PreparedDataset
from pipeline.text.tokenizer import UNK, Tokenizer

Labels = npt.NDArray[np.str_]
OUTSIDE = "O"


@dataclass(frozen=True)
class TaggedWords:
    """`texts`: token ids of every sentence; of each word that is probed, (N,) each:

    `sentences`: place of its sentence in `texts`; `steps`: its token's place there; `types`: its token's id;
    `tags`: its tag, of an entity's part the entity's type.
    """

    texts: list[Ids]
    sentences: Index
    steps: Index
    types: Index
    tags: Labels

    def only(self, words: Index) -> "TaggedWords":
        """The same sentences, fewer words asked about."""
        return TaggedWords(
            self.texts, self.sentences[words], self.steps[words], self.types[words], self.tags[words]
        )


def tagged_words(dataset: PreparedDataset, split: str, tokenizer: Tokenizer, words: int) -> TaggedWords:
    """About so many words, in whole sentences spread evenly over the split; all where it has fewer.

    Short sentences come first, which saves padding. Words that are one token known to the tokenizer are
    probed; the others are only read.
    """
    rows = dataset.split(split).rows()
    lengths = rows["tokens"].map(len).to_numpy()
    chosen = spread(len(rows), max(round(words / lengths.mean()), 1))
    rows = rows.iloc[chosen[np.argsort(lengths[chosen], kind="stable")]]
    bio = dataset.description["scheme"] == "bio"
    texts: list[Ids] = []
    found: list[tuple[int, int, int, str]] = []
    for said, tags in zip(rows["tokens"], rows["tags"], strict=True):
        pieces = tokenizer.encode_batch(list(said))
        ends = np.cumsum([len(piece) for piece in pieces])
        found += [
            (len(texts), end - 1, piece[0], tag.rpartition("-")[2] if bio else tag)
            for piece, end, tag in zip(pieces, ends.tolist(), tags, strict=True)
            if len(piece) == 1 and piece[0] != UNK
        ]
        texts.append(np.array([token for piece in pieces for token in piece], dtype=np.uint16))
    sentences, steps, types = np.array([row[:3] for row in found], dtype=np.int64).reshape(-1, 3).T
    return TaggedWords(texts, sentences, steps, types, np.array([row[3] for row in found], dtype=np.str_))


def spread(rows: int, wanted: int) -> Index:
    """Rows, evenly spread: a corpus may have its kinds one behind the other."""
    return np.linspace(0, rows - 1, min(wanted, rows)).round().astype(np.int64)


def balanced(tags: Labels) -> Index:
    """All words of entities and as many others, evenly spread: most words belong to none."""
    inside, outside = np.flatnonzero(tags != OUTSIDE), np.flatnonzero(tags == OUTSIDE)
    return np.sort(np.concatenate([inside, outside[spread(len(outside), len(inside))]]))


def controls(words: TaggedWords, vocabulary: int) -> Labels:
    """A tag for each word type, drawn as often as `words` have it, (V,); the same at every call.

    Hewitt and Liang 2019, section 2: the control task.
    """
    kinds, counts = np.unique(words.tags, return_counts=True)
    drawn: Labels = np.random.default_rng(0).choice(kinds, vocabulary, p=counts / counts.sum())
    return drawn
