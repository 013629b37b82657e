"""Exponents of times that are made up, the shapes that are timed, and the files of a small run."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

from pipeline.config import load
from pipeline.errors import UserError
from pipeline.files import read_json
from pipeline.nn.budget import count_parameters
from pipeline.probes.convolution import Convolution
from pipeline.probes.timing import (
    Shape,
    device_of,
    exponents,
    measure,
    networks,
    random_texts,
    shapes,
    times,
)

SETTINGS = {"batches": [1, 3], "lengths": [5, 7, 11], "vocabulary": 13, "repeats": 2}


def made_up(steps: float, batch: float, noise: float = 0.0) -> pd.DataFrame:
    """Seconds that grow by known powers; those of uneven shapes are absurd."""
    rng = np.random.default_rng(0)
    return pd.DataFrame(
        [
            {
                "network": network,
                **shape._asdict(),
                "repeat": repeat,
                "seconds": scale
                * (shape.source + shape.target) ** steps
                * shape.batch**batch
                * np.exp(rng.normal(0, noise))
                if shape.source == shape.target
                else 1e9,
            }
            for network, scale in (("none", 0.003), ("luong", 0.5))
            for repeat in range(2)
            for shape in shapes(SETTINGS)
        ]
    )


def test_the_fit_finds_known_exponents() -> None:
    found = exponents(made_up(0.9, 0.3))
    assert found[["network", "repeat", "of"]].values.tolist() == [
        [network, repeat, of]
        for network in ("none", "luong")
        for repeat in (0, 1)
        for of in ("steps", "batch")
    ]
    assert found.loc[found["of"] == "steps", "exponent"].tolist() == pytest.approx([0.9] * 4)
    assert found.loc[found["of"] == "batch", "exponent"].tolist() == pytest.approx([0.3] * 4)


def test_repeats_differ_by_their_noise_alone() -> None:
    found = exponents(made_up(1.1, 0.7, noise=0.05))
    steps, batch = (found.loc[found["of"] == of, "exponent"] for of in ("steps", "batch"))
    assert (steps - 1.1).abs().max() < 0.2
    assert (batch - 0.7).abs().max() < 0.2
    assert steps.nunique() == batch.nunique() == 4


def test_all_batches_have_all_lengths_and_long_targets_all_sources() -> None:
    assert shapes(SETTINGS) == [
        *(Shape(batch, length, length) for batch in (1, 3) for length in (5, 7, 11)),
        Shape(3, 5, 11),
        Shape(3, 7, 11),
    ]


def test_texts_have_the_shape_and_no_padding() -> None:
    texts = random_texts(Shape(3, 5, 11), 13, torch.device("cpu"))
    assert texts.source.shape == (3, 5)
    assert texts.target.shape == (3, 12)
    assert texts.source_lengths.tolist() == [5] * 3
    assert texts.target_lengths.tolist() == [12] * 3
    for words in (texts.source, texts.target):
        assert words.min() > 3
        assert words.max() < 13


def test_the_convolution_is_as_large_as_the_encoder_decoder() -> None:
    found = networks(128, 1000)
    assert count_parameters(found["convolution"]) == pytest.approx(count_parameters(found["luong"]), rel=0.05)


def test_the_convolution_sees_nothing_that_comes_later() -> None:
    torch.manual_seed(0)
    network = Convolution(vocabulary=13, hidden=7, layers=2)
    words = torch.randn(3, 7, 11)
    later = words.clone()
    later[:, :, 6] += 1
    changed = (network.layers(words) != network.layers(later)).any(1).any(0)
    # Two layers that see three words each reach over five.
    assert changed.nonzero().flatten().tolist() == [6, 7, 8, 9, 10]


def test_its_loss_is_of_the_words_that_follow() -> None:
    torch.manual_seed(0)
    network = Convolution(vocabulary=13, hidden=7, layers=2)
    texts = random_texts(Shape(3, 5, 11), 13, torch.device("cpu"))
    found = network.loss(*texts)
    words = torch.cat([network.source(texts.source), network.target(texts.target[:, :-1])], 1)
    logits = network.output(network.layers(words.transpose(1, 2)).transpose(1, 2)[:, 5:])
    expected = -logits.log_softmax(-1).gather(2, texts.target[:, 1:, None]).sum()
    torch.testing.assert_close(found.total, expected)
    assert found.tokens == 33


def test_every_repeat_times_every_shape_in_an_order_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, Shape]] = []
    names = {}

    def seconds(network: Any, texts: Any, device: torch.device) -> float:
        source, target = texts.source.shape, texts.target.shape
        asked.append((names[network], Shape(source[0], source[1], target[1] - 1)))
        return float(len(asked))

    monkeypatch.setattr("pipeline.probes.timing.seconds", seconds)
    found = networks(4, 13)
    names.update({network: name for name, network in found.items()})
    table = times(found, shapes(SETTINGS), SETTINGS, torch.device("cpu"))
    cells = [(name, shape) for name in found for shape in shapes(SETTINGS)]
    assert asked[: len(cells)] == cells
    first, second = asked[len(cells) :][: 3 * len(cells)], asked[len(cells) :][3 * len(cells) :]
    assert sorted(first) == sorted(second) == sorted(3 * cells)
    assert first != second
    assert first[::3] == first[1::3] == first[2::3]
    # The median is the middle one of three calls.
    row = table.iloc[0]
    assert (row["network"], row["repeat"]) == ("none", 0)
    place = len(cells) + first.index(("none", shapes(SETTINGS)[0]))
    assert row["seconds"] == place + 2
    assert len(table) == 2 * len(cells)


def test_files_of_a_small_run(root: Path, tmp_path: Path) -> None:
    told: list[str] = []
    measure(load(root / "params/smoke.yaml"), tmp_path, tell=told.append)
    assert told[0].startswith("timing: 64 times of 4 networks on cpu in ")
    table = pd.read_csv(tmp_path / "times.csv")
    assert list(table) == ["network", "batch", "source", "target", "repeat", "seconds"]
    assert (table["seconds"] > 0).all()
    fitted = pd.read_csv(tmp_path / "exponents.csv")
    assert list(fitted) == ["network", "repeat", "of", "exponent"]
    assert len(fitted) == 16
    (facts,) = read_json(tmp_path / "provenance.json")
    assert facts["settings"]["lengths"] == [4, 8, 16]
    assert facts["device"] == "cpu"
    assert list(facts["parameters"]) == ["bahdanau", "convolution", "luong", "none"]


def test_a_gpu_that_is_not_there_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert device_of("auto") == device_of("cpu") == torch.device("cpu")
    with pytest.raises(UserError, match=r"^trainer\.accelerator: gpu; torch finds none here"):
        device_of("gpu")
