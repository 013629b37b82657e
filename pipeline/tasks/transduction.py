"""A text in, the text that answers it out: translation's network and search, validated by another measure."""

from collections.abc import Mapping
from typing import Any

from pipeline.build.translator import build as build_translator
from pipeline.data.store import PreparedDataset
from pipeline.metrics.answers import scores
from pipeline.nn.translator import Translator
from pipeline.tasks.seq2seq import ARCHITECTURE, Seq2Seq, batches, token_count
from pipeline.text.tokenizer import Tokenizer

__all__ = ["ARCHITECTURE", "Transduction", "batches", "build", "token_count"]


class Transduction(Seq2Seq):
    """Cross-entropy over target tokens; validated by the measure of greedily found answers.

    Args:
        tokenizer: of the target side.
        references: of the validation split, one list per row.
        measure: a name of pipeline/metrics/answers.py.
    """

    def __init__(
        self,
        network: Translator,
        training: Mapping[str, Any],
        *,
        tokenizer: Tokenizer,
        references: list[list[str]],
        measure: str,
    ) -> None:
        super().__init__(network, training, tokenizer=tokenizer, references=references, lowercase=True)
        self.score_name = measure

    def on_validation_epoch_end(self) -> None:
        answers = self.gathered(self._translations)
        rows = sorted(answers)
        found = scores(
            self.score_name, [answers[row] for row in rows], [self.references[row] for row in rows]
        )
        self.log("validation_loss", self.loss.compute())
        self.log("validation_score", found[self.score_name].value)
        self.loss.reset()
        self._translations = {}


def build(dataset: PreparedDataset, parameters: Mapping[str, Any]) -> Transduction:
    """The task for a prepared dataset and a run's parameters."""
    rows = dataset.split("validation").rows()
    return Transduction(
        build_translator(parameters["model"], dataset.description),
        parameters["training"],
        tokenizer=dataset.tokenizer("target"),
        references=[list(references) for references in rows["references"]],
        measure=dataset.description["measure"],
    )
