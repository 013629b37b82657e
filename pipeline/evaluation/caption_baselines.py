"""What a captioner must beat: one caption for all pictures, and the caption of the nearest picture."""

from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
from sacrebleu.metrics import BLEU

from pipeline.data.pictures import Pictures
from pipeline.images import Pixels
from pipeline.metrics.translation import References

Answer = Callable[[Pixels], list[str]]
"""Pictures (n, side, side, 3) -> a caption of each."""
Features = npt.NDArray[np.float32]

LEVELS = 4
"""Of red, green and blue in a colour histogram."""
THUMB = 8
"""Side of the thumbnail."""
AT_ONCE = 256


def fit(name: str, train: Pictures, references: References, *, lowercase: bool) -> Answer:
    """Makes a baseline of the experiment's `baselines` from training pictures and their captions."""
    match name:
        case "common_caption":
            return common_caption(references, lowercase=lowercase)
        case "nearest_picture":
            return nearest_picture(train.images, references, lowercase=lowercase)
        case _:
            raise ValueError(f"no baseline {name!r}")


def common_caption(references: References, *, lowercase: bool) -> Answer:
    """The caption that most often stands in training, the first of equals."""
    texts = (text.lower() if lowercase else text for own in references for text in own)
    ((text, _),) = Counter(texts).most_common(1)
    return lambda pictures: [text] * len(pictures)


def nearest_picture(images: Pixels, references: References, *, lowercase: bool) -> Answer:
    """A caption of the training picture whose colours and thumbnail are nearest, the one that agrees most
    with its others (Devlin et al. 2015, section 3, with plainer features and one neighbour)."""
    known = looks(images)
    # Both parts vary equally over the training pictures.
    scales = [np.sqrt(part.var(0).sum()) for part in known]
    rows = _joined(known, scales)
    squares = (rows**2).sum(1)

    def answer(pictures: Pixels) -> list[str]:
        asked = _joined(looks(pictures), scales)
        # Of |a - b|^2 what differs from row to row.
        nearest = np.concatenate(
            [
                (squares - 2 * some @ rows.T).argmin(1)
                for some in np.split(asked, range(AT_ONCE, len(asked), AT_ONCE))
            ]
        )
        return [central(references[row], lowercase=lowercase) for row in nearest]

    return answer


def looks(pictures: Pixels) -> tuple[Features, Features]:
    """Of each picture the square roots of a histogram of LEVELS^3 colours, whose distance is Hellinger's, and
    the pixels of a thumbnail: (n, LEVELS^3), (n, 3 THUMB^2)."""
    parts = [_looks(pictures[start : start + AT_ONCE]) for start in range(0, len(pictures), AT_ONCE)]
    histograms, thumbs = zip(*parts, strict=True)
    return np.concatenate(histograms), np.concatenate(thumbs)


def _looks(pictures: Pixels) -> tuple[Features, Features]:
    count, side = pictures.shape[:2]
    levels = pictures.astype(np.int64) * LEVELS // 256
    colours = levels @ np.array([LEVELS**2, LEVELS, 1]) + LEVELS**3 * np.arange(count)[:, None, None]
    histogram = np.bincount(colours.ravel(), minlength=count * LEVELS**3).reshape(count, -1) / side**2
    edges = np.linspace(0, side, THUMB + 1).round().astype(int)
    sums = np.add.reduceat(np.add.reduceat(pictures, edges[:-1], 1, dtype=np.float32), edges[:-1], 2)
    thumbs = sums / (np.diff(edges)[:, None] * np.diff(edges))[:, :, None]
    return np.sqrt(histogram).astype(np.float32), thumbs.reshape(count, -1).astype(np.float32)


def _joined(parts: Sequence[Features], scales: Sequence[float]) -> Features:
    return np.concatenate([part / scale for part, scale in zip(parts, scales, strict=True)], axis=1)


def central(captions: Sequence[str], *, lowercase: bool) -> str:
    """The caption with the highest BLEU against the others, the first of equals."""
    if len(captions) == 1:
        return captions[0]
    metric = BLEU(lowercase=lowercase, effective_order=True)
    agreement = [
        metric.sentence_score(text, [other for place, other in enumerate(captions) if place != number]).score
        for number, text in enumerate(captions)
    ]
    return captions[int(np.argmax(agreement))]
