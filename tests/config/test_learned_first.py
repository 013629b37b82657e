"""What an experiment learns first has to be in its dataset, whoever asks for it: the block or a variant."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from pipeline.config import parse
from pipeline.errors import UserError

EMBEDDED = Path(__file__).resolve().parents[2] / "params/embedded.yaml"


@pytest.fixture
def raw() -> dict[str, Any]:
    params: dict[str, Any] = yaml.safe_load(EMBEDDED.read_text(encoding="utf-8"))
    return params


def mistake(raw: dict[str, Any]) -> str:
    with pytest.raises(UserError) as caught:
        parse(raw)
    return str(caught.value)


PARENT = (
    "params: experiments.parent.data.parent: translation_en_fr has no parent language; "
    "set datasets.translation_en_fr.parent or leave it empty"
)


def test_a_parent_that_the_dataset_lacks_is_one_line(raw: dict[str, Any]) -> None:
    raw["experiments"]["parent"]["dataset"] = "translation_en_fr"
    assert mistake(raw) == PARENT


def test_so_is_one_that_only_a_variant_asks_for(raw: dict[str, Any]) -> None:
    experiment = raw["experiments"]["parent"]
    parent = experiment["data"].pop("parent")
    experiment["dataset"] = "translation_en_fr"
    experiment["grid"]["parent_500"]["data"]["parent"] = parent
    assert mistake(raw) == PARENT


@pytest.mark.parametrize("split", ["tests", "test", "validation"])
def test_what_is_read_first_is_training_or_unlabelled_text(raw: dict[str, Any], split: str) -> None:
    raw["experiments"]["transfer"]["data"]["reading"]["split"] = split
    assert mistake(raw) == (
        f"params: experiments.transfer.data.reading.split: '{split}' is not one of train, unsupervised"
    )
