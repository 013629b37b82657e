"""One self-contained page: no network, no script but its own."""

import base64
import functools
import hashlib
from collections.abc import Callable, Mapping
from importlib import resources
from pathlib import Path
from typing import Any

import vl_convert
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from pipeline.claims.rows import counts, read_rows
from pipeline.config.schema.params import Params
from pipeline.files import write_text
from pipeline.report import claims, format
from pipeline.report.load import Digests, Records, Study, is_embedded, read_records, read_studies
from pipeline.report.markdown import in_markdown
from pipeline.report.metrics import metric_of
from pipeline.report.stepped import read_stepped
from pipeline.report.vega import colour
from pipeline.report.view import view_of


def write_report(
    params: Params,
    results: Path,
    predictions: Path,
    current: Mapping[str, Digests],
    page: Path,
    scores: Path | None = None,
) -> None:
    """Writes the page of a profile.

    Args:
        results: results/PROFILE, read whole.
        predictions: predictions/PROFILE; samples and alignments are shown for the experiments that have them.
        current: by experiment, the digests that results made now would carry.
        scores: where the scores alone go, as Markdown; by default nowhere.

    Raises:
        UserError: a file of the results is missing or malformed.
    """
    records = read_records(params, results)
    studies = read_studies(params, results, records, current)
    write_text(page, _render(params, results, predictions, records, studies))
    if scores:
        write_text(scores, in_markdown(studies))


def render(params: Params, results: Path, predictions: Path, current: Mapping[str, Digests]) -> str:
    """The page as text; the same results give the same text."""
    records = read_records(params, results)
    studies = read_studies(params, results, records, current)
    return _render(params, results, predictions, records, studies)


def _render(params: Params, results: Path, predictions: Path, records: Records, studies: list[Study]) -> str:
    rows = read_rows(results / "claims.json")
    scripts = [_charts_library(), _source("page.js")]
    return (
        _environment()
        .get_template("page.html.j2")
        .render(
            params=params,
            records=records,
            ledger=claims.sections(rows, params, read_stepped(params, results)),
            verdicts=counts(rows),
            views=[view_of(study, predictions / study.name) for study in studies],
            embedded={name: is_embedded(params, name) for name in params.corpora},
            machines=format.unique_machines(study.results.provenance for study in studies if study.results),
            stages=_minutes(records, studies),
            style=Markup(_source("page.css")),
            scripts=[Markup(script) for script in scripts],
            policy=_policy(scripts),
        )
    )


def _environment() -> Environment:
    # Corpus text comes through here: everything is escaped unless it is Markup made above.
    environment = Environment(
        loader=PackageLoader("pipeline.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    filters: tuple[Callable[..., Any], ...] = (
        format.minutes,
        format.thousands,
        format.percent,
        format.short,
        format.moment,
        format.in_order,
    )
    filters += (claims.signed, claims.interval, claims.threshold)
    environment.filters.update({function.__name__: function for function in filters})
    environment.filters["metric"] = metric_of
    environment.globals["colour"] = colour
    return environment


@functools.cache
def _charts_library() -> str:
    """Vega, Vega-Lite and Vega-Embed as one script."""
    return vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;").replace("</script", r"<\/script")


def _source(name: str) -> str:
    return (resources.files("pipeline.report") / "templates" / name).read_text(encoding="utf-8")


def _policy(scripts: list[str]) -> str:
    """A content security policy that lets these very scripts run and nothing be fetched."""
    digests = [base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts]
    allowed = " ".join(f"'sha256-{digest}'" for digest in digests)
    return f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; img-src data:"


def _minutes(records: Records, studies: list[Study]) -> list[tuple[str, str, float]]:
    """Stage, key and minutes, in the order in which the stages run."""
    rows: list[tuple[str, str, Any]] = [
        *(("download", name, record["minutes"]) for name, record in records.corpora.items()),
        *(("prepare", name, record["minutes"]) for name, record in records.datasets.items()),
    ]
    for stage in ("train", "evaluate"):
        for study in studies:
            if study.results:
                rows.append((stage, study.name, study.results.provenance["minutes"][stage]))
    return [(stage, name, float(value)) for stage, name, value in rows if value is not None]
