"""`dvc exp run -S`: a trial changes one line, reruns what reads it, and can be thrown away."""

import pytest

pytestmark = pytest.mark.xdist_group("system")
CHAMPION = "models:/classification-reviews_words@champion"


def test_a_trial_runs_its_experiment_and_moves_no_champion(clone) -> None:
    champion = clone.run("pipeline.cli.main", "classify", "--model", CHAMPION, "a good film")
    clone.commit()  # with dvc.lock, as a user's project has it
    told = clone.run("dvc", "exp", "run", "-S", "experiments.sentiment.model.hidden=12")
    ran = {line.split("'")[1] for line in told.splitlines() if line.startswith("Running stage")}
    assert ran == {"train@sentiment", "evaluate@sentiment", "judge", "report", "register"}
    assert "  hidden: 12" in clone.git("diff", "params.yaml").replace("+      ", "  ")
    assert clone.run("pipeline.cli.main", "classify", "--model", CHAMPION, "a good film") == champion

    clone.git("checkout", "-q", "params.yaml", "dvc.lock")
    clone.run("dvc", "checkout", "-q")
    assert clone.repro("evaluate@sentiment") == set()
