"""Bundles: what was saved answers again, and what was touched is refused."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from pipeline.build.classifier import build as build_classifier
from pipeline.build.translator import build as build_translator
from pipeline.bundle.load import load
from pipeline.bundle.save import save
from pipeline.config.schema.classification import ClassifierModel
from pipeline.config.schema.translation import TranslatorModel
from pipeline.errors import UserError
from pipeline.files import read_json, sha256_of_json, write_json
from pipeline.text.tokenizer import Tokenizer

TEXTS = ["one two three", "two three five", "seven eleven"]
WORDS = Tokenizer.train(TEXTS, kind="word", vocabulary=50, minimum_frequency=1, lowercase=True)
TOKENS = torch.tensor([[4, 5, 6, 7, 8], [9, 4, 0, 0, 0], [5, 5, 5, 0, 0]])
LENGTHS = torch.tensor([5, 2, 3])

Saved = tuple[nn.Module, dict[str, Any]]


def classifier(folder: Path, **changes: Any) -> Saved:
    """Saves a classifier with weights of its own into `folder`."""
    model = (
        ClassifierModel(embedding=5, hidden=7, layers=2, bidirectional=True, dropout=0.5).model_dump()
        | changes
    )
    description = {
        "task": "classification",
        "architecture": "classifier",
        "classes": ["bad", "fair", "good"],
        "model": model,
        "vocabulary": {"text": WORDS.size},
    }
    torch.manual_seed(3)
    network = build_classifier(model, description)
    save(folder, network, {"text": WORDS}, description)
    return network.eval(), description


def translator(folder: Path, **changes: Any) -> Saved:
    model = TranslatorModel(embedding=6, hidden=10, dropout=0.5).model_dump() | changes
    description = {
        "task": "translation",
        "architecture": "translator",
        "model": model,
        "vocabulary": {"source": WORDS.size, "target": WORDS.size},
        "joint_vocabulary": True,
    }
    torch.manual_seed(5)
    network = build_translator(model, description)
    save(folder, network, {"source": WORDS, "target": WORDS}, description)
    return network.eval(), description


def answer(network: Any) -> Tensor:
    with torch.no_grad():
        if hasattr(network, "loss"):
            target = torch.tensor([[2, 4, 5, 3, 0], [2, 6, 7, 8, 3], [2, 9, 3, 0, 0]])
            total = network.loss(TOKENS, LENGTHS, target, torch.tensor([4, 5, 3])).total
            assert isinstance(total, Tensor)
            return total
        logits = network(TOKENS, LENGTHS)
        assert isinstance(logits, Tensor)
        return logits


@pytest.mark.parametrize("make", [classifier, translator])
def test_what_was_saved_answers_again(tmp_path: Path, make: Callable[..., Saved]) -> None:
    network, description = make(tmp_path / "bundle")
    bundle = load(tmp_path / "bundle")
    assert not bundle.network.training
    assert torch.equal(answer(bundle.network), answer(network))
    assert bundle.description == description
    assert bundle.task == description["task"]
    assert set(bundle.tokenizers) == set(description["vocabulary"])
    for tokenizer in bundle.tokenizers.values():
        assert tokenizer.encode("three two") == WORDS.encode("three two")


def test_tied_embeddings_too_give_equal_bytes(tmp_path: Path) -> None:
    for copy in range(8):
        translator(tmp_path / str(copy), tied_embeddings=True)
    assert len({load(tmp_path / str(copy)).digest for copy in range(8)}) == 1


def test_tied_embeddings_are_one_matrix_again(tmp_path: Path) -> None:
    network, _ = translator(tmp_path / "bundle", tied_embeddings=True)
    loaded: Any = load(tmp_path / "bundle").network
    assert loaded.writer.output.weight is loaded.writer.embedding.weight is loaded.embedding.weight
    assert torch.equal(answer(loaded), answer(network))
    untied, _ = translator(tmp_path / "untied")
    one, three = (sum(p.numel() for p in each.parameters()) for each in (loaded, untied))
    assert three > one


@pytest.mark.parametrize("make", [classifier, translator])
def test_equal_content_gives_an_equal_digest(tmp_path: Path, make: Callable[..., Saved]) -> None:
    for name in ("one", "two"):
        make(tmp_path / name)
    make(tmp_path / "three", layers=3)
    digests = [load(tmp_path / name).digest for name in ("one", "two", "three")]
    assert digests[0] == digests[1] != digests[2]


@pytest.mark.parametrize("name", ["weights.safetensors", "text.tokenizer.json"])
def test_an_altered_file_is_refused(tmp_path: Path, name: str) -> None:
    classifier(tmp_path / "bundle")
    path = tmp_path / "bundle" / name
    content = bytearray(path.read_bytes())
    content[-7] ^= 1
    path.write_bytes(bytes(content))
    with pytest.raises(
        UserError, match=rf"{name}: was altered \(its digest is not the one in bundle.json\); rest"
    ):
        load(tmp_path / "bundle")


def test_another_models_tokenizer_is_refused(tmp_path: Path) -> None:
    classifier(tmp_path / "bundle")
    other = Tokenizer.train(["other words"], kind="word", vocabulary=50, minimum_frequency=1, lowercase=True)
    (tmp_path / "bundle" / "text.tokenizer.json").write_text(other.to_json(), encoding="utf-8")
    with pytest.raises(UserError, match=r"text.tokenizer.json: was altered"):
        load(tmp_path / "bundle")


@pytest.mark.parametrize("name", ["weights.safetensors", "source.tokenizer.json"])
def test_a_missing_file_is_named(tmp_path: Path, name: str) -> None:
    translator(tmp_path / "bundle")
    (tmp_path / "bundle" / name).unlink()
    with pytest.raises(UserError, match=f"{name}: is missing from the bundle; copy the whole folder again"):
        load(tmp_path / "bundle")


def test_a_folder_that_is_no_bundle(tmp_path: Path) -> None:
    with pytest.raises(
        UserError, match=r"no bundle \(bundle.json is missing\); name a folder that training wrote"
    ):
        load(tmp_path)


def edited(folder: Path, **changes: Any) -> None:
    content = read_json(folder / "bundle.json") | changes
    del content["digest"]
    write_json(folder / "bundle.json", content | {"digest": sha256_of_json(content)})


def test_swapped_class_names_are_refused(tmp_path: Path) -> None:
    classifier(tmp_path / "bundle")
    path = tmp_path / "bundle" / "bundle.json"
    path.write_text(path.read_text(encoding="utf-8").replace("bad", "good", 1), encoding="utf-8")
    with pytest.raises(UserError, match=r"bundle.json: was altered \(its digest is not the one it states\)"):
        load(tmp_path / "bundle")


def test_another_format_is_refused(tmp_path: Path) -> None:
    classifier(tmp_path / "bundle")
    edited(tmp_path / "bundle", format=7)
    with pytest.raises(UserError, match=r"bundle.json: format 7, this version reads 3; train it again"):
        load(tmp_path / "bundle")


def test_an_unknown_architecture_is_refused(tmp_path: Path) -> None:
    _, description = classifier(tmp_path / "bundle")
    edited(tmp_path / "bundle", description=description | {"architecture": "oracle"})
    with pytest.raises(
        UserError, match="architecture 'oracle' is unknown to this version; allowed: captioner, classifier, "
    ):
        load(tmp_path / "bundle")


def test_a_description_that_is_no_json_is_refused(tmp_path: Path) -> None:
    classifier(tmp_path / "bundle")
    (tmp_path / "bundle" / "bundle.json").write_text('{"format": 2,', encoding="utf-8")
    with pytest.raises(UserError, match=r"bundle.json: not readable"):
        load(tmp_path / "bundle")


def test_a_description_that_does_not_fit_the_weights_is_refused(tmp_path: Path) -> None:
    _, description = classifier(tmp_path / "bundle")
    changed = description | {"model": description["model"] | {"hidden": 11}}
    edited(tmp_path / "bundle", description=changed)
    with pytest.raises(UserError, match=r"bundle.json: does not fit weights.safetensors; restore it"):
        load(tmp_path / "bundle")
