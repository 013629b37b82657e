"""What a classifier that reads first, or learns from few labels, is asked for in params.yaml."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from pipeline.config.load import parse
from pipeline.errors import UserError

EMBEDDED = yaml.safe_load((Path(__file__).parents[2] / "params/embedded.yaml").read_text(encoding="utf-8"))


def changed(block: str, **values: Any) -> dict[str, Any]:
    experiment = EMBEDDED["experiments"]["transfer"]
    experiment = experiment | {block: experiment[block] | values}
    return EMBEDDED | {"experiments": EMBEDDED["experiments"] | {"transfer": experiment}}


@pytest.mark.parametrize(
    ("block", "values", "message"),
    [
        (
            "training",
            {"epochs": 2},
            r"data\.reading\.epochs: 2 of training\.epochs 2 leave none for the labels",
        ),
        ("model", {"bidirectional": True}, r"data\.reading: the next word is told from those before it"),
        ("model", {"inputs": "one_hot"}, r"it needs model\.reader recurrent, inputs embedding"),
        ("model", {"reader": "average"}, r"data\.few: reader average learns from all labels only"),
        ("data", {"few": {"labels": 0, "passes": 1}}, r"data\.few\.labels: 0"),
    ],
)
def test_what_cannot_be_read_is_one_line(block: str, values: dict[str, Any], message: str) -> None:
    with pytest.raises(UserError, match=message) as caught:
        parse(changed(block, **values))
    assert all(line.startswith("params: experiments.transfer") for line in str(caught.value).splitlines())


def test_options_that_are_null_leave_no_trace_in_a_run() -> None:
    """A run from before they were thought of keeps its signature."""
    experiment = parse(EMBEDDED).experiments["sentiment"]
    assert not {"few", "reading"} & set(experiment.model_dump()["data"])
