"""Opening the tracking store: a SQLite file in the project, or the address of a server."""

import fcntl
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import mlflow
import requests
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException
from sqlalchemy.exc import SQLAlchemyError

from pipeline.errors import UserError

SQLITE = "sqlite:///"
ARTIFACTS = "mlartifacts"
LOCK = ".unrolled/mlflow.lock"
FAILURES = (MlflowException, SQLAlchemyError, requests.RequestException, OSError)
"""What MLflow's client raises when a store can't be reached, read or written."""


def project_root() -> Path:
    """The repository: also for a stage that `dvc exp run --temp` runs in a copy of it."""
    return Path(os.environ.get("DVC_ROOT", ".")).resolve()


def connect(uri: str, root: Path) -> MlflowClient:
    """Opens the store, and creates a SQLite one; relative SQLite paths start at `root`.

    MLflow's fluent functions use this store from then on.

    Raises:
        One of FAILURES: no answer, or a store that this MLflow can't read.
    """
    for name in ("mlflow", "alembic"):
        logging.getLogger(name).setLevel(logging.ERROR)
    address = _absolute(uri, root)
    mlflow.set_tracking_uri(address)
    mlflow.set_registry_uri(address)
    with _locked(root):  # two processes that create one database at once crash
        if address.startswith(SQLITE):
            _create(Path(address.removeprefix(SQLITE)))
        client = MlflowClient(address)
        client.search_experiments(max_results=1)
    return client


def _create(database: Path) -> None:
    """Makes the database beside its place and moves it there whole; a kill on the way leaves none."""
    if database.exists():
        return
    part = database.with_name(f"{database.name}.part")
    part.unlink(missing_ok=True)
    MlflowClient(f"{SQLITE}{part}").search_experiments(max_results=1)
    part.replace(database)


def open_experiment(client: MlflowClient, profile: str, experiment: str, root: Path) -> str:
    """Id of the MLflow experiment `PROFILE/EXPERIMENT`, created or taken out of the bin when needed."""
    name = f"{profile}/{experiment}"
    with _locked(root):
        found = client.get_experiment_by_name(name)
        if found is None:
            local = client.tracking_uri.startswith(SQLITE)
            location = (root / ARTIFACTS).as_uri() if local else None  # a server knows its own place
            # The kind selects the view with runs and charts, not the one for traces of language models.
            kind = {"mlflow.experimentKind": "custom_model_development"}
            return str(client.create_experiment(name, artifact_location=location, tags=kind))
        if found.lifecycle_stage == "deleted":
            client.restore_experiment(found.experiment_id)
        return str(found.experiment_id)


@contextmanager
def answering(where: str, uri: str) -> Iterator[None]:
    """Turns a store's failure into one line that starts with `where`.

    Raises:
        UserError: the store is away, refuses, or can't be read.
    """
    try:
        yield
    except FAILURES as error:
        raise UserError(f"{where}: {failure(uri, error)}") from None


def failure(uri: str, error: BaseException) -> str:
    """One line on a store that failed; without the password that an address may hold."""
    cause = next(iter(str(error).splitlines()), "") or type(error).__name__
    parts = urlsplit(uri)
    if parts.scheme in ("http", "https"):
        if parts.password:
            cause = cause.replace(parts.password, "…")
        shown = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
        what = f"MLflow at {shown} does not answer"
        cure = "start it or set execution.tracking_uri to sqlite:///mlflow.db"
    else:
        what = f"MLflow's store {uri} can't be used"
        cure = "move it aside to have a new one filled from the files"
    return f"{what}; {cure}, then run this again ({cause[:160]})"


def _absolute(uri: str, root: Path) -> str:
    path = uri.removeprefix(SQLITE)
    return uri if path == uri else f"{SQLITE}{root / path}"


@contextmanager
def _locked(root: Path) -> Iterator[None]:
    path = root / LOCK
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
