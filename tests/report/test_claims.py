"""The ledger on the page: what decided, what each claim shows, and what is drawn."""

import json
import re
from html import unescape
from pathlib import Path
from typing import Any

import pytest
import vl_convert

from pipeline.claims.rows import ClaimRow, ComparisonRow, FigureRow, LineRow, read_rows
from pipeline.config.schema.probes import Probes
from pipeline.errors import UserError
from pipeline.report.claim_charts import forest, lines
from pipeline.report.claims import claim_view, data_of, decided_by, in_brief, interval, rerun, signed

EVIL = "<script>alert('unsafe')</script>"


@pytest.fixture(scope="module")
def page(pristine: Any) -> str:
    return str(pristine.page())


@pytest.fixture(scope="module")
def rows(pristine: Any) -> dict[str, ClaimRow]:
    return {row.id: row for row in read_rows(pristine.results / "claims.json")}


def place_of(page: str, name: str) -> str:
    """A claim's own part, as text on one line; with its tags where `name` ends in them."""
    start = page.index(f'id="claim-{name}"')
    end = min(
        found
        for mark in ("</details>\n  <", 'class="claim', "</section>")
        if (found := page.find(mark, start)) > 0
    )
    return " ".join(
        unescape(re.sub(r"<script.*?</script>|<[^>]+>", " ", page[start:end], flags=re.S)).split()
    )


def comparison(value: float, half: float = 1.0, **more: Any) -> ComparisonRow:
    low, high = value - half, value + half
    side = "above" if low > 0 else "below" if high < 0 else "unclear"
    facts = {"label": f"at {value}", "unit": "points", "low": low, "high": high, "above": 0.0, "below": 0.0}
    return ComparisonRow.model_validate(facts | {"value": value, "side": side, "seeds": (3, 3)} | more)


def test_the_ledger_stands_before_the_experiments_with_every_claim(
    page: str, rows: dict[str, ClaimRow]
) -> None:
    assert page.index('<section id="claims">') < page.index('<section id="experiments">')
    table = page[
        page.index('<table class="ledger"') : page.index("</table>", page.index('<table class="ledger"'))
    ]
    found = re.findall(r'<tr role="row" data-section="([^"]*)" data-verdict="([^"]*)"( data-red)?>', table)
    wanted = [(row.section, row.verdict.value, row.red) for row in rows.values()]
    assert [(unescape(section), verdict, bool(red)) for section, verdict, red in found] == wanted
    links = re.findall(r'<a href="#(claim-[^"]+)">', table)
    assert links == [f"claim-{name}" for name in rows]
    assert all(page.count(f'id="{link}"') == 1 for link in links)


def test_the_made_up_ledger_has_every_verdict_and_the_page_counts_them(
    page: str, rows: dict[str, ClaimRow]
) -> None:
    counts = {
        name: int(count)
        for count, name in re.findall(
            r"<li data-verdict=\"[^\"]+\"><strong>(\d+)</strong> ([a-z ]+)</li>", page
        )
    }
    told = [row.verdict.value for row in rows.values()]
    assert counts == {
        name: told.count(name) for name in ("holds", "refuted", "depends", "inconclusive", "not run")
    }
    assert all(counts.values())


def test_a_claim_tells_numbers_corpus_literature_and_commands(page: str) -> None:
    text = place_of(page, "many-to-one-sentiment")
    assert "Of 6 comparisons: 3 surely above, 1 surely below, 2 not told." in text
    assert "real corpus imdb: sentiment , 3 seeds, 17.3 min" in text
    assert "Wang & Manning 2012" in text
    assert "dvc repro evaluate@sentiment && dvc repro --single-item judge report" in text
    assert "now 7 dvc exp run -S experiments.sentiment.training.epochs=…" in text
    assert "lstm against nbsvm (sentiment)" in text


def test_embedded_corpora_are_named_so_in_table_and_claim(page: str) -> None:
    assert "embedded corpus translation: recall" in place_of(page, "memory")
    row = re.search(r'href="#claim-memory".*?</tr>', page, re.S)
    assert row
    assert '<td role="cell">embedded</td>' in row[0]
    assert '<td role="cell">mathematics</td>' in page


def test_a_claim_of_times_says_that_it_needs_a_clock(rows: dict[str, ClaimRow]) -> None:
    proved, compared = rows["intro-recurrent-layer"], rows["many-to-one-sentiment"].comparisons
    assert data_of(proved) == "mathematics"
    timed = proved.model_copy(update={"probes": ("timing",), "comparisons": compared})
    assert data_of(timed) == "mathematics and time"
    assert data_of(timed.model_copy(update={"checks": ()})) == "time"
    assert data_of(proved.model_copy(update={"checks": ()})) == ""


def test_a_claim_of_trainings_on_drawn_rows_says_so(rows: dict[str, ClaimRow]) -> None:
    proved, compared = rows["intro-recurrent-layer"], rows["many-to-one-sentiment"].comparisons
    trained = proved.model_copy(update={"probes": ("divergence",)})
    assert data_of(trained) == "mathematics"
    assert data_of(trained.model_copy(update={"comparisons": compared})) == "mathematics and embedded"


def test_what_would_decide_an_undecided_claim_is_told_once_per_need(page: str) -> None:
    text = place_of(page, "many-to-one-rating")
    assert text.count("about 116 seeds") == 1
    assert "about 116 seeds for regression against mean (stars), regression against ridge (stars)" in text


def test_a_failed_property_is_marked_and_its_words_are_escaped(page: str) -> None:
    text = place_of(page, "bleu-formula")
    assert f"the notes' score of {EVIL} 2.718 at most 1 ✗ no" in text
    assert "0 of 1 properties hold" in text
    assert EVIL not in page


def test_a_property_that_the_data_do_not_tell_is_no_failure(project: Any) -> None:
    path = project.results / "claims.json"
    rows = json.loads(path.read_text(encoding="utf-8"))
    claim = next(row for row in rows if row["id"] == "bleu-formula")
    told = {"name": "peaks lower", "found": "in 1 of 2 seeds", "expected": "in all", "passed": None}
    claim |= {"verdict": "inconclusive", "checks": [told], "needs": "peaks lower: more seeds"}
    path.write_text(json.dumps(rows), encoding="utf-8")
    text = place_of(project.page(), "bleu-formula")
    assert "peaks lower in 1 of 2 seeds in all not told" in text
    assert "properties hold" not in text
    assert "more seeds for peaks lower" in text
    assert "✗" not in text


def test_a_claim_that_was_not_run_says_why_in_a_line(page: str) -> None:
    text = place_of(page, "attention-long")
    assert "attention-long Not run: experiment joined was not run. Not in the parameter file: joined." in text
    assert "Literature" not in text
    assert "dvc repro check && dvc repro --single-item judge report" in place_of(page, "forward-sigmoid")


def test_without_a_ledger_the_page_is_drawn_without_it(project: Any) -> None:
    (project.results / "claims.json").unlink()
    page = project.page()
    assert 'id="claims"' not in page
    assert 'href="#claims"' not in page
    assert 'id="experiment-sentiment"' in page


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("[{", "Invalid JSON"),
        ("{}", "Input should be a valid array"),
        ('[{"id": "memory"}]', r"0\.section: Field required"),
    ],
)
def test_a_broken_ledger_is_one_line(project: Any, content: str, why: str) -> None:
    (project.results / "claims.json").write_text(content)
    with pytest.raises(UserError, match=rf"claims\.json: not a ledger \({why}.*dvc repro -s judge") as error:
        project.page()
    assert "\n" not in str(error.value)


def test_an_unknown_verdict_is_no_ledger(project: Any) -> None:
    path = project.results / "claims.json"
    path.write_text(path.read_text().replace('"depends"', '"perhaps"'))
    with pytest.raises(UserError, match=r"7\.verdict: Input should be 'holds', 'refuted'"):
        project.page()


@pytest.mark.parametrize(
    ("verdict", "values", "value", "note"),
    [
        ("holds", [9.0, 3.0, 5.0], "+3.0", "of 3 comparisons: 3 surely above"),
        ("refuted", [-9.0, -3.0, 0.5], "-3.0", "of 3 comparisons: 2 surely below, 1 not told"),
        ("inconclusive", [9.0, 0.5], "+0.5", "of 2 comparisons: 1 surely above, 1 not told"),
        ("depends", [9.0, -3.0, 5.0], "2 of 3", "1 surely below"),
        ("holds", [3.0], "+3.0", "at 3.0"),
    ],
)
def test_the_number_that_decides_is_the_nearest_on_the_verdicts_side(
    rows: dict[str, ClaimRow], verdict: str, values: list[float], value: str, note: str
) -> None:
    facts = {"verdict": verdict, "comparisons": [comparison(each) for each in values]}
    number = decided_by(ClaimRow.model_validate(rows["memory"].model_dump() | facts))
    assert number
    assert (number.value, number.note) == (value, note)


def test_numbers_have_the_digits_that_their_interval_deserves() -> None:
    for value, half, wanted in ((12.345, 3, "+12.3"), (0.0123, 0.006, "+0.012"), (-0.5, 0.06, "-0.50")):
        assert signed(comparison(value, half)) == wanted
    assert interval(comparison(0.0123, 0.006)) == "0.006 to 0.018"
    assert interval(comparison(1.0, high=float("inf"))) == "0.00 to unbounded"


def test_few_comparisons_are_told_many_are_counted(rows: dict[str, ClaimRow]) -> None:
    base = rows["beam-width"]
    assert in_brief(base).startswith(
        "1 of 1 properties hold; none (translation): +1.20 (95 % interval 1.20 to 1.20) BLEU"
    )
    many = base.model_copy(
        update={"comparisons": tuple(map(comparison, (3.0, 4.0, 5.0, 0.5))), "remarks": ("a remark",)}
    )
    assert in_brief(many) == "1 of 1 properties hold; of 4 comparisons: 3 surely above, 1 not told; a remark."


def test_commands_run_what_the_claim_reads_and_no_more(pristine: Any, rows: dict[str, ClaimRow]) -> None:
    judged = "dvc repro --single-item judge report"
    row = rows["beam-width"]
    assert rerun(row, pristine.params) == f"dvc repro evaluate@translation beam@translation check && {judged}"
    assert (
        rerun(rows["many-to-many-variable"], pristine.params) == f"dvc repro evaluate@translation && {judged}"
    )
    assert rerun(rows["intro-recurrent-layer"], pristine.params) == f"dvc repro check && {judged}"
    assert rerun(rows["limits-transfer"], pristine.params) == judged
    flow = {"gradient_flow": {"vanishing": {"dataset": "reviews_long"}}}
    probed = pristine.params.model_copy(update={"probes": Probes.model_validate(flow)})
    assert rerun(rows["vanishing-gradient"], pristine.params) == judged
    assert rerun(rows["vanishing-gradient"], probed) == f"dvc repro gradient_flow@vanishing && {judged}"
    view = claim_view(rows["memory"], pristine.params, {})
    assert view.missing == ["recall"]
    assert view.push == ("experiments.recall.model.recurrent_init", "")


def test_a_forest_has_a_row_per_comparison_and_a_chart_per_unit(
    pristine: Any, rows: dict[str, ClaimRow]
) -> None:
    own = (comparison(3.0), comparison(-4.0, unit="BLEU"), comparison(0.5, above=1.0, below=-1.0))
    row = rows["beam-width"].model_copy(update={"comparisons": own})
    plots = claim_view(row, pristine.params, {}).plots
    assert [(plot.key, plot.title) for plot in plots] == [
        ("forest-beam-width-0", "points"),
        ("forest-beam-width-1", "BLEU"),
    ]
    points = plots[0].spec["data"]["values"]
    assert [(point["label"], point["value"], point["side"]) for point in points] == [
        ("at 3.0", 3.0, "above"),
        ("at 0.5", 0.5, "unclear"),
    ]
    kinds = [layer["mark"]["type"] for layer in plots[0].spec["layer"]]
    assert kinds == ["tick", "tick", "rule", "point", "text"], "a second threshold where the two differ"
    assert [layer["mark"]["type"] for layer in plots[1].spec["layer"]].count("tick") == 1


def test_an_interval_without_an_end_is_not_drawn() -> None:
    spec = forest([comparison(3.0), comparison(4.0, high=float("inf"))], "points")
    (rule,) = [layer for layer in spec["layer"] if layer["mark"]["type"] == "rule"]
    assert [row["label"] for row in rule["data"]["values"]] == ["at 3.0"]
    assert json.loads(json.dumps(spec, allow_nan=False)) == spec


@pytest.mark.parametrize("words", [False, True], ids=["numbers", "words"])
def test_lines_have_bands_where_there_are_intervals(words: bool) -> None:
    points = tuple((f"at {x}" if words else x, 1 / x, 0.5 / x, None if x == 7 else 2 / x) for x in (3, 5, 7))
    figure = FigureRow(
        x="steps", y="accuracy", logarithmic=not words, lines=(LineRow(name="gru", points=points),)
    )
    spec = lines(figure, "a claim")
    band, line, _ = spec["layer"]
    assert (band["mark"]["type"], line["mark"]["type"]) == ("rule" if words else "area", "line")
    assert len(band["data"]["values"]) == 2
    assert spec["encoding"]["x"]["type"] == ("nominal" if words else "quantitative")
    assert "<svg" in vl_convert.vegalite_to_svg(spec | {"width": 400})


def test_long_lines_are_thinned_to_what_can_be_seen() -> None:
    points = tuple((float(x), x * 0.5, None, None) for x in range(1, 1001))
    spec = lines(FigureRow(x="x", y="y", logarithmic=False, lines=(LineRow(name="a", points=points),)), "")
    drawn = [row["x"] for row in spec["data"]["values"]]
    assert len(drawn) <= 151
    assert (drawn[0], drawn[-1]) == (1.0, 1000.0)


def test_figures_that_decide_nothing_stand_beside_with_their_own_legends(project: Any, page: str) -> None:
    path = project.results / "claims.json"
    rows = json.loads(path.read_text(encoding="utf-8"))
    claim = next(row for row in rows if row["id"] == "bleu-formula")
    ends = [
        {"name": name, "points": [[5, 0.3, 0.2, 0.4], [7, y, None, None]]}
        for name, y in (("a", 0.5), (EVIL, 0.6))
    ]
    figure = {"x": "tokens", "y": "accuracy", "logarithmic": True, "lines": ends}
    claim["beside"] = [figure, figure | {"y": "gain"}]
    path.write_text(json.dumps(rows), encoding="utf-8")
    drawn = project.page()
    assert f"a {EVIL} Beside it, deciding nothing: accuracy. Bands" in place_of(drawn, "bleu-formula")
    assert f"a {EVIL} Beside it, deciding nothing: gain. Bands" in place_of(drawn, "bleu-formula")
    assert EVIL not in drawn
    assert drawn.count('<div class="plot" id="beside-') == 2
    assert "deciding nothing" not in page
    (spec,) = re.findall(r'id="spec-beside-bleu-formula-0">(.*?)</script>', drawn, re.S)
    points = json.loads(spec)["data"]["values"]
    assert [(point["line"], point["x"], point["y"]) for point in points] == [
        ("a", 5, 0.3),
        ("a", 7, 0.5),
        (EVIL, 5, 0.3),
        (EVIL, 7, 0.6),
    ]


def test_all_claims_of_the_committed_results_have_their_place(root: Path) -> None:
    rows = read_rows(root / "results/full/claims.json")
    assert len({row.id for row in rows}) == len(rows) > 50
