"""The page as text: its numbers are the tables', its words are escaped, it loads nothing."""

import re
import shutil
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from pipeline.config.schema.datasets import Filler
from pipeline.files import read_json, write_json
from pipeline.report.load import Digests
from pipeline.report.page import write_report
from pipeline.report.view import rerun_commands

EVIL = "<script>alert('unsafe')</script>"


class Reader(HTMLParser):
    """Texts by id of the section that holds them, every tag with its attributes, all script elements."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.sections: dict[str, str] = {}
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self._section = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attributes)))
        if tag in ("section", "header"):
            self._section = dict(attributes)["id"] or ""

    def handle_data(self, data: str) -> None:
        if self.lasttag not in ("script", "style"):
            self.sections[self._section] = self.sections.get(self._section, "") + data

    def handle_endtag(self, tag: str) -> None:
        if tag in ("th", "td", "dt", "dd"):
            self.handle_data(" ")


@pytest.fixture(scope="module")
def page(pristine: Any) -> str:
    return str(pristine.page())


def test_numbers_are_those_of_the_summary(project: Any, page: str) -> None:
    for name in ("sentiment", "translation", "tags", "entities", "answers"):
        table = pd.read_csv(project.results / name / "summary.csv")
        for value in table[["mean", "low", "high"]].to_numpy().ravel():
            assert value != value or f'<data value="{value}">' in page, f"{name}: {value}"


def test_best_variant_and_overlaps_are_said(page: str) -> None:
    text = " ".join(Reader(page).sections["experiment-sentiment"].split())
    assert "has the highest accuracy: 0.88" in text
    assert "these seeds do not tell them apart" in text
    assert "The baseline nbsvm (0.903) is above every variant." in text


def test_every_experiment_says_whether_its_text_is_real(page: str) -> None:
    sections = Reader(page).sections
    assert "real corpus" in sections["experiment-sentiment"]
    assert "embedded corpus" in sections["experiment-translation"]
    assert "Real and embedded corpora." in sections["overview"]


def test_an_experiment_without_results_says_not_run(page: str) -> None:
    text = Reader(page).sections["experiment-filler"]
    assert "not run" in text
    assert "dvc repro evaluate@filler" in text
    assert "5 of 6 run" in Reader(page).sections["overview"]


def test_stale_results_are_marked_in_their_section_and_among_the_experiments(project: Any) -> None:
    project.current["sentiment"] = Digests("newer", "changed")
    sections = Reader(project.page()).sections
    for place in ("experiments", "experiment-sentiment"):
        assert "older than the code" in sections[place]
        assert "other parameters" in sections[place]
    assert "older than the code" not in sections["experiment-translation"]


def test_learning_rates_tried_are_listed(project: Any, page: str) -> None:
    assert "Learning rates" not in page
    path = project.results / "sentiment/provenance.json"
    (facts,) = read_json(path)
    tried = [
        ("lstm", 0.001, None, False),
        ("lstm", 0.002, 0.87654, True),
        ("gru", 0.001, 0.5, True),
        ("gru", 0.002, -0.25, False),
        ("rnn", 0.004, 0.75, True),
    ]
    keys = ("variant", "learning_rate", "score", "chosen")
    facts["trials"] = [dict(zip(keys, trial, strict=True)) | {"seeds": 3} for trial in tried]
    write_json(path, [facts])
    (table,) = re.findall(r"Learning rates: of each variant.*?</table>", project.page(), re.DOTALL)
    rows = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL) for row in table.split("<tr>")[1:]]
    assert rows == [
        ["Variant", "0.001", "0.002", "0.004"],
        ["lstm", "diverged", "<strong>0.8765 ✓</strong>", ""],
        ["gru", "<strong>0.5000 ✓</strong>", "-0.2500", ""],
        ["rnn", "", "", "<strong>0.7500 ✓</strong>"],
    ]


def test_scores_stand_with_their_signature(page: str) -> None:
    text = Reader(page).sections["experiment-translation"]
    assert "nrefs:1|case:lc|eff:no|tok:13a|smooth:exp|version:2.6.0" in text
    assert "BLEU, greedy BLEU, chrF: nrefs:1" in text


def test_baselines_of_translation_stand_in_table_and_samples_but_in_no_chart_of_lengths(page: str) -> None:
    text = " ".join(Reader(page).sections["experiment-translation"].split())
    assert "Every variant is above the best baseline, word_table (7.3)." in text
    assert "copy_source baseline" in text
    charts = {}
    for key in ("lengths", "search"):
        match = re.search(rf'id="spec-translation-{key}">(.*?)</script>', page)
        assert match
        charts[key] = match[1]
        assert "luong" in charts[key]
        assert "word_table" not in charts[key]


def test_named_sentences_say_where_they_stand(page: str) -> None:
    text = " ".join(Reader(page).sections["experiment-translation"].split())
    place = text.index("luong: la rouge lampe")
    assert text[place:].index("Also in training") < text[place:].index("a white door")
    assert text.count("Not in the corpus") == 1
    assert "In the split test, so not in training." in text
    assert page.count("<optgroup label=") == 2
    assert "<option selected>the red lamp</option>" in page


def test_without_named_sentences_a_sentence_of_middle_length_is_chosen(project: Any) -> None:
    (project.predictions / "translation/shown.parquet").unlink()
    page = project.page()
    assert "Named in the parameters" not in page
    start = page.index('data-panels="samples-translation"')
    own = page[start : page.index("</select>", start)]
    chosen = re.findall(r"<option selected>(.*?)</option>", own)
    assert len(chosen) == 1
    assert 8 <= len(chosen[0].split()) <= 14


def test_a_wrong_tag_is_marked_by_more_than_colour(page: str) -> None:
    text = Reader(page).sections["experiment-tags"]
    assert "bilstm has the highest accuracy: 0.93" in text
    assert text.count("✗ ") > 10
    marks = re.findall(r'<mark class="wrong">(.*?)</mark>', page)
    assert all(mark.startswith("✗ ") for mark in marks)
    right = re.findall(r'<tr><th scope="row">tags</th>(.*?)</tr>', page)
    assert len(right) >= 12
    assert not any("✗" in row for row in right)


def test_answers_are_told_apart_by_kind(page: str) -> None:
    text = " ".join(Reader(page).sections["experiment-answers"].split())
    assert "luong has the highest exact match: 0.6" in text
    table = text[text.index("exact match in numbers") :]
    assert table.index("one fact") < table.index("two facts") < table.index("yes or no")
    assert "exact match by kind of type" in text
    assert "Published" not in text
    assert "Ring: greedy. Disc: beam of 5." in text
    assert "dvc repro evaluate@answers writes them" in text


def test_texts_of_one_length_are_not_told_apart(project: Any) -> None:
    path = project.results / "answers/tables/by_group.csv"
    groups = pd.read_csv(path)
    groups[groups["group"] == "one fact"].to_csv(path, index=False)
    page = project.page()
    assert 'id="answers-groups"' not in page
    text = " ".join(Reader(page).sections["experiment-answers"].split())
    assert "exact match in numbers" not in text
    assert "Greedy against beam search" in text


def test_entities_are_ranked_by_entity_f1_and_have_no_matrix(page: str) -> None:
    text = " ".join(Reader(page).sections["experiment-entities"].split())
    assert "crf has the highest entity F1: 0.67" in text
    assert "F1 of each type of entity" in text
    assert 'id="entities-confusion"' not in page
    assert 'id="tags-confusion"' in page
    assert "What bilstm takes them for" in Reader(page).sections["experiment-tags"]


def test_a_split_without_any_tag_leaves_the_page_whole(project: Any) -> None:
    for table in ("by_tag", "confusion"):
        path = project.results / f"tags/tables/{table}.csv"
        path.write_text(path.read_text().splitlines()[0] + "\n")
    text = Reader(project.page()).sections["experiment-tags"]
    assert "Sentences and their tags" in text
    assert "Which tags are hard" not in text


def test_without_predictions_the_page_says_how_to_get_them(project: Any) -> None:
    shutil.rmtree(project.predictions)
    sections = Reader(project.page()).sections
    for name in ("translation", "tags", "entities"):
        text = " ".join(sections[f"experiment-{name}"].split())
        assert f"dvc repro evaluate@{name} writes them to predictions/demo/{name}/" in text


def test_words_of_a_corpus_are_escaped(page: str) -> None:
    assert EVIL not in page
    assert "&lt;script&gt;alert(&#39;unsafe&#39;)&lt;/script&gt;" in page
    for name in ("translation", "tags"):
        assert EVIL in Reader(page).sections[f"experiment-{name}"]


def test_nothing_is_loaded_from_anywhere(page: str) -> None:
    for tag, attributes in Reader(page).tags:
        for name in ("src", "href", "srcset", "data", "action", "poster"):
            target = attributes.get(name) or ""
            assert target.startswith(("#", "data:")) or not target, f"<{tag} {name}={target}>"
    style = page[page.index("<style>") : page.index("</style>")]
    assert not re.search(r"url\(|@import", style)
    policy = next(found for tag, found in Reader(page).tags if found.get("http-equiv"))
    assert "default-src 'none'" in (policy["content"] or "")
    assert "unsafe-eval" not in (policy["content"] or "")


def test_corpora_come_with_provenance_licence_and_overlaps(page: str) -> None:
    text = " ".join(Reader(page).sections["corpora"].split())
    for words in (
        "free for research",
        "Made up for this test, 2024",
        "https://example.org/aclImdb_v1.tar.gz",
    ):
        assert words in text
    assert "24,989 rows" in text
    assert "123 rows of test are also in train" in text


def test_texts_with_filler_are_drawn_and_told(project: Any, page: str) -> None:
    assert 'id="sentiment-by-filler"' not in page
    filler = Filler(lengths=[0, 50, 400], words=["the", "of"])
    dataset = project.params.datasets["imdb_words"].model_copy(update={"filler": filler})
    params = project.params.model_copy(update={"datasets": project.params.datasets | {"imdb_words": dataset}})
    accuracies = {"rnn": (0.8, 0.5), "lstm": (0.8, 0.79), "nbsvm": (0.85, 0.84)}
    rows = [
        (name, seed, "test", length, 997, value)
        for name, values in accuracies.items()
        for seed in ([-1] if name == "nbsvm" else range(3))
        for length, value in zip((0, 400), values, strict=True)
    ]
    columns = ["variant", "seed", "split", "filler", "texts", "accuracy"]
    path = project.results / "sentiment/tables/by_filler.csv"
    pd.DataFrame(rows, columns=columns).to_csv(path, index=False)
    path = project.results / "datasets/imdb_words.json"
    (record,) = read_json(path)
    chosen = {"longest": 120, "rows": {"train": 3255, "test": 3384}, "shared": 24}
    told = {"lengths": [0, 50, 400], "shares": {"0": 0.22954, "1": 0.24394}}
    write_json(path, [record | {"chosen": chosen, "filler": told}])
    page = replace(project, params=params).page()
    assert 'id="sentiment-by-filler"' in page
    sections = {name: " ".join(text.split()) for name, text in Reader(page).sections.items()}
    assert "(drawn from: the, of)" in sections["experiment-sentiment"]
    assert "dashed: baselines, majority, nbsvm." in sections["experiment-sentiment"]
    assert "Only texts of at most 120 tokens: train has 3,255, test has 3,384;" in sections["corpora"]
    assert "0, 50, 400 words that say nothing" in sections["corpora"]
    assert "22.95% in negative and 24.39% in positive texts" in sections["corpora"]


def test_no_marker_of_a_merge_is_left(page: str) -> None:
    assert "<<<<<<<" not in page
    assert ">>>>>>>" not in page


def test_time_per_stage_and_machine(page: str) -> None:
    text = " ".join(Reader(page).sections["time"].split())
    assert "train sentiment 17.3 min" in text
    assert "download imdb 36.6 s" in text
    assert "Machine of sentiment, translation, tags, entities" in text
    assert "Made-up CPU" in text


def test_before_anything_ran_there_is_a_page(project: Any) -> None:
    shutil.rmtree(project.results)
    sections = Reader(project.page()).sections
    assert "0 of 6 run" in sections["overview"]
    assert "dvc repro download@imdb" in sections["corpora"]


def test_rerun_commands_name_present_values(project: Any) -> None:
    commands = [
        command for _, command in rerun_commands("translation", project.params.experiments["translation"])
    ]
    assert commands == [
        "dvc repro evaluate@translation",
        "dvc exp run -S experiments.translation.model.hidden=124",
        "dvc exp run -S experiments.translation.seeds=4",
        "dvc exp run -S experiments.translation.decoding.beam=10",
    ]


def test_the_file_is_small_and_the_same_each_time(project: Any, tmp_path: Path) -> None:
    paths = [tmp_path / "one/index.html", tmp_path / "other/index.html"]
    for path in paths:
        write_report(project.params, project.results, project.predictions, project.current, path)
    assert paths[0].stat().st_size < 8 * 2**20
    assert paths[0].read_bytes() == paths[1].read_bytes()


def test_what_to_know_of_a_corpus_stands_beside_its_licence(project: Any) -> None:
    assert "A trap of imdb." in project.page()
