"""Results on disk become studies; what is broken is named."""

from typing import Any

import pytest

from pipeline.errors import UserError
from pipeline.files import read_json, write_json
from pipeline.report.load import Digests, Study, is_embedded, read_records, read_studies


def studies(project: Any) -> dict[str, Study]:
    records = read_records(project.params, project.results)
    found = read_studies(project.params, project.results, records, project.current)
    return {study.name: study for study in found}


def test_studies_stand_in_the_order_of_the_parameters(project: Any) -> None:
    assert list(studies(project)) == ["sentiment", "translation", "tags", "entities", "answers", "filler"]


def test_an_experiment_without_results_is_known_but_not_run(project: Any) -> None:
    study = studies(project)["filler"]
    assert study.results is None
    assert study.marks == ()


def test_results_of_an_experiment_that_params_lost_are_not_read(project: Any) -> None:
    (project.results / "deleted").mkdir()
    (project.results / "deleted/provenance.json").write_text("not even JSON")
    assert "deleted" not in studies(project)


def test_fresh_results_carry_no_mark(project: Any) -> None:
    assert studies(project)["sentiment"].marks == ()


@pytest.mark.parametrize(
    ("digests", "mark"),
    [
        (Digests("newer code", "parameters"), "older than the code"),
        (Digests("code", "changed"), "other parameters"),
    ],
)
def test_results_that_the_present_would_not_give_are_marked(
    project: Any, digests: Digests, mark: str
) -> None:
    project.current["sentiment"] = digests
    assert studies(project)["sentiment"].marks == (mark,)
    assert studies(project)["translation"].marks == ()


@pytest.mark.parametrize(
    ("field", "value", "mark"),
    [("dataset_digest", "former", "other data"), ("dirty", True, "uncommitted changes")],
)
def test_provenance_can_mark_results(project: Any, field: str, value: Any, mark: str) -> None:
    path = project.results / "sentiment/provenance.json"
    write_json(path, [read_json(path)[0] | {field: value}])
    assert studies(project)["sentiment"].marks == (mark,)


def test_a_missing_table_is_named_with_its_cure(project: Any) -> None:
    (project.results / "translation/tables/bleu_by_length.csv").unlink()
    cure = r"bleu_by_length\.csv: missing .*run `dvc repro evaluate@translation`"
    with pytest.raises(UserError, match=cure):
        studies(project)


def test_missing_columns_are_named(project: Any) -> None:
    (project.results / "sentiment/curves.csv").write_text("variant,seed,epoch\nrnn,0,1\n")
    with pytest.raises(UserError, match=r"curves\.csv: lacks step, metric, value; has variant, seed, epoch"):
        studies(project)


@pytest.mark.parametrize("content", [b"", b"a,b\n1,2,3\n4\n5,6,7,8,9\n", b"variant,\xff\n"])
def test_a_file_that_is_no_table_is_named(project: Any, content: bytes) -> None:
    (project.results / "sentiment/scores.csv").write_bytes(content)
    with pytest.raises(UserError, match=r"scores\.csv: not a table"):
        studies(project)


def test_a_variant_may_be_called_null(project: Any) -> None:
    path = project.results / "sentiment/scores.csv"
    path.write_text(path.read_text().replace("bilstm", "null"))
    results = studies(project)["sentiment"].results
    assert results
    assert "null" in set(results.tables["scores"]["variant"])


def test_names_of_tags_are_text_whatever_they_look_like(project: Any) -> None:
    for table, column in (("by_tag", "tag"), ("confusion", "actual")):
        path = project.results / f"tags/tables/{table}.csv"
        path.write_text(path.read_text().replace("NOUN", "null"))
        results = studies(project)["tags"].results
        assert results
        assert "null" in set(results.tables[table][column])


@pytest.mark.parametrize(
    ("name", "metric"),
    [("sentiment", "accuracy"), ("translation", "bleu"), ("tags", "accuracy"), ("entities", "entity_f1")],
)
def test_the_metric_that_ranks(project: Any, name: str, metric: str) -> None:
    assert studies(project)[name].headline == metric


def test_only_generated_corpora_are_embedded(project: Any) -> None:
    assert not is_embedded(project.params, "imdb")
    assert is_embedded(project.params, "translation")
