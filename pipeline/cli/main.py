"""`unrolled`: check a parameter file; ask a trained model. Imports torch only when a model is asked."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from pipeline.errors import UserError

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="A laboratory for recurrent networks. Every command reads params.yaml of the folder it runs in.",
)

Texts = Annotated[
    list[str] | None, typer.Argument(help="Texts; without any, one per line of standard input.")
]
Model = Annotated[
    str | None,
    typer.Option(
        "--model",
        "-m",
        help="Bundle folder or MLflow URI (models:/NAME@champion); the best here if left out.",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="One JSON object per text and line.")]


@app.command()
def check(
    files: Annotated[list[Path] | None, typer.Argument(help="Parameter files [params.yaml].")] = None,
) -> None:
    """Check parameter files: types, names, every variant of every grid."""
    from pipeline.config import load

    for path in files or [Path("params.yaml")]:
        params = load(path)
        runs = sum(len(experiment.grid) * experiment.seeds for experiment in params.experiments.values())
        print(f"{path}: OK (profile {params.profile}, {len(params.experiments)} experiments, {runs} runs)")


@app.command()
def classify(texts: Texts = None, model: Model = None, json: Json = False) -> None:
    """Label texts with a trained classifier."""
    from pipeline.cli.ask import ask_classifier

    ask_classifier(texts, model, json=json)


@app.command()
def translate(
    texts: Texts = None,
    model: Model = None,
    beam: Annotated[int, typer.Option(min=1, help="Hypotheses kept while searching; 1 is greedy.")] = 5,
    n_best: Annotated[int, typer.Option(min=1, help="Translations per text, at most --beam.")] = 1,
    json: Json = False,
) -> None:
    """Translate texts with a trained encoder-decoder."""
    from pipeline.cli.ask import ask_translator

    ask_translator(texts, model, beam=beam, n_best=n_best, json=json)


@app.command()
def answer(
    texts: Texts = None,
    model: Model = None,
    beam: Annotated[int, typer.Option(min=1, help="Hypotheses kept while searching; 1 is greedy.")] = 5,
    n_best: Annotated[int, typer.Option(min=1, help="Answers per text, at most --beam.")] = 1,
    json: Json = False,
) -> None:
    """Answer texts: a question with its story, a turn of a dialogue, an article that wants a headline."""
    from pipeline.cli.ask import ask_answerer

    ask_answerer(texts, model, beam=beam, n_best=n_best, json=json)


@app.command()
def tag(texts: Texts = None, model: Model = None, json: Json = False) -> None:
    """Tag the words of texts with a trained tagger."""
    from pipeline.cli.ask import ask_tagger

    ask_tagger(texts, model, json=json)


@app.command()
def trace(
    text: Annotated[str, typer.Argument(help="One text.")], model: Model = None, json: Json = False
) -> None:
    """Show what every gate of a trained network did at each word of a text."""
    from pipeline.cli.trace import show_trace

    show_trace(text, model, json=json)


@app.command()
def forecast(
    history: Annotated[Path, typer.Argument(help="CSV file: a column per channel, a row per hour.")],
    model: Model = None,
    steps: Annotated[int | None, typer.Option(min=1, help="Hours ahead; all that the model knows.")] = None,
    json: Json = False,
) -> None:
    """Forecast the hours that follow the last rows of a series."""
    from pipeline.cli.ahead import ask_forecaster

    ask_forecaster(history, model, steps=steps, json=json)


@app.command()
def fill(
    file: Annotated[Path, typer.Argument(help="CSV file: a column per channel, a row per hour.")],
    model: Model = None,
) -> None:
    """Fill the empty cells of a series; the whole table comes out as CSV."""
    from pipeline.cli.fill import ask_imputer

    ask_imputer(file, model)


@app.command()
def solve(texts: Texts = None, model: Model = None, json: Json = False) -> None:
    """Answer sequences such as 'a b a . . ? ? ?' or '0.25* 0.8 0.5* ?' with a trained network."""
    from pipeline.cli.ask import ask_recaller

    ask_recaller(texts, model, json=json)


@app.command()
def rate(texts: Texts = None, model: Model = None, json: Json = False) -> None:
    """Give texts the stars that a trained rater expects of them."""
    from pipeline.cli.ask import ask_rater

    ask_rater(texts, model, json=json)


@app.command(name="continue")
def continue_(
    texts: Texts = None,
    model: Model = None,
    words: Annotated[int, typer.Option(min=1, help="Longest continuation, in tokens.")] = 20,
    n_best: Annotated[int, typer.Option(min=1, help="Continuations per text.")] = 1,
    temperature: Annotated[
        float,
        typer.Option(min=0, help="0 finds the likeliest by token; 1 draws from the distribution, 0.5 tamer."),
    ] = 0.0,
    seed: Annotated[int, typer.Option(help="Of the draws.")] = 0,
    json: Json = False,
) -> None:
    """Continue texts with a trained language model."""
    from pipeline.cli.ask import ask_language_model

    ask_language_model(
        texts, model, words=words, n_best=n_best, temperature=temperature, seed=seed, json=json
    )


@app.command()
def caption(
    pictures: Annotated[
        list[Path], typer.Argument(help="Picture files: JPEG, PNG or what else Pillow reads.")
    ],
    model: Model = None,
    beam: Annotated[int, typer.Option(min=1, help="Captions kept while searching; 1 is greedy.")] = 5,
    n_best: Annotated[int, typer.Option(min=1, help="Captions per picture, at most --beam.")] = 1,
    json: Json = False,
) -> None:
    """Describe pictures in a sentence each."""
    from pipeline.cli.media import ask_captioner

    ask_captioner(pictures, model, beam=beam, n_best=n_best, json=json)


@app.command()
def transcribe(
    sounds: Annotated[list[Path], typer.Argument(help="WAV files of 16 bits.")],
    model: Model = None,
    beam: Annotated[int, typer.Option(min=1, help="Transcripts kept while searching; 1 is greedy.")] = 5,
    n_best: Annotated[int, typer.Option(min=1, help="Transcripts per sound, at most --beam.")] = 1,
    json: Json = False,
) -> None:
    """Write down the digits that are said in sound files."""
    from pipeline.cli.media import ask_transcriber

    ask_transcriber(sounds, model, beam=beam, n_best=n_best, json=json)


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry point: one line per error on standard error, exit code 2."""
    try:
        app(arguments, prog_name="unrolled")
    except UserError as error:
        print(error, file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()
