"""The register stage: everything on disk about a profile, brought into MLflow."""

from collections.abc import Iterator
from pathlib import Path

from pipeline.config.schema.params import Params
from pipeline.tracking import store
from pipeline.tracking.ledger import NAME, log_ledger, read_ledger
from pipeline.tracking.registry import Candidate, best_candidates, promote
from pipeline.tracking.results import read_experiment
from pipeline.tracking.runs import mirror


def register(params: Params, files: Path, root: Path) -> Iterator[str]:
    """Mirrors every experiment of `params` and the claims, and registers the best models; yields a line for
    each.

    Args:
        files: where results/, models/, predictions/ and data/ lie.
        root: where a SQLite store and its artifacts lie; another folder under `dvc exp run --temp`.

    Raises:
        UserError: the store is away, or files are missing.
    """
    results = [read_experiment(files, params.profile, name) for name in params.experiments]
    rows, judged = read_ledger(files, params.profile)
    uri = params.execution.tracking_uri
    with store.answering("register", uri):
        client = store.connect(uri, root)
        candidates = []
        for result in results:
            experiment_id = store.open_experiment(client, params.profile, result.name, root)
            runs = mirror(client, experiment_id, result)
            useful = [seed for seed in result.seeds if seed.answers]
            candidates += [Candidate(result, seed, runs[seed.signature]) for seed in useful]
            yield f"{result.name}: {len(runs)} runs in MLflow's experiment {params.profile}/{result.name}"
        if rows:
            experiment_id = store.open_experiment(client, params.profile, NAME, root)
            anew = log_ledger(client, experiment_id, rows, judged, results)
            done = "a new run" if anew else "its run is there already"
            yield f"{len(rows)} claims: {done} in MLflow's experiment {params.profile}/{NAME}"
        for candidate in best_candidates(candidates):
            yield promote(client, candidate)
