"""Sentences that the parameters name, and what the corpus knows of them."""

from collections.abc import Sequence

import pandas as pd

from pipeline.data.store import PreparedDataset
from pipeline.evaluation.tables import test_splits_first
from pipeline.text.sentences import bare

NOWHERE = "none"


def look_up(sentences: Sequence[str], dataset: PreparedDataset) -> pd.DataFrame:
    """split, row, source, references: for each sentence the first split that has it, training first of all.

    `split` is the first that has it, training before all others, capitals and marks aside; NOWHERE, without
    references, if none has.
    """
    wanted = {bare(sentence) for sentence in sentences}
    found: dict[str, tuple[str, list[str]]] = {}
    for split in ("train", *test_splits_first(dataset)):
        rows = dataset.split(split).rows()
        keys = rows["source"].map(bare)
        for key, own in rows[keys.isin(wanted)].groupby(keys):
            references = dict.fromkeys(text for texts in own["references"] for text in texts)
            found.setdefault(str(key), (split, list(references)))
    places = [found.get(bare(sentence), (NOWHERE, [])) for sentence in sentences]
    return pd.DataFrame(
        {
            "split": [split for split, _ in places],
            "row": range(len(sentences)),
            "source": list(sentences),
            "references": [references for _, references in places],
        }
    )
