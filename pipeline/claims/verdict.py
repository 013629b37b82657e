"""What may be said of a claim."""

from enum import StrEnum


class Verdict(StrEnum):
    """`depends`: conditions that were named beforehand split. `inconclusive`: these data can't tell."""

    HOLDS = "holds"
    REFUTED = "refuted"
    DEPENDS = "depends"
    INCONCLUSIVE = "inconclusive"
    NOT_RUN = "not run"
