"""Classes of texts."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import torch

from pipeline.bundle.load import Bundle
from pipeline.data.batches import plan, shortened
from pipeline.data.store import Ids
from pipeline.data.texts import laid_out, read_lengths
from pipeline.evaluation.predict.rows import encoded, lengths_of


def classify(bundle: Bundle, texts: Sequence[str], *, batch_tokens: int = 16384) -> npt.NDArray[np.float32]:
    """Class probabilities of raw texts, (N, C), in the texts' order.

    A text without a known word gets an answer too. Longer texts are cut as in training.
    """
    return classify_ids(bundle, encoded(bundle.tokenizers["text"], texts), batch_tokens=batch_tokens)


@torch.inference_mode()
def classify_ids(
    bundle: Bundle, texts: Sequence[Ids], *, batch_tokens: int = 16384, cut: int | None = None
) -> npt.NDArray[np.float32]:
    """As `classify`, of token ids; `cut`: tokens that are read, where not as many as in training."""
    data = bundle.description["data"]
    cut = cut or data["max_tokens"]
    layout = cut, data["padding"]
    texts = [shortened(ids, cut, data["keep"]) for ids in texts]
    probabilities = np.empty((len(texts), len(bundle.description["classes"])), dtype=np.float32)
    device = next(bundle.network.parameters()).device
    for rows in plan(read_lengths(lengths_of(texts), *layout), budget=batch_tokens, rng=None):
        tokens, lengths = laid_out([texts[row] for row in rows], *layout)
        logits = bundle.network(tokens.to(device), lengths.to(device))
        probabilities[rows] = logits.float().softmax(-1).cpu().numpy()
    return probabilities
