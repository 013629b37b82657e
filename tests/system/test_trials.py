"""`dvc exp run -S`: a trial changes one line, reruns what reads it, and can be thrown away."""

import sqlite3

import pytest

pytestmark = pytest.mark.xdist_group("system")


def champion(clone) -> list[tuple[str, str]]:
    """The registered model whose experiment the trial changes, and its version."""
    asked = "select name, version from registered_model_aliases where alias = 'champion' and name = ?"
    with sqlite3.connect(clone.folder / "mlflow.db") as store:
        return store.execute(asked, ("classification-reviews_words",)).fetchall()


def test_a_trial_runs_its_experiment_and_moves_no_champion(clone) -> None:
    before = champion(clone)
    assert len(before) == 1
    clone.commit()  # with dvc.lock, as a user's project has it
    told = clone.run("dvc", "exp", "run", "-S", "experiments.sentiment.model.hidden=12")
    ran = {line.split("'")[1] for line in told.splitlines() if line.startswith("Running stage")}
    assert ran == {"train@sentiment", "evaluate@sentiment", "judge", "report", "register"}
    assert "  hidden: 12" in clone.git("diff", "params.yaml").replace("+      ", "  ")
    assert champion(clone) == before

    clone.git("checkout", "-q", "params.yaml", "dvc.lock")
    clone.run("dvc", "checkout", "-q")
    assert clone.repro("evaluate@sentiment") == set()
