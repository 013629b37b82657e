"""A bundle's answers to raw texts, as the command line and the served model give them. Imports no MLflow."""

from collections.abc import Callable, Sequence
from typing import Any

from pipeline.bundle.load import Bundle
from pipeline.errors import UserError
from pipeline.evaluation.predict.classes import classify
from pipeline.evaluation.predict.tags import tag
from pipeline.evaluation.predict.translations import translate

BEAM, N_BEST = 5, 1


def classified(bundle: Bundle, texts: Sequence[str]) -> list[dict[str, Any]]:
    """One {"label", "probability", "probabilities": {class: probability}} per text, in order.

    Raises:
        UserError: the bundle is no classifier, or a text is not text.
    """
    _check(bundle, "classification", texts)
    classes = bundle.description["classes"]
    answers = []
    for row in classify(bundle, texts):
        probabilities = dict(zip(classes, map(float, row), strict=True))
        label = max(classes, key=probabilities.__getitem__)
        answers.append({"label": label, "probability": probabilities[label], "probabilities": probabilities})
    return answers


def translated(
    bundle: Bundle, texts: Sequence[str], *, beam: int = BEAM, n_best: int = N_BEST
) -> list[dict[str, Any]]:
    """One {"translation", "score", "n_best": [{"translation", "score"}, …]} per text, in order.

    `score`: length-normalised log-probability, at most 0.

    Raises:
        UserError: the bundle is no translator, a text is not text, or not 1 <= n_best <= beam.
    """
    _check(bundle, "translation", texts)
    if not 1 <= n_best <= beam:
        raise UserError(
            f"n_best {n_best}, beam {beam}: needs 1 <= n_best <= beam; raise beam or lower n_best"
        )
    answers = []
    for found in translate(bundle, texts, beam=beam, n_best=n_best):
        hypotheses = [{"translation": one.text, "score": float(one.score)} for one in found]
        answers.append({**hypotheses[0], "n_best": hypotheses})
    return answers


def tagged(bundle: Bundle, texts: Sequence[str]) -> list[dict[str, Any]]:
    """One {"tokens": [...], "tags": [...]} per text, in order; a text is cut into words as treebanks are.

    Raises:
        UserError: the bundle is no tagger, or a text is not text.
    """
    _check(bundle, "tagging", texts)
    return [
        {"tokens": [word for word, _ in found], "tags": [name for _, name in found]}
        for found in tag(bundle, texts)
    ]


ANSWERS: dict[str, Callable[..., list[dict[str, Any]]]] = {
    "classification": classified,
    "translation": translated,
    "tagging": tagged,
}
"""By task: bundle, texts and what the task's signature has for parameters -> answers."""


def _check(bundle: Bundle, task: str, texts: Sequence[str]) -> None:
    if bundle.task != task:
        raise UserError(f"model: is for {bundle.task}, not for {task}; name a {task} model")
    for i, text in enumerate(texts):
        if not isinstance(text, str):
            raise UserError(f"text {i}: {text!r} is not text; give a string in each row")
