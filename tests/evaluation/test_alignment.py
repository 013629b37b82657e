"""Where a translator looks while it reads a reference: one whose looks are planted."""

from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
import torch
from torch import nn

from pipeline.evaluation.alignment import alignment_table
from pipeline.text.tokenizer import Tokenizer

SOURCE = "turn off the lights"
ROW = {
    "source": SOURCE,
    "references": ["lights off turn", "off turn lights"],
    "links": ["3-0 1-1 0-2", "1-0 0-1 3-2"],
}


class Planted(nn.Module):
    """Looks at the source word of the target word that it is about to be given, or spreads evenly."""

    def __init__(self, places: list[list[int]] | None) -> None:
        super().__init__()
        self.unused = nn.Parameter(torch.zeros(1))
        self.places = places

    def init_state(self, source: torch.Tensor, lengths: torch.Tensor) -> tuple[int, torch.Size]:
        return 0, source.shape

    def step(self, tokens: torch.Tensor, state: tuple[int, torch.Size]) -> tuple[Any, Any, torch.Tensor]:
        place, shape = state
        weights = torch.full(shape, 1 / shape[1])
        if self.places is not None:
            weights = torch.zeros(shape)
            for row, places in enumerate(self.places):
                weights[row, places[place]] = 1.0
        return None, (place + 1, shape), weights


def table(places: list[list[int]] | None, attention: str = "luong") -> pd.DataFrame | None:
    tokenizer = Tokenizer.train([SOURCE], kind="word", vocabulary=20, minimum_frequency=1, lowercase=True)
    bundle: Any = SimpleNamespace(
        network=Planted(places),
        tokenizers={"source": tokenizer, "target": tokenizer},
        description={"model": {"attention": attention}},
    )
    dataset: Any = SimpleNamespace(split=lambda _: SimpleNamespace(rows=lambda: pd.DataFrame([ROW])))
    return alignment_table(bundle, dataset, "test")


def test_planted_looks_have_no_error_in_the_order_that_they_follow() -> None:
    found = table([[3, 1, 0]]).set_index("order")
    assert found.loc[0, "aer_reordered"] == 0
    assert found.loc[0, "covered"] == 0
    # The second reference says the same in another order; these looks don't follow it: none is right.
    assert found.loc[1, "aer"] == pytest.approx(1)


def test_even_looks_keep_an_even_share_on_covered_words() -> None:
    found = table(None).set_index("order")
    assert found.loc[0, "covered"] == pytest.approx(1)
    assert found.loc[0, "entropy"] == pytest.approx(2)
    assert found["pairs"].tolist() == [1, 1]


def test_without_attention_there_is_nothing_to_see() -> None:
    assert table([[3, 1, 0]], attention="none") is None
