"""Reading bundles, digests checked."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safetensors.torch import load_file
from torch import nn

from pipeline.bundle.save import FORMAT, WEIGHTS, unique_weights
from pipeline.errors import UserError
from pipeline.files import read_json, sha256_of_file, sha256_of_json
from pipeline.text.tokenizer import Tokenizer


@dataclass(frozen=True)
class Bundle:
    """A network ready to answer (evaluation mode) with what it needs to read raw text.

    `description`: task, model and data parameters, vocabulary sizes, classes, experiment, variant, seed,
    run signature, validation score. `digest`: identifies the bundle's every byte.
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
    model, vocabulary = description["model"], description["vocabulary"]
    match description["task"]:
        case "classification":
            from pipeline.build.classifier import build_classifier

            return build_classifier(model, vocabulary=vocabulary["text"], classes=len(description["classes"]))
        case "translation":
            from pipeline.build.translator import build_translator

            return build_translator(
                model,
                source_vocabulary=vocabulary["source"],
                target_vocabulary=vocabulary["target"],
                joint_vocabulary=description["joint_vocabulary"],
            )
        case task:
            raise UserError(
                f"bundle: task {task!r} is unknown to this version; allowed: classification, translation"
            )
