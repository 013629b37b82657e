"""A table of sample predictions for a person's eye."""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
from mlflow import MlflowClient

from pipeline.tracking.results import ExperimentResult, SeedResult

SAMPLES = 20
LENGTH = 600
"""Characters of a text that are shown."""


def log_samples(client: MlflowClient, run_id: str, result: ExperimentResult, seed: SeedResult) -> None:
    """Logs `samples.json`, a table that MLflow's pages show; none of a classifier whose texts aren't here."""
    split = result.headline.partition("/")[0]
    rows = result.prepared / split / "rows.parquet"
    if result.facts["task"] == "classification" and not rows.exists():
        return
    same = [("variant", "==", seed.variant), ("seed", "==", seed.seed), ("split", "==", split)]
    table = pq.read_table(result.predictions / "predictions.parquet", filters=same).to_pandas()
    if result.facts["task"] == "translation":
        shown = _translated(table)
    elif result.facts["task"] == "tagging":
        shown = _tagged(table)
    else:
        shown = _classified(table, _texts(rows), seed.description["classes"])
    client.log_table(run_id, shown, "samples.json")


def _translated(table: pd.DataFrame) -> pd.DataFrame:
    rows = table.sort_values("row").head(SAMPLES)
    references = [" | ".join(references) for references in rows["references"]]
    return pd.DataFrame(
        {
            "source": rows["source"],
            "translation": rows["hypothesis"],
            "references": references,
            "score": rows["score"],
        }
    )


def _tagged(table: pd.DataFrame) -> pd.DataFrame:
    """Sentences as word/tag, those with mistakes first; behind a wrong tag stands the right one."""
    pairs = list(zip(table["tags"], table["predicted"], strict=True))
    wrong = np.array([sum(a != b for a, b in zip(tags, found, strict=True)) for tags, found in pairs])
    rows = table.iloc[np.argsort(wrong == 0, kind="stable")[:SAMPLES]]
    return pd.DataFrame(
        {
            "sentence": [" ".join(words) for words in rows["tokens"]],
            "tags": [
                " ".join(f"{word}/{b}" if a == b else f"{word}/{b}(right: {a})" for word, a, b in triples)
                for triples in (
                    zip(row.tokens, row.tags, row.predicted, strict=True) for row in rows.itertuples()
                )
            ],
        }
    )


def _classified(table: pd.DataFrame, texts: pd.Series, classes: list[str]) -> pd.DataFrame:
    """Surest mistakes first, then the least sure of the right ones, among the rows in `texts`."""
    known = table[table["row"].isin(texts.index)]
    probabilities = np.stack(list(known["probabilities"])).astype(np.float64)
    chosen = pd.DataFrame(
        {
            "text": texts.loc[known["row"]].str.slice(0, LENGTH).to_numpy(),
            "actual": np.array(classes)[known["label"]],
            "predicted": np.array(classes)[probabilities.argmax(axis=1)],
            "probability": probabilities.max(axis=1).round(4),
        }
    )
    wrong = chosen["actual"] != chosen["predicted"]
    mistakes = chosen[wrong].sort_values("probability", ascending=False).head(SAMPLES // 2)
    return pd.concat([mistakes, chosen[~wrong].sort_values("probability").head(SAMPLES - len(mistakes))])


def _texts(path: Path) -> pd.Series:
    """Raw texts by row, of the first and the last row group only: corpora are sorted by class, and long."""
    file = pq.ParquetFile(path)
    groups = sorted({0, file.num_row_groups - 1})
    tables = {group: file.read_row_group(group, columns=["text"])["text"].to_pylist() for group in groups}
    starts = {0: 0, groups[-1]: file.metadata.num_rows - len(tables[groups[-1]])}
    return pd.concat(
        [pd.Series(texts, range(starts[g], starts[g] + len(texts))) for g, texts in tables.items()]
    )
