"""Reading bundles, digests checked."""

import importlib
import pkgutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safetensors.torch import load_file
from torch import nn

from pipeline import build
from pipeline.bundle.save import FORMAT, WEIGHTS, unique_weights
from pipeline.errors import UserError
from pipeline.files import read_json, sha256_of_file, sha256_of_json
from pipeline.text.tokenizer import Tokenizer


@dataclass(frozen=True)
class Bundle:
    """A network ready to answer (evaluation mode) with what it needs to read raw text.

    `description`: task, architecture, model and data parameters, seed, run signature, validation score, and
    the dataset's facts (kind, columns, vocabulary sizes, classes …). `digest`: identifies the bundle's every
    byte.
    """

    task: str
    network: nn.Module
    tokenizers: dict[str, Tokenizer]
    description: dict[str, Any]
    digest: str


def load(folder: Path) -> Bundle:
    """Reads a bundle whose every file has the digest that bundle.json states.

    Raises:
        UserError: no bundle there, another format, a file missing, altered or not fitting the others.
    """
    path = folder / "bundle.json"
    if not path.exists():
        raise UserError(f"{folder}: no bundle (bundle.json is missing); name a folder that training wrote")
    try:
        content = read_json(path)
    except ValueError as error:
        raise UserError(f"{path}: not readable ({error}); restore it") from None
    if content.get("format") != FORMAT:
        raise UserError(
            f"{path}: format {content.get('format')!r}, this version reads {FORMAT}; train it again"
        )
    stated = content.pop("digest", None)
    if sha256_of_json(content) != stated:
        raise UserError(f"{path}: was altered (its digest is not the one it states); restore it")
    for name, digest in content["files"].items():
        if not (folder / name).exists():
            raise UserError(f"{folder / name}: is missing from the bundle; copy the whole folder again")
        if sha256_of_file(folder / name) != digest:
            raise UserError(
                f"{folder / name}: was altered (its digest is not the one in bundle.json); restore it"
            )
    description = content["description"]
    network = _build(description)
    weights = load_file(folder / WEIGHTS)
    try:
        if set(weights) != set(unique_weights(network)):
            raise RuntimeError("other names")
        network.load_state_dict(weights, strict=False)
    except RuntimeError:
        raise UserError(f"{path}: does not fit {WEIGHTS}; restore it") from None
    columns = [name.removesuffix(".tokenizer.json") for name in content["files"] if name != WEIGHTS]
    tokenizers = {
        column: Tokenizer.from_json((folder / f"{column}.tokenizer.json").read_text(encoding="utf-8"))
        for column in columns
    }
    return Bundle(description["task"], network.eval(), tokenizers, description, sha256_of_file(path))


def _build(description: dict[str, Any]) -> nn.Module:
    # By name, so that no task's code is another's: see pipeline/evaluation/unit.py.
    known = sorted(module.name for module in pkgutil.iter_modules(build.__path__))
    architecture = description["architecture"]
    if architecture not in known:
        raise UserError(
            f"bundle: architecture {architecture!r} is unknown to this version; allowed: {', '.join(known)}"
        )
    module = importlib.import_module(f"pipeline.build.{architecture}")
    network: nn.Module = module.build(description["model"], description)
    return network
