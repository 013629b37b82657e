"""A bundle's answers to what it is given, as the command line and the served model give them. Imports no
MLflow."""

import base64
import binascii
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pandas as pd

from pipeline.bundle.load import Bundle
from pipeline.data.features import features
from pipeline.errors import UserError
from pipeline.evaluation.predict.captions import caption
from pipeline.evaluation.predict.classes import classify
from pipeline.evaluation.predict.continuations import continue_texts, perplexities
from pipeline.evaluation.predict.fillings import fill_table
from pipeline.evaluation.predict.forecasts import forecast_table
from pipeline.evaluation.predict.ratings import rate
from pipeline.evaluation.predict.steps import solve
from pipeline.evaluation.predict.tags import tag
from pipeline.evaluation.predict.transcripts import transcribe
from pipeline.evaluation.predict.translations import translate
from pipeline.images import Pixels, read_image
from pipeline.sounds import Frames, read_wav

BEAM, N_BEST = 5, 1
WORDS, TEMPERATURE, SEED = 20, 0.0, 0


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
    return _searched(bundle, "translation", "translation", texts, beam, n_best)


def answered(
    bundle: Bundle, texts: Sequence[str], *, beam: int = BEAM, n_best: int = N_BEST
) -> list[dict[str, Any]]:
    """One {"answer", "score", "n_best": [{"answer", "score"}, …]} per text, otherwise as `translated`."""
    return _searched(bundle, "transduction", "answer", texts, beam, n_best)


def _searched(
    bundle: Bundle, task: str, name: str, texts: Sequence[str], beam: int, n_best: int
) -> list[dict[str, Any]]:
    _check(bundle, task, texts)
    _check_search(beam, n_best)
    return _ranked(name, translate(bundle, texts, beam=beam, n_best=n_best))


def _ranked(name: str, found: Iterable[Sequence[Any]]) -> list[dict[str, Any]]:
    """Of each search its best text under `name`, its score, and all that it found."""
    several = [[{name: one.text, "score": float(one.score)} for one in ranked] for ranked in found]
    return [{**ranked[0], "n_best": ranked} for ranked in several]


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


def forecasted(bundle: Bundle, history: pd.DataFrame, *, steps: int | None = None) -> list[dict[str, Any]]:
    """One {"step": hours ahead, CHANNEL: value, …} per hour that follows the history's last row.

    Args:
        history: a column per channel and a row per hour; at least as many as the model reads.
        steps: hours to forecast; as many as the model can if left out.

    Raises:
        UserError: the bundle is no forecaster; a channel is missing, too short or holds no number; or more
            steps are asked for than the model forecasts.
    """
    _check_task(bundle, "forecasting")
    forecast = forecast_table(bundle, history, steps)
    return [{str(name): value for name, value in row.items()} for row in forecast.to_dict("records")]


def filled(bundle: Bundle, table: pd.DataFrame) -> list[dict[str, Any]]:
    """One {CHANNEL: value, …} per row, in order; what was empty is filled.

    Args:
        table: a column per channel and a row per hour, some cells empty.

    Raises:
        UserError: the bundle fills no gaps; a channel is missing or holds what is no number; or there is
            nothing to fill, or nothing to be seen around it.
    """
    _check_task(bundle, "imputation")
    return [
        {str(name): value for name, value in row.items()}
        for row in fill_table(bundle, table).to_dict("records")
    ]


def solved(bundle: Bundle, texts: Sequence[str]) -> list[dict[str, Any]]:
    """One {"answers": [...]} per text, in order: what is written at each question mark.

    Raises:
        UserError: the bundle solves no problem, or a text is not written as `solve` reads it.
    """
    _check(bundle, "algorithmic", texts)
    return [{"answers": answers} for answers in solve(bundle, texts)]


def rated(bundle: Bundle, texts: Sequence[str]) -> list[dict[str, Any]]:
    """One {"stars", "probabilities": {level: probability}} per text, in order.

    `stars` is the median of the probabilities; a regression has none, and gives any number between the ends.

    Raises:
        UserError: the bundle is no rater, or a text is not text.
    """
    _check(bundle, "rating", texts)
    found, levels = rate(bundle, texts), bundle.description["levels"]
    answers = []
    for row, stars in enumerate(found.stars):
        shares = {} if found.probabilities is None else zip(levels, found.probabilities[row], strict=True)
        probabilities = {str(level): float(share) for level, share in shares}
        answers.append({"stars": float(stars), "probabilities": probabilities})
    return answers


def continued(
    bundle: Bundle,
    texts: Sequence[str],
    *,
    words: int = WORDS,
    n_best: int = N_BEST,
    temperature: float = TEMPERATURE,
    seed: int = SEED,
) -> list[dict[str, Any]]:
    """One {"perplexity", "continuation", "score", "n_best": [{"continuation", "score"}, …]} per text.

    `perplexity`: of the text's tokens as a line's beginning; None of a text without any. `score`: the
    continuation's log-probability, at most 0.

    Args:
        words: tokens of a continuation at most; it may end earlier, with the line.
        temperature: 0 finds the likeliest continuations; above, they are drawn.
        seed: of the draws.

    Raises:
        UserError: the bundle is no language model, a text is not text, or a number is out of bounds.
    """
    _check(bundle, "language_modelling", texts)
    if words < 1 or n_best < 1 or temperature < 0:
        raise UserError(
            f"words {words}, n_best {n_best}, temperature {temperature:g}: needs words and n_best from 1 on, "
            "temperature from 0 on"
        )
    ways = continue_texts(bundle, texts, words=words, n_best=n_best, temperature=temperature, seed=seed)
    answers = []
    for perplexity, found in zip(perplexities(bundle, texts), ways, strict=True):
        several = [{"continuation": one.text, "score": one.log_probability} for one in found]
        answers.append({"perplexity": perplexity, **several[0], "n_best": several})
    return answers


def captioned(
    bundle: Bundle, pictures: Sequence[Pixels], *, beam: int = BEAM, n_best: int = N_BEST
) -> list[dict[str, Any]]:
    """One {"caption", "score", "n_best": [{"caption", "score"}, …]} per picture, in order.

    Args:
        pictures: as `read_picture` makes them.

    Raises:
        UserError: the bundle is no captioner, or not 1 <= n_best <= beam.
    """
    _check_task(bundle, "captioning")
    _check_search(beam, n_best)
    return _ranked("caption", caption(bundle, pictures, beam=beam, n_best=n_best))


def read_picture(bundle: Bundle, content: bytes, where: str) -> Pixels:
    """A picture file as the captioner sees it.

    Raises:
        UserError: the bundle is no captioner, or the file no picture; `where` is what that calls it.
    """
    _check_task(bundle, "captioning")
    return read_image(content, where, bundle.description["side"])


def transcribed(
    bundle: Bundle, sounds: Sequence[Frames], *, beam: int = BEAM, n_best: int = N_BEST
) -> list[dict[str, Any]]:
    """One {"transcript", "score", "n_best": [{"transcript", "score"}, …]} per sound, in order.

    Args:
        sounds: as `read_sound` makes them.

    Raises:
        UserError: the bundle is no transcriber, or not 1 <= n_best <= beam.
    """
    _check_task(bundle, "transcription")
    _check_search(beam, n_best)
    return _ranked("transcript", transcribe(bundle, sounds, beam=beam, n_best=n_best))


def read_sound(bundle: Bundle, content: bytes, where: str) -> Frames:
    """A WAV file as the transcriber hears it.

    Raises:
        UserError: the bundle is no transcriber, or the file no WAV file; `where` is what that calls it.
    """
    _check_task(bundle, "transcription")
    return features(read_wav(content, where), bundle.description)


ANSWERS: dict[str, Callable[..., list[dict[str, Any]]]] = {
    "classification": classified,
    "translation": translated,
    "tagging": tagged,
    "forecasting": forecasted,
    "algorithmic": solved,
    "transduction": answered,
    "rating": rated,
    "language_modelling": continued,
    "captioning": captioned,
    "transcription": transcribed,
    "imputation": filled,
}
"""By task: bundle, what `given` makes of a table, and what the task's signature has for parameters ->
answers."""


def given(bundle: Bundle, table: pd.DataFrame) -> Any:
    """What of a table a bundle answers: a forecaster or imputer the whole of it, a captioner or transcriber
    the files that column image or audio holds as base64, any other the texts of column text.

    Raises:
        UserError: names the row whose picture or sound is none.
    """
    match bundle.task:
        case "forecasting" | "imputation":
            return table
        case "captioning":
            files = [_decoded(text, f"image {row}") for row, text in enumerate(table["image"])]
            return [read_picture(bundle, file, f"image {row}") for row, file in enumerate(files)]
        case "transcription":
            files = [_decoded(text, f"audio {row}") for row, text in enumerate(table["audio"])]
            return [read_sound(bundle, file, f"audio {row}") for row, file in enumerate(files)]
        case _:
            return table["text"].tolist()


def _decoded(text: Any, where: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, TypeError, ValueError) as error:
        raise UserError(f"{where}: not base64 ({error}); give a file's bytes as base64") from None


def _check_search(beam: int, n_best: int) -> None:
    if not 1 <= n_best <= beam:
        raise UserError(
            f"n_best {n_best}, beam {beam}: needs 1 <= n_best <= beam; raise beam or lower n_best"
        )


def _check_task(bundle: Bundle, task: str) -> None:
    if bundle.task != task:
        raise UserError(f"model: is for {bundle.task}, not for {task}; name a {task} model")


def _check(bundle: Bundle, task: str, texts: Sequence[str]) -> None:
    _check_task(bundle, task)
    for i, text in enumerate(texts):
        if not isinstance(text, str):
            raise UserError(f"text {i}: {text!r} is not text; give a string in each row")
