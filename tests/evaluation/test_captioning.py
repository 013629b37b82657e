"""Captions of whole splits: tables that follow from what is kept, and baselines that are as good as they can
be."""

import io

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from pipeline.data.pictures import Pictures
from pipeline.data.store import PreparedDataset
from pipeline.evaluation import caption_baselines, captioning
from pipeline.evaluation.experiment import evaluate
from pipeline.evaluation.predict.captions import caption
from pipeline.metrics.captioning import cider
from pipeline.metrics.translation import bleu
from pipeline.report.load import TABLES

DECODING = {"beam": 3, "n_best": 2, "length_normalisation": 1.0, "longest": 5, "batch_pictures": 7}
ROWS = {"test": 23, "other": 5, "validation": 17}


@pytest.fixture(scope="module")
def shades(prepared) -> PreparedDataset:
    return prepared.dataset("shade")


@pytest.fixture(scope="module")
def tables(prepared, shades) -> dict[str, pd.DataFrame]:
    return captioning.evaluate_bundle(prepared.bundle("shade", "luong"), shades, DECODING)


def test_an_experiment_writes_its_tables(project) -> None:
    evaluate(project.params, "shade", project.places("shade"), tell=lambda _: None)
    folder = project.places("shade").results
    paths = {path.relative_to(folder).with_suffix("").as_posix(): path for path in folder.rglob("*.csv")}
    found = {name: list(pd.read_csv(path)) for name, path in paths.items()}
    assert found.pop("tables/paired") == ["split", "metric", "a", "b", "difference", "error", "items"]
    assert found == TABLES["captioning"]
    scores = pd.read_csv(folder / "scores.csv").set_index(["variant", "split", "metric"])
    assert set(scores.index.get_level_values(0)) == {"state", "luong", "common_caption", "nearest_picture"}
    # It looks nowhere, and has searched nothing.
    looks = pd.read_parquet(project.places("shade").predictions / "looks.parquet")
    assert set(looks["variant"]) == {"luong"}
    predictions = pd.read_parquet(project.places("shade").predictions / "predictions.parquet")
    searched = predictions.groupby("variant")["greedy"].apply(lambda texts: texts.notna().all())
    assert searched.to_dict() == {"common_caption": False, "luong": True, "nearest_picture": False} | {
        "state": True
    }


def test_scores_are_of_the_captions_kept(tables) -> None:
    scores = tables["scores"].set_index(["split", "metric"])["value"]
    for split, own in tables["predictions"].groupby("split"):
        assert own["row"].tolist() == list(range(ROWS[split]))
        references = [list(each) for each in own["references"]]
        for column, suffix in (("hypothesis", ""), ("greedy", "_greedy")):
            texts = own[column].tolist()
            found = (
                cider(texts, references, lowercase=True).value,
                bleu(texts, references, lowercase=True).value,
            )
            assert (scores[split, f"cider{suffix}"], scores[split, f"bleu{suffix}"]) == found
        assert [several[0] for several in own["n_best"]] == own["hypothesis"].tolist()
    words = tables["words"]
    assert set(words["word"]) == {"dark", "grey", "light"}


def test_batches_of_pictures_change_no_caption(prepared, shades) -> None:
    bundle, images = prepared.bundle("shade", "luong"), Pictures.read(shades, "test").images
    one = caption(bundle, images, **DECODING)
    other = caption(bundle, images, **DECODING | {"batch_pictures": 4})
    for ranked, again in zip(one, other, strict=True):
        assert [each.tokens for each in ranked] == [each.tokens for each in again]
        assert [each.score for each in ranked] == pytest.approx([each.score for each in again], abs=1e-5)


def test_a_look_has_a_weight_for_each_place_and_word(tables) -> None:
    kept, looks = tables["pictures"], tables["looks"]
    assert set(kept["split"]) == {"test"}
    assert kept["row"].tolist() == looks["row"].tolist() == [0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22]
    for _, look in looks.iterrows():
        assert (look["rows"], look["columns"]) == (2, 2)
        weights = np.reshape(look["weights"], (-1, 4))
        assert len(weights) >= len(look["tokens"])
        np.testing.assert_allclose(weights.sum(1), 1, rtol=1e-5)
    with Image.open(io.BytesIO(kept["picture"][0])) as image:
        assert image.size == (8, 8)


def test_the_nearest_picture_has_the_caption(shades) -> None:
    """All shades of the tests lie near one of training: a neighbour's caption is nearly always right."""
    found = captioning.evaluate_baseline("nearest_picture", shades, DECODING)
    own = found["predictions"].query("split == 'test'")
    right = [
        text in references for text, references in zip(own["hypothesis"], own["references"], strict=True)
    ]
    assert np.mean(right) > 0.9
    assert not {"pictures", "looks"} & set(found)


def test_the_common_caption_is_of_training_alone(shades) -> None:
    found = captioning.evaluate_baseline("common_caption", shades, DECODING)
    (text,) = set(found["predictions"]["hypothesis"])
    rows = shades.split("train").rows()["references"]
    counts = pd.Series([caption for own in rows for caption in own]).value_counts()
    assert counts[text] == counts.max()
    scores = found["scores"].set_index(["split", "metric"])["value"]
    assert scores["test", "distinct"] == 0


def test_the_central_caption_agrees_most_with_the_others() -> None:
    captions = ["a man eats", "a dog runs on the grass", "a dog runs on grass", "my dog runs on grass"]
    assert caption_baselines.central(captions, lowercase=True) == "a dog runs on grass"
    assert caption_baselines.central(["A", "B"], lowercase=True) == "A"
    assert caption_baselines.central(["alone"], lowercase=True) == "alone"


def test_looks_are_those_of_each_picture_alone() -> None:
    """Shares of colours and means of tiles, of sides that 8 does not divide."""
    pictures = np.random.default_rng(3).integers(256, size=(5, 11, 11, 3), dtype=np.uint8)
    histograms, _ = caption_baselines.looks(pictures)
    np.testing.assert_allclose((histograms**2).sum(1), 1, rtol=1e-5)
    for picture, histogram in zip(pictures, histograms, strict=True):
        red, green, blue = (picture // 64).reshape(-1, 3).T
        share = np.mean((red == 1) & (green == 2) & (blue == 3))
        assert histogram[16 * 1 + 4 * 2 + 3] ** 2 == pytest.approx(share, abs=1e-6)
    plain = np.full((1, 11, 11, 3), 77, dtype=np.uint8)
    np.testing.assert_allclose(caption_baselines.looks(plain)[1], 77)
