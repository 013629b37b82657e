"""A table of sample predictions for a person's eye."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
from mlflow import MlflowClient

from pipeline.tracking.results import ExperimentResult, SeedResult

SAMPLES = 20
LENGTH = 600
"""Characters of a text that are shown."""


def log_samples(client: MlflowClient, run_id: str, result: ExperimentResult, seed: SeedResult) -> None:
    """Logs `samples.json`, a table that MLflow's pages show; none of a
    classifier or rater whose texts aren't here."""
    samples = {
        "classification": _classified,
        "translation": _translated,
        "tagging": _tagged,
        "forecasting": _forecast,
        "algorithmic": _solved,
        "transduction": _translated,
        "rating": _rated,
        "language_modelling": _continued,
        "captioning": _captioned,
        "transcription": _transcribed,
        "imputation": _filled,
    }
    shown = samples[result.facts["task"]](result, seed)
    if shown is not None:
        client.log_table(run_id, shown, "samples.json")


def _split(result: ExperimentResult) -> str:
    return result.headline.partition("/")[0]


def _predictions(result: ExperimentResult, seed: SeedResult) -> pd.DataFrame:
    same = [("variant", "==", seed.variant), ("seed", "==", seed.seed), ("split", "==", _split(result))]
    return pq.read_table(result.predictions / "predictions.parquet", filters=same).to_pandas()


def _translated(result: ExperimentResult, seed: SeedResult) -> pd.DataFrame:
    rows = _predictions(result, seed).sort_values("row").head(SAMPLES)
    references = [" | ".join(references) for references in rows["references"]]
    return pd.DataFrame(
        {
            "source": rows["source"],
            "translation": rows["hypothesis"],
            "references": references,
            "score": rows["score"],
        }
    )


def _captioned(result: ExperimentResult, seed: SeedResult) -> pd.DataFrame:
    rows = _predictions(result, seed).sort_values("row").head(SAMPLES)
    references = [" | ".join(references) for references in rows["references"]]
    columns = {"picture": rows["row"], "caption": rows["hypothesis"], "references": references}
    return pd.DataFrame(columns | {"score": rows["score"]})


def _transcribed(result: ExperimentResult, seed: SeedResult) -> pd.DataFrame:
    rows = _predictions(result, seed).sort_values("row").head(SAMPLES)
    said = [reference for (reference,) in rows["references"]]
    columns = {"row": rows["row"], "speaker": rows["speaker"], "said": said, "transcript": rows["hypothesis"]}
    return pd.DataFrame(columns | {"score": rows["score"]})


def _tagged(result: ExperimentResult, seed: SeedResult) -> pd.DataFrame:
    """Sentences as word/tag, those with most mistakes first; behind a wrong tag stands the right one."""
    rows = _predictions(result, seed).to_dict("records")
    chosen = sorted((_sentence(**row) for row in rows), key=lambda sample: -sample["wrong"])[:SAMPLES]
    return pd.DataFrame(chosen, columns=["wrong", "tags", "sentence"])


def _sentence(tokens: list[str], tags: list[str], predicted: list[str], **_: Any) -> dict[str, Any]:
    triples = list(zip(tokens, tags, predicted, strict=True))
    pairs = [f"{word}/{got}" + (f" (not {tag})" if got != tag else "") for word, tag, got in triples]
    wrong = sum(got != tag for _, tag, got in triples)
    return {"wrong": wrong, "tags": " ".join(pairs), "sentence": " ".join(tokens)}


def _solved(result: ExperimentResult, seed: SeedResult) -> pd.DataFrame:
    rows = _predictions(result, seed).head(SAMPLES)
    return rows[["row", "distance", "target", "answer"]]


def _forecast(result: ExperimentResult, seed: SeedResult) -> pd.DataFrame:
    """A row per window and channel: what came and what was forecast at the end of each horizon."""
    ends = seed.description["horizons"]
    rows = [
        {"window": row["row"], "channel": row["channel"]}
        | {
            f"{name} at {end} h": round(float(row[column][end - 1]), 4)
            for end in ends
            for name, column in (("actual", "future"), ("forecast", "forecast"))
        }
        for row in _predictions(result, seed).to_dict("records")
    ]
    return pd.DataFrame(rows)


def _filled(result: ExperimentResult, seed: SeedResult) -> pd.DataFrame:
    """A row per window and channel: what stood in the middle of what was asked, and the answer."""
    rows = [
        {"window": row["row"], "channel": row["channel"], "hours asked": len(row["actual"])}
        | {name: round(float(row[name][len(row["actual"]) // 2]), 4) for name in ("actual", "answers")}
        for row in _predictions(result, seed).to_dict("records")
    ]
    return pd.DataFrame(rows)


def _continued(result: ExperimentResult, seed: SeedResult) -> pd.DataFrame:
    """First halves of lines, how they go on, and how the model would go on."""
    same = [("variant", "==", seed.variant), ("seed", "==", seed.seed), ("split", "==", _split(result))]
    table = pq.read_table(result.predictions / "continuations.parquet", filters=same).to_pandas()
    return table[["prompt", "rest", "likeliest", "drawn"]].head(SAMPLES)


def _classified(result: ExperimentResult, seed: SeedResult) -> pd.DataFrame | None:
    """Surest mistakes first, then the least sure of the right ones, among the rows whose texts are read."""
    path = result.prepared / _split(result) / "rows.parquet"
    if not path.exists():
        return None
    table, texts, classes = _predictions(result, seed), _texts(path), seed.description["classes"]
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


def _rated(result: ExperimentResult, seed: SeedResult) -> pd.DataFrame | None:
    """The widest misses among the rows whose texts are read."""
    path = result.prepared / _split(result) / "rows.parquet"
    if not path.exists():
        return None
    table, texts = _predictions(result, seed), _texts(path)
    known = table[table["row"].isin(texts.index)]
    chosen = pd.DataFrame(
        {
            "text": texts.loc[known["row"]].str.slice(0, LENGTH).to_numpy(),
            "rating": known["rating"].to_numpy(),
            "stars": known["stars"].to_numpy(np.float64).round(2),
        }
    )
    missed = (chosen["rating"] - chosen["stars"]).abs()
    return chosen.loc[missed.sort_values(ascending=False, kind="stable").index[:SAMPLES]]


def _texts(path: Path) -> pd.Series:
    """Raw texts by row, of the first and the last row group only: corpora are sorted by class, and long."""
    file = pq.ParquetFile(path)
    groups = sorted({0, file.num_row_groups - 1})
    tables = {group: file.read_row_group(group, columns=["text"])["text"].to_pylist() for group in groups}
    starts = {0: 0, groups[-1]: file.metadata.num_rows - len(tables[groups[-1]])}
    return pd.concat(
        [pd.Series(texts, range(starts[g], starts[g] + len(texts))) for g, texts in tables.items()]
    )
