"""Registered models: the best bundle of each task and dataset, and the alias `champion`."""

import os
from dataclasses import dataclass
from pathlib import Path

import mlflow
from mlflow import MlflowClient
from mlflow.entities.model_registry import ModelVersion
from mlflow.exceptions import MlflowException

from pipeline.errors import UserError
from pipeline.files import sha256_of_file
from pipeline.tracking import tags
from pipeline.tracking.notes import version_note
from pipeline.tracking.package import log_model
from pipeline.tracking.results import ExperimentResult, SeedResult

CHAMPION = "champion"


@dataclass(frozen=True)
class Candidate:
    """A trained run that may become the champion of its task and dataset."""

    result: ExperimentResult
    seed: SeedResult
    run_id: str

    @property
    def model(self) -> str:
        """Name of the registered model."""
        return f"{self.result.facts['task']}-{self.result.facts['dataset']}"

    @property
    def score(self) -> float:
        return float(self.seed.run["best_score"])

    @property
    def shown(self) -> str:
        return (
            f"{self.result.name}/{self.seed.name}, validation {self.seed.run['score_name']} {self.score:.4g}"
        )


def best_candidates(candidates: list[Candidate]) -> list[Candidate]:
    """The candidate with the best validation score for each registered model; the first of equals."""
    best: dict[str, Candidate] = {}
    for candidate in candidates:
        if candidate.model not in best or candidate.score > best[candidate.model].score:
            best[candidate.model] = candidate
    return list(best.values())


def promote(client: MlflowClient, candidate: Candidate) -> str:
    """Registers a candidate's bundle unless it is registered, and makes it champion if it beats the champion.

    Returns:
        one line: which version is champion, and why. Under `dvc exp run` nothing is registered.
    """
    name = candidate.model
    champion = _champion(client, name)
    holder = f"version {champion.version} ({_score(champion)})" if champion else "none"
    if os.environ.get("DVC_EXP_NAME"):
        why = "under `dvc exp run` nothing is registered"
        return f"{name}: {why}; champion: {holder}; best here: {candidate.shown}"
    version = _registered(client, candidate) or _register(client, candidate)
    if champion is None or (_score(champion) is not None and candidate.score > float(_score(champion) or 0)):
        client.set_registered_model_alias(name, CHAMPION, version.version)
        return f"{name}: champion is now version {version.version} ({candidate.shown}); before: {holder}"
    if version.version == champion.version:
        return f"{name}: champion stays version {version.version} ({candidate.shown})"
    return f"{name}: champion stays {holder}; version {version.version} is no better ({candidate.shown})"


def _champion(client: MlflowClient, name: str) -> ModelVersion | None:
    try:
        return client.get_model_version_by_alias(name, CHAMPION)
    except MlflowException as error:
        if error.error_code in ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"):
            return None
        raise


def _score(version: ModelVersion) -> str | None:
    """Validation score; None for a version that somebody else registered, which is never replaced."""
    score: str | None = version.tags.get(tags.SCORE)
    return score


def _registered(client: MlflowClient, candidate: Candidate) -> ModelVersion | None:
    digest = _digest(candidate)
    versions = client.search_model_versions(f"name = '{candidate.model}'")
    return next((version for version in versions if version.tags.get(tags.BUNDLE) == digest), None)


def _register(client: MlflowClient, candidate: Candidate) -> ModelVersion:
    """Logs the served model with the seed's run and makes a version of it; tags lead both ways."""
    name, seed, result = candidate.model, candidate.seed, candidate.result
    info = log_model(candidate.run_id, name, result.facts["task"], seed.bundle)
    mine = {
        tags.BUNDLE: _digest(candidate),
        tags.SCORE: repr(candidate.score),
        tags.SIGNATURE: seed.signature,
        "unrolled.score_name": seed.run["score_name"],
        "unrolled.variant": seed.variant,
        "unrolled.seed": str(seed.seed),
    }
    try:
        client.create_registered_model(name)
    except MlflowException as error:
        if error.error_code != "RESOURCE_ALREADY_EXISTS":
            raise
    version = client.create_model_version(
        name,
        info.model_uri,
        run_id=candidate.run_id,
        tags=mine | tags.lineage(result),
        description=version_note(result, seed, name),
        model_id=info.model_id,
        await_creation_for=0,
    )
    client.set_tag(candidate.run_id, tags.MODEL_VERSION, f"{name}/{version.version}")
    return version


def _digest(candidate: Candidate) -> str:
    """As `Bundle.digest`: bundle.json holds the digest of every other file."""
    return sha256_of_file(candidate.seed.bundle / "bundle.json")


def download_bundle(uri: str) -> Path:
    """Folder of the bundle inside a registered or logged model (`models:/NAME@champion`, `runs:/ID/bundle`).

    Raises:
        UserError: no such model or run, or no bundle in it.
        One of `store.FAILURES`: the store is away.
    """
    try:
        folder = Path(mlflow.artifacts.download_artifacts(uri))
    except MlflowException as error:
        if error.error_code == "INTERNAL_ERROR":
            raise
        raise UserError(f"{uri}: {error.message}; `make ui` shows what there is") from None
    bundles = sorted(folder.rglob("bundle.json"))
    if not bundles:
        raise UserError(f"{uri}: holds no bundle; name a model that this project registered")
    return bundles[0].parent
