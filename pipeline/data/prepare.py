"""Raw corpus -> prepared dataset: what a kind of dataset makes of it, whole or not at all."""

from pathlib import Path
from typing import Any

from pipeline.config.schema.datasets import Dataset
from pipeline.data.kinds import kind_of
from pipeline.files import atomic_folder


def prepare(dataset: Dataset, raw: Path, folder: Path) -> dict[str, Any]:
    """Writes the prepared dataset to `folder` from the canonical Parquet files in `raw`.

    Returns:
        statistics: rows by split, and what the kind knows to say of them.

    Raises:
        UserError: a split or a column that the corpus doesn't have, or that holds what it may not.
    """
    with atomic_folder(folder) as part:
        return kind_of(dataset).write(raw, part)
