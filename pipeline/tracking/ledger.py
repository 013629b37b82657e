"""The judged claims in MLflow: one run per judgement, so that two of them can be compared in its UI."""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from mlflow import MlflowClient
from mlflow.entities import Metric, Param

from pipeline.claims.markdown import ledger
from pipeline.claims.rows import ClaimRow, counts, in_short, read_rows
from pipeline.files import sha256_of_file
from pipeline.tracking import tags
from pipeline.tracking.results import ExperimentResult
from pipeline.tracking.verdict_pictures import picture

NAME = "ledger"
"""Of the MLflow experiment, below the profile, and of its runs."""


def read_ledger(root: Path, profile: str) -> tuple[list[ClaimRow], Path]:
    """The claims of a profile and their file; none before `judge` has run.

    Raises:
        UserError: the file is not what `judge` writes.
    """
    path = root / "results" / profile / "claims.json"
    return read_rows(path), path


def log_ledger(
    client: MlflowClient,
    experiment_id: str,
    rows: Sequence[ClaimRow],
    path: Path,
    results: Sequence[ExperimentResult],
) -> bool:
    """Logs a judgement unless it is there: `claims/VERDICT` and `claim/ID` as metrics, `claim.ID` as tags,
    the evaluations it rests on as parameters, ledger and figures as artifacts.

    Returns:
        whether it was logged now.
    """
    digest = sha256_of_file(path)
    found = client.search_runs([experiment_id], f"tags.`{tags.JUDGEMENT}` = '{digest}'", max_results=1)
    if found and found[0].info.status == "FINISHED":
        return False
    if found:
        run_id = found[0].info.run_id
    else:
        own = {tags.JUDGEMENT: digest, tags.NOTE: _note(rows)} | tags.origin()
        own |= {f"claim.{row.id}": row.verdict.value for row in rows}
        run_id = client.create_run(experiment_id, run_name=NAME, tags=own).info.run_id
    client.log_batch(run_id, metrics=_metrics(rows), params=_evaluations(results))
    client.log_artifact(run_id, str(path))
    client.log_text(run_id, ledger(rows), "ledger.md")
    for row in rows:
        if drawn := picture(row):
            client.log_figure(run_id, drawn, f"figures/{row.id}.png")
    client.set_terminated(run_id)
    return True


def _metrics(rows: Sequence[ClaimRow]) -> list[Metric]:
    """Counts, and the first comparison of each claim that has one."""
    values: Mapping[str, float] = {
        f"claims/{verdict.replace(' ', '_')}": count for verdict, count in counts(rows).items()
    } | {f"claim/{row.id}": row.comparisons[0].value for row in rows if row.comparisons}
    now = round(1000 * time.time())
    return [Metric(key, float(value), now, 0) for key, value in values.items()]


def _evaluations(results: Sequence[ExperimentResult]) -> list[Param]:
    """Where two judgements differ, these tell which experiments do."""
    return [Param(f"evaluation.{result.name}", result.digest[:12]) for result in results]


def _note(rows: Sequence[ClaimRow]) -> str:
    lines = [
        f"{in_short(rows)}.",
        "",
        "`ledger.md` tells each verdict with its numbers, `figures/` draws them. Of two runs compared, the "
        "tags `claim.ID` show which verdicts changed, the metrics `claim/ID` by how much (the first "
        "comparison's number), the parameters `evaluation.EXPERIMENT` which results did.",
        "",
        "| asked for by the notes | verdict |",
        "|---|---|",
        *(f"| {row.sentence} | {row.verdict} |" for row in rows if row.red),
    ]
    return "\n".join(lines)
