"""Numbers, times and digests as the page shows them."""

from collections.abc import Iterable
from typing import Any

import pandas as pd


def minutes(value: float | None) -> str:
    """Seconds below a minute, hours above two."""
    if value is None:
        return "not kept"
    if value < 1:
        return f"{value * 60:.1f} s"
    return f"{value:.1f} min" if value < 120 else f"{value / 60:.1f} h"


def thousands(value: float) -> str:
    return f"{value:,.0f}"


def percent(value: float) -> str:
    return f"{value:.2%}"


def short(digest: str) -> str:
    """The first eight characters, as git shows a commit."""
    return digest[:8]


def moment(time: str) -> str:
    """An ISO time to the minute."""
    return time[:16].replace("T", " ")


def in_order(splits: dict[str, Any]) -> list[tuple[str, Any]]:
    """Splits as they are used: training, validation, then the tests."""
    first = ["train", "validation"]
    return sorted(splits.items(), key=lambda item: first.index(item[0]) if item[0] in first else len(first))


def unique(values: Iterable[Any]) -> list[Any]:
    """Values without repetition, in order of appearance, without the missing ones."""
    return list(dict.fromkeys(value for value in values if not pd.isna(value)))


def unique_machines(provenances: Iterable[dict[str, Any]]) -> list[tuple[dict[str, Any], list[str]]]:
    """Each machine once, with the experiments that ran there."""
    machines: list[tuple[dict[str, Any], list[str]]] = []
    for provenance in provenances:
        known = next((names for machine, names in machines if machine == provenance["machine"]), None)
        if known is None:
            machines.append((provenance["machine"], [provenance["experiment"]]))
        else:
            known.append(provenance["experiment"])
    return machines
