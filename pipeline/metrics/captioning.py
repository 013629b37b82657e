"""Captions against all of a picture's references: BLEU-4 by sacreBLEU, CIDEr by the COCO scorer."""

from collections import Counter
from collections.abc import Callable, Sequence
from importlib.metadata import version

import numpy as np
import numpy.typing as npt
from pycocoevalcap.cider.cider import Cider
from sacrebleu.tokenizers.tokenizer_13a import Tokenizer13a

from pipeline.metrics.score import Score
from pipeline.metrics.translation import References, bleu, length_ratio


def scores(captions: Sequence[str], references: References, *, lowercase: bool) -> dict[str, Score]:
    """cider, bleu, length_ratio, distinct, in this order."""
    return {
        "cider": cider(captions, references, lowercase=lowercase),
        "bleu": bleu(captions, references, lowercase=lowercase),
        "length_ratio": length_ratio(captions, references),
        "distinct": distinct(captions),
    }


def cider(captions: Sequence[str], references: References, *, lowercase: bool) -> Score:
    """CIDEr-D (Vedantam et al. 2015, section 5), 0 to 10: similarity of 1- to 4-grams, of which those count
    most that few pictures' references have.

    On the words that BLEU counts, marks among them; the COCO server cuts words otherwise and drops marks, so
    that its numbers are not quite comparable. The rarity of a phrase is measured on these references: scores
    of different splits aren't comparable either.

    Raises:
        ValueError: no captions, or not one list of references per caption.
    """
    value = float(cider_of_each(captions, references, lowercase=lowercase).mean())
    counts = sorted({len(own) for own in references})
    case = "lc" if lowercase else "mixed"
    refs = str(counts[0]) if len(counts) == 1 else "var"
    signature = f"CIDEr-D|nrefs:{refs}|case:{case}|tok:13a|pycocoevalcap:{version('pycocoevalcap')}"
    return Score(value, signature)


def cider_of_each(
    captions: Sequence[str], references: References, *, lowercase: bool
) -> npt.NDArray[np.float64]:
    """CIDEr-D of every caption, (captions,); see `cider`.

    Raises:
        ValueError: no captions, or not one list of references per caption.
    """
    if not captions or len(captions) != len(references) or not all(references):
        raise ValueError(f"{len(captions)} captions need as many lists of at least one reference")
    cut = cutter(lowercase)
    truth = {row: [cut(text) for text in own] for row, own in enumerate(references)}
    found = {row: [cut(text)] for row, text in enumerate(captions)}
    _, each = Cider().compute_score(truth, found)
    return np.asarray(each, dtype=np.float64)


def distinct(captions: Sequence[str]) -> Score:
    """Share of the pictures whose caption no other picture has: how much a captioner repeats itself."""
    counts = Counter(captions)
    return Score(
        sum(counts[caption] == 1 for caption in captions) / len(captions), "share of captions that occur once"
    )


def cutter(lowercase: bool) -> Callable[[str], str]:
    """A text with blanks between its words, as BLEU counts them."""
    cut = Tokenizer13a()  # type: ignore[no-untyped-call]
    return lambda text: str(cut(text.lower() if lowercase else text))
