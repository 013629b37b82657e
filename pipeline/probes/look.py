"""One bundle that a probe looks into; pipeline/evaluation/pool.py does several side by side."""

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.bundle.load import load
from pipeline.data.store import PreparedDataset
from pipeline.errors import UserError
from pipeline.evaluation.tables import Tables


@dataclass(frozen=True)
class Look:
    """`module`: of pipeline.probes; `settings`: the probe's block in params."""

    module: str
    bundle: Path
    dataset: Path
    settings: Mapping[str, Any]


def look(what: Look) -> Tables:
    """The probe's tables of the bundle.

    Raises:
        UserError: names the bundle that can't be looked into.
    """
    dataset, module = PreparedDataset.open(what.dataset), importlib.import_module(what.module)
    try:
        tables: Tables = module.probe_bundle(load(what.bundle), dataset, what.settings)
    except UserError as error:
        raise UserError(f"{what.bundle}: {error}") from None
    return tables
