"""A judgement is one run in MLflow, whatever happens; two of them can be compared."""

import json
from pathlib import Path
from typing import Any

import pytest
from mlflow import MlflowClient
from mlflow.entities import Run

from pipeline.claims.rows import ClaimRow, FigureRow, LineRow
from pipeline.errors import UserError
from pipeline.tracking.register import register
from pipeline.tracking.verdict_pictures import picture

pytestmark = pytest.mark.xdist_group("mlflow")


def client_of(project: Any) -> MlflowClient:
    # The registry's address would else be that of whichever project was registered last.
    address = f"sqlite:///{project.root}/mlflow.db"
    return MlflowClient(address, registry_uri=address)


def judgements(project: Any) -> list[Run]:
    """The newest first."""
    client = client_of(project)
    found = client.get_experiment_by_name("smoke/ledger")
    return list(client.search_runs([found.experiment_id])) if found else []


def rows_of(project: Any) -> list[ClaimRow]:
    path = project.root / "results/smoke/claims.json"
    return [ClaimRow.model_validate(row) for row in json.loads(path.read_text(encoding="utf-8"))]


def test_every_claim_is_a_tag_and_its_number_a_metric(registered: Any) -> None:
    (run,) = judgements(registered)
    rows = rows_of(registered)
    assert (run.info.run_name, run.info.status) == ("ledger", "FINISHED")
    told = {name.removeprefix("claim."): value for name, value in run.data.tags.items() if "claim." in name}
    assert told == {row.id: row.verdict for row in rows}
    numbers = {row.id: row.comparisons[0].value for row in rows if row.comparisons}
    assert len(numbers) > 3
    for name, value in numbers.items():
        assert run.data.metrics[f"claim/{name}"] == pytest.approx(value)
    for verdict, name in (("holds", "holds"), ("not run", "not_run")):
        assert run.data.metrics[f"claims/{name}"] == sum(row.verdict == verdict for row in rows)
    assert set(run.data.params) == {f"evaluation.{name}" for name in registered.params.experiments}
    assert "One context vector is too small" in run.data.tags["mlflow.note.content"]


def test_ledger_and_figures_are_artifacts(registered: Any) -> None:
    (run,), client = judgements(registered), client_of(registered)
    files = {file.path for file in client.list_artifacts(run.info.run_id)}
    assert files == {"claims.json", "ledger.md", "figures"}
    drawn = {Path(file.path).stem for file in client.list_artifacts(run.info.run_id, "figures")}
    assert drawn == {row.id for row in rows_of(registered) if row.figure or row.comparisons}
    page = Path(client.download_artifacts(run.info.run_id, "ledger.md")).read_text(encoding="utf-8")
    assert page.startswith("# The claims ledger")


def test_only_another_judgement_is_another_run(registered_copy: Any) -> None:
    project = registered_copy

    def lines() -> str:
        return "\n".join(register(project.params, project.root, project.root))

    assert "53 claims: its run is there already in MLflow's experiment smoke/ledger" in lines()
    assert len(judgements(project)) == 1
    project.write("sentiment", bonus=-0.2)
    project.judge()
    assert "53 claims: a new run" in lines()
    after, before = judgements(project)
    name = "many-to-one-sentiment"
    assert after.data.metrics[f"claim/{name}"] == pytest.approx(before.data.metrics[f"claim/{name}"] - 20)
    changed = {key for key, value in after.data.params.items() if before.data.params[key] != value}
    assert changed == {"evaluation.sentiment"}


def test_a_run_that_was_killed_is_completed(registered_copy: Any) -> None:
    project = registered_copy
    (run,) = judgements(project)
    client_of(project).set_terminated(run.info.run_id, "KILLED")
    assert "53 claims: a new run" in "\n".join(register(project.params, project.root, project.root))
    (again,) = judgements(project)
    assert (again.info.run_id, again.info.status) == (run.info.run_id, "FINISHED")


def test_without_a_ledger_there_is_no_run(project: Any) -> None:
    (project.root / "results/smoke/claims.json").unlink()
    project.only("sentiment")
    lines = list(register(project.params, project.root, project.root))
    assert not [line for line in lines if "claims" in line]
    assert judgements(project) == []


def test_a_broken_ledger_is_one_line(project: Any) -> None:
    (project.root / "results/smoke/claims.json").write_text('[{"id": "memory"}]')
    with pytest.raises(
        UserError, match=r"claims\.json: not a ledger \(0\.section: Field required\)"
    ) as error:
        list(register(project.params, project.root, project.root))
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("words", [False, True])
def test_lines_are_drawn_with_their_bands_over_numbers_and_words(registered: Any, words: bool) -> None:
    points = [(2.0, 0.9, 0.8, 1.0), (7.0, 0.4, None, None), (31.0, 0.1, 0.0, 0.2)]
    if words:
        points = [(f"at {x}", *rest) for x, *rest in points]  # type: ignore[misc]
    figure = FigureRow(
        x="steps back",
        y="accuracy",
        logarithmic=not words,
        lines=(LineRow(name="lstm", points=tuple(points)), LineRow(name="none", points=())),
    )
    row = next(row for row in rows_of(registered) if row.comparisons).model_copy(update={"figure": figure})
    drawn = picture(row)
    assert drawn
    (axes,) = drawn.axes
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("steps back", "accuracy")
    assert axes.lines[0].get_ydata() == pytest.approx([0.9, 0.4, 0.1])
    assert len(axes.collections) == 1
