"""What a beam search tries while it translates one sentence, as a tree."""

from collections.abc import Mapping
from typing import Any

from pipeline.bundle.load import Bundle
from pipeline.data.store import PreparedDataset
from pipeline.errors import UserError
from pipeline.evaluation.predict.rows import encoded, padded
from pipeline.evaluation.tables import Tables
from pipeline.probes.search_tree import tree


def probe_bundle(bundle: Bundle, dataset: PreparedDataset, settings: Mapping[str, Any]) -> Tables:
    """`tree`: node, parent, step, word, log_probability, total, score, fate, as search_tree.py has them.

    Raises:
        UserError: the sentence has no token.
    """
    rows = encoded(bundle.tokenizers["source"], [settings["sentence"]])
    if not len(rows[0]):
        raise UserError("beam: the sentence has no token; write another")
    source, lengths = padded(bundle, rows)
    model: Any = bundle.network
    found = tree(
        model,
        source,
        lengths,
        beam=settings["beam"],
        # As evaluation has it by default.
        longest=2 * int(lengths[0]) + 10,
        length_normalisation=settings["length_normalisation"],
    )
    words = bundle.tokenizers["target"].tokens(found["token"].tolist())
    return {"tree": found.assign(token=words).rename(columns={"token": "word"})}
