"""Which bundle a command asks: a folder, a model in MLflow, or the best one trained here."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.config import load
from pipeline.errors import UserError
from pipeline.files import read_json

if TYPE_CHECKING:
    from pipeline.bundle.load import Bundle

SCHEMES = ("models:", "runs:", "mlflow-artifacts:")


def open_bundle(model: str | None, task: str) -> "Bundle":
    """Loads the named bundle, or the best one for `task`, which is then told on standard error.

    Raises:
        UserError: no such bundle, an altered one, or none trained.
    """
    if model is None:
        params = load()
        folder, about = best_bundle(Path("models"), params.profile, task, list(params.experiments))
        print(f"model {folder} ({about})", file=sys.stderr)
    elif model.startswith(SCHEMES):
        folder = _from_mlflow(model)
    else:
        folder = Path(model)
    from pipeline.bundle.load import load as load_bundle  # torch takes two seconds

    return load_bundle(folder)


def best_bundle(models: Path, profile: str, task: str, experiments: list[str]) -> tuple[Path, str]:
    """Folder of the task's trained bundle with the best validation score, and that score as text.

    Scores of different experiments don't compare: the first of `experiments` that has a model answers, and
    the text names the others. Bundles of another profile count only when `profile` has none: after
    `make demo`, say.
    """
    runs = [(path.parent, read_json(path)) for path in sorted(models.glob("*/*/*/*/run.json"))]
    fitting = [
        (folder, run)
        for folder, run in runs
        # Who is asked for the next hour, which it may have read, is there to be looked at.
        if run["parameters"]["task"] == task and run["parameters"]["data"].get("asked") != "next"
    ]
    if not fitting:
        raise UserError(
            f"{models}: holds no model for {task}; train one (`make demo`) or name one with --model"
        )
    own = [(folder, run) for folder, run in fitting if folder.is_relative_to(models / profile)] or fitting
    having = {folder.parts[-3] for folder, _ in own}
    first, *others = sorted(having, key=[*experiments, *sorted(having)].index)
    rivals = [(folder, run) for folder, run in own if folder.parts[-3] == first]
    folder, run = max(rivals, key=lambda item: item[1]["best_score"])
    about = f"validation {run['score_name']} {run['best_score']:.4g}"
    return folder / "bundle", f"{about}; --model names others: {', '.join(others)}" if others else about


def _from_mlflow(uri: str) -> Path:
    from pipeline.tracking import store
    from pipeline.tracking.registry import download_bundle

    tracking = load().execution.tracking_uri
    with store.answering(uri, tracking):
        store.connect(tracking, store.project_root())
        return download_bundle(uri)
