"""Every parameter file is valid, complete, and survives `dvc exp run -S`."""

import itertools
import shutil
from pathlib import Path

import pytest
import yaml

from pipeline.config import load, variants

ROOT = Path(__file__).resolve().parents[2]
FILES = [ROOT / "params.yaml", *sorted((ROOT / "params").glob("*.yaml"))]
files = pytest.mark.parametrize("file", FILES, ids=lambda path: path.stem)


@files
def test_validates(file: Path) -> None:
    params = load(file)
    for name, experiment in params.experiments.items():
        assert list(variants(params, name)) == list(experiment.grid)


@files
def test_no_two_variants_are_the_same(file: Path) -> None:
    """Or a claim would compare a network with itself."""
    params = load(file)
    for name in params.experiments:
        for (one, left), (other, right) in itertools.combinations(variants(params, name).items(), 2):
            assert left != right, f"{name}: {one} and {other}"


@files
def test_who_learned_before_has_as_many_updates_on_the_same_examples(file: Path) -> None:
    """What is learned before is counted in `training.epochs`: cutting those cuts the examples' alone."""
    params = load(file)
    for name, before in {"transfer": "reading", "parent": "parent"}.items():
        if name not in params.experiments:
            continue
        epochs: dict[object, set[int]] = {}
        for variant in variants(params, name).values():
            settings = variant.model_dump()
            earlier = settings["data"].get(before) or {"epochs": 0}
            left = settings["training"]["epochs"] - earlier["epochs"]
            epochs.setdefault(tuple(settings["data"]["few"].items()), set()).add(left)
        assert {len(found) for found in epochs.values()} == {1}, f"{name}: {epochs}"


def test_profiles_do_not_share_a_name() -> None:
    profiles = [load(file).profile for file in FILES]
    assert len(set(profiles)) == len(profiles)


@files
def test_spells_every_setting_out(file: Path) -> None:
    """So a default changed in the code, or a new kind of experiment, reruns nothing by stealth."""
    raw = yaml.safe_load(file.read_text(encoding="utf-8"))
    assert raw == load(file).model_dump(exclude_unset=True)
    silent = set(leaves(load(file).model_dump())) - set(leaves(raw))
    assert not {path for path, value in silent if value is not None}


def leaves(value: object, path: str = "") -> list[tuple[str, object]]:
    if isinstance(value, dict) and value:
        return list(itertools.chain(*(leaves(inner, f"{path}.{key}") for key, inner in value.items())))
    return [(path, repr(value) if isinstance(value, list | dict) else value)]


@files
def test_is_block_style_and_narrow(file: Path) -> None:
    """`dvc exp run -S` writes the file anew: it folds long lines and forgets anchors."""
    text = file.read_text(encoding="utf-8")
    assert max(map(len, text.splitlines())) < 80
    assert not [token for token in yaml.scan(text) if isinstance(token, yaml.AnchorToken | yaml.AliasToken)]
    for event, following in itertools.pairwise(yaml.parse(text)):
        if getattr(event, "flow_style", False):
            assert isinstance(following, yaml.CollectionEndEvent), event  # lstm: {}, held_gates: []


@files
def test_survives_dvc_exp_run_s(file: Path, tmp_path: Path) -> None:
    from dvc.utils.hydra import apply_overrides

    copy = shutil.copy(file, tmp_path / "params.yaml")
    before = load(file)
    apply_overrides(copy, ["experiments.sentiment.model.hidden=17", "experiments.translation.seeds=7"])
    after = load(copy)
    assert after.experiments["sentiment"].model.hidden == 17
    assert after.experiments["translation"].seeds == 7
    apply_overrides(
        copy,
        [
            f"experiments.sentiment.model.hidden={before.experiments['sentiment'].model.hidden}",
            f"experiments.translation.seeds={before.experiments['translation'].seeds}",
        ],
    )
    assert load(copy) == before
    assert copy.read_text(encoding="utf-8") == file.read_text(encoding="utf-8")
