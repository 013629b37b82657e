"""Which stages one claim needs."""

from pathlib import Path

import pytest

from pipeline.claims.sections import SECTIONS
from pipeline.cli.one_claim import needed
from pipeline.config import load
from pipeline.errors import UserError

ROOT = Path(__file__).resolve().parents[2]
PARAMS = load(ROOT / "params/embedded.yaml")
REAL_ONLY = {"dropout_language"}
"""Experiments that the demo has no time for."""


def test_a_claim_needs_its_experiments_and_probes() -> None:
    assert needed("memory", PARAMS) == ["check", "evaluate@recall", "evaluate@filler"]
    assert needed("vanishing-gradient", PARAMS) == [
        "check",
        "evaluate@vanishing",
        "gradient_flow@vanishing",
        "bag@vanishing",
    ]
    assert needed("limits-sequential", PARAMS) == ["check", "timing"]
    assert needed("exploding-gradient", PARAMS) == ["check", "divergence"]


def test_a_claims_pictures_are_drawn_too() -> None:
    assert needed("beam-width", PARAMS) == ["check", "evaluate@translation", "beam@translation"]


def test_a_claim_that_mathematics_decides_needs_the_checks_alone() -> None:
    assert needed("bleu-clipping", PARAMS) == ["check"]


def test_a_misspelt_claim_gets_the_nearest_name() -> None:
    with pytest.raises(UserError, match="did you mean bleu-clipping"):
        needed("bleu-cliping", PARAMS)


def test_a_claim_without_embedded_experiments_says_so() -> None:
    kept = {name: value for name, value in PARAMS.experiments.items() if name not in ("recall", "filler")}
    without = PARAMS.model_copy(update={"experiments": kept})
    with pytest.raises(UserError, match="real text only"):
        needed("memory", without)


def test_every_claim_is_known() -> None:
    asked = {
        experiment for section in SECTIONS for claim in section.claims for experiment in claim.experiments
    }
    assert asked - set(PARAMS.experiments) == REAL_ONLY
    assert asked <= set(load(ROOT / "params.yaml").experiments)


def test_a_claim_needs_those_of_its_experiments_that_are_there() -> None:
    assert needed("dropout", PARAMS) == ["check", "evaluate@language", "evaluate@dropout_recall"]


def test_every_probe_of_a_claim_is_known() -> None:
    asked = {
        probe
        for section in SECTIONS
        for claim in section.claims
        for probe in (*claim.probes, *claim.pictures)
    }
    assert asked == set(PARAMS.looks)
