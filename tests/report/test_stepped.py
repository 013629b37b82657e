"""Gates over a sentence and a beam's tree: what is drawn of what the probes saw."""

from typing import Any

import pandas as pd
import pytest
import vl_convert

from pipeline.claims.rows import read_rows
from pipeline.errors import UserError
from pipeline.report.claims import claim_view
from pipeline.report.gate_charts import at_a_word, over_words
from pipeline.report.search_trees import by_step, laid_out, tree
from pipeline.report.stepped import Stepped, read_stepped

EVIL = "<script>alert('unsafe')</script>"


@pytest.fixture
def seen(pristine: Any) -> dict[str, Stepped]:
    return read_stepped(pristine.params, pristine.results)


@pytest.fixture
def nodes(pristine: Any) -> pd.DataFrame:
    rows = pd.read_csv(pristine.results / "probes/beam/translation/tree.csv")
    return rows[(rows["variant"] == "luong") & (rows["seed"] == 1)]


def values(spec: dict[str, Any]) -> list[dict[str, Any]]:
    """The chart's rows, which are packed as columns."""
    (columns,) = spec["data"]["values"]
    assert spec["transform"][0] == {"flatten": list(columns)}
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def test_pictures_are_read_by_kind_and_experiment(seen: dict[str, Stepped]) -> None:
    assert list(seen) == ["gates@filler", "beam@translation"]
    gates, beam = seen.values()
    assert gates.steps == ["the", "film", "was", "not", "bad"]
    assert [panel.name for panel in gates.panels] == ["rnn", "lstm"]
    assert gates.first == 1, "an LSTM has more gates to show"
    assert gates.panels[0].told[-1] == "positive 0.75"
    assert [panel.name for panel in beam.panels] == ["none", "luong"]
    assert len(beam.steps) == 3


def test_the_first_seed_is_drawn(seen: dict[str, Stepped], pristine: Any) -> None:
    rows = pd.read_csv(pristine.results / "probes/gates/filler/gates.csv")
    rows = rows[(rows["variant"] == "lstm") & (rows["seed"] == 0)]
    drawn = values(seen["gates@filler"].panels[1].plots[0].spec)
    assert [cell["median"] for cell in drawn] == pytest.approx(rows["median"].tolist(), abs=6e-4)


def test_a_gate_is_as_dark_as_it_is_open_and_a_state_as_its_units_are_apart() -> None:
    spread = {"low": -1.0, "high": 1.0, "layer": 1, "word": "a"}
    rows = pd.DataFrame(
        [
            spread | {"step": 1, "quantity": "forget gate", "q1": 0.1, "median": 0.2, "q3": 0.9},
            spread | {"step": 2, "quantity": "forget gate", "q1": 0.1, "median": 0.7, "q3": 0.9},
            spread | {"step": 1, "quantity": "c", "q1": -0.1, "median": 0.05, "q3": 0.1},
            spread | {"step": 2, "quantity": "c", "q1": -0.4, "median": 0.0, "q3": 0.4},
        ]
    )
    assert [cell["strength"] for cell in values(over_words(rows, "lstm"))] == [0.2, 0.7, 0.25, 1.0]


def test_a_state_that_never_moves_has_no_colour() -> None:
    still = {
        "layer": 1,
        "step": 1,
        "word": "a",
        "quantity": "h",
        **dict.fromkeys(["low", "q1", "median"], 0.0),
    }
    rows = pd.DataFrame([still | {"q3": 0.0, "high": 0.0}])
    assert [cell["strength"] for cell in values(over_words(rows, "rnn"))] == [0.0]


def test_rows_of_several_layers_say_which() -> None:
    row = {
        "step": 1,
        "word": "a",
        "quantity": "h",
        "low": -2.5,
        "q1": 0,
        "median": 0.1,
        "q3": 0.2,
        "high": 0.5,
    }
    rows = pd.DataFrame([row | {"layer": 1}, row | {"layer": 2}])
    assert [cell["quantity"] for cell in values(over_words(rows, "rnn"))] == ["h, layer 1", "h, layer 2"]
    assert at_a_word(rows, "rnn")["encoding"]["x"]["scale"]["domain"] == [-2.5, 1.0]


def test_words_stand_left_of_what_follows_and_the_likeliest_on_top(nodes: pd.DataFrame) -> None:
    placed = laid_out(nodes)
    assert placed["step"].max() == 3, "what came after the winner's end is left out"
    assert placed.loc[placed["step"] == 1, "y"].tolist() == [1, 2, 3]
    assert (placed.iloc[1:]["from_x"] < placed.iloc[1:]["x"]).all()
    assert placed.loc[8, ["from_x", "from_y"]].tolist() == placed.loc[5, ["x", "y"]].tolist()
    assert placed.loc[[0, 4, 7], "shown"].tolist() == ["start", "lampe", "⏎"]
    assert placed.loc[[0, 4, 7], "text"].tolist() == ["", "la lampe", "la lampe"]


def test_pieces_of_words_are_put_together() -> None:
    words = ["<s>", "▁la", "▁lam", "pe", ".", "</s>"]
    rows = pd.DataFrame(
        {
            "node": range(6),
            "parent": range(-1, 5),
            "step": range(6),
            "word": words,
            "log_probability": -0.1,
            "total": [-0.1 * step for step in range(6)],
            "score": None,
            "fate": "best",
        }
    )
    placed = laid_out(rows)
    assert placed["text"].tolist() == ["", "la", "la lam", "la lampe", "la lampe.", "la lampe."]
    assert placed["shown"].tolist() == ["start", "la", "lam", "·pe", ".", "⏎"]


def test_a_node_tells_what_leads_to_it_and_what_became_of_it(nodes: pd.DataFrame) -> None:
    drawn = {row["text"] + row["shown"]: row for row in values(tree(laid_out(nodes), "luong"))}
    assert drawn["la porte⏎"]["outcome"] == "finished, score -0.7"
    assert drawn["une" + "une"]["outcome"] == "kept"
    assert drawn["la lampe⏎"]["total"] == -1.0


def test_candidates_of_each_step_are_told_in_words(nodes: pd.DataFrame) -> None:
    first, second, third = by_step(laid_out(nodes))
    assert [(one.before, one.word, one.fate) for one in second] == [
        ("la", "lampe", "best"),
        ("la", "porte", "kept"),
        ("une", "⏎", "dropped"),
    ]
    assert [one.total for one in first] == [-0.5, -1.1, -3.0]
    assert len(third) == 3


def test_every_picture_is_a_chart(seen: dict[str, Stepped]) -> None:
    for one in seen.values():
        for panel in one.panels:
            for plot in panel.plots:
                assert "<svg" in vl_convert.vegalite_to_svg(plot.spec | {"width": 400})


def test_a_picture_that_was_not_drawn_says_how_and_no_claim_hangs_on_it(project: Any) -> None:
    (project.results / "probes/beam/translation/provenance.json").unlink()
    row = next(row for row in read_rows(project.results / "claims.json") if row.id == "beam-width")
    found = read_stepped(project.params, project.results)
    assert list(found) == ["gates@filler"]
    view = claim_view(row, project.params, found)
    assert (view.pictures, view.undrawn) == ([], ["beam@translation"])
    assert "dvc repro beam@translation &amp;&amp; dvc repro --single-item report" in project.page()


def test_a_table_without_its_columns_is_one_line(project: Any) -> None:
    path = project.results / "probes/gates/filler/answers.csv"
    path.write_text("variant,seed\nlstm,0\n")
    with pytest.raises(UserError, match=r"answers\.csv: lacks step, .*; run `dvc repro gates@filler`$"):
        project.page()
    path.unlink()
    with pytest.raises(UserError, match=r"answers\.csv: missing .*; run `dvc repro gates@filler`$"):
        project.page()


def test_words_of_a_network_are_escaped(pristine: Any) -> None:
    page = pristine.page()
    assert EVIL not in page
    assert page.count('<figure class="stepped">') == 2
