"""What a person reads first on a run, an experiment or a model: Markdown."""

import math

import pandas as pd

from pipeline.metrics.headline import LOWER_IS_BETTER
from pipeline.tracking.results import ExperimentResult, SeedResult

TEXTS = "'raw text'", "pandas.DataFrame({'text': ['raw text']})"
PICTURE = "base64.b64encode(open('picture.png', 'rb').read()).decode()"
SOUND = "base64.b64encode(open('clip.wav', 'rb').read()).decode()"
INPUTS = {
    "forecasting": ("history.csv", "pandas.read_csv('history.csv')"),
    "imputation": ("gaps.csv", "pandas.read_csv('gaps.csv')"),
    "captioning": ("picture.png", f"pandas.DataFrame({{'image': [{PICTURE}]}})"),
    "transcription": ("clip.wav", f"pandas.DataFrame({{'audio': [{SOUND}]}})"),
}
"""What a command and a loaded model are given, by task; texts if not said."""


def experiment_note(result: ExperimentResult) -> str:
    """Question, results by variant, where they come from and how to go on."""
    facts = result.facts
    split, _, headline = result.headline.partition("/")
    rows = result.summary[result.summary["split"] == split]
    metrics = list(dict.fromkeys(rows["metric"]))
    lines = [
        facts["question"],
        "",
        f"On `{split}` of `{facts['dataset']}` ({facts['corpus']}), "
        "mean ± half of the 95 % interval over seeds:",
        "",
        f"| variant | {' | '.join(metrics)} | seeds |",
        f"|---|{'---:|' * (len(metrics) + 1)}",
    ]
    by_headline = rows[rows["metric"] == headline].sort_values("mean", ascending=headline in LOWER_IS_BETTER)
    for variant in by_headline["variant"]:
        means = result.means(variant)
        cells = [_cell(means, f"{split}/{metric}") for metric in metrics]
        lines.append(f"| {variant} | {' | '.join(cells)} | {int(means['seeds'].iloc[0])} |")
    commit = f"{(facts['commit'] or 'unknown')[:10]}{' with uncommitted changes' if facts['dirty'] else ''}"
    return "\n".join(
        [
            *lines,
            "",
            f"Profile `{result.profile}`, commit `{commit}`, {facts['time']}. "
            f"Files: `results/{result.profile}/{result.name}`; "
            f"all results: `report/{result.profile}/index.html`.",
            "",
            "Below this run stands one run per variant (means) and below each one run per seed (parameters, "
            "curves, scores). The best seed of a variant holds its bundle, samples and pictures. In the "
            "list of runs, + opens a run; the chart view draws what is open.",
        ]
    )


def version_note(result: ExperimentResult, seed: SeedResult, name: str) -> str:
    """Where a model version comes from and how to use it."""
    score, value = seed.run["score_name"], seed.run["best_score"]
    argument, table = _inputs(result, seed)
    return "\n".join(
        [
            f"`{result.name}/{seed.name}` of profile `{result.profile}`: validation {score} {value:.4g}.",
            "",
            "```",
            f"unrolled {_command(result)} --model models:/{name}@champion {argument}",
            "",
            f"import {'base64, ' if 'base64' in table else ''}mlflow, pandas",
            f"model = mlflow.pyfunc.load_model('models:/{name}@champion')",
            f"model.predict({table})",
            "```",
        ]
    )


def _inputs(result: ExperimentResult, seed: SeedResult) -> tuple[str, str]:
    """What a command and a loaded model are given."""
    if result.facts["task"] != "algorithmic":
        return INPUTS.get(result.facts["task"], TEXTS)
    asked = "'a b a . . ?'" if seed.description["wanted"] == "symbols" else "'0.25* 0.8 0.5* ?'"
    return asked, f"pandas.DataFrame({{'text': [{asked}]}})"


def _command(result: ExperimentResult) -> str:
    commands = {
        "classification": "classify",
        "translation": "translate",
        "tagging": "tag",
        "forecasting": "forecast",
        "algorithmic": "solve",
        "transduction": "answer",
        "rating": "rate",
        "language_modelling": "continue",
        "captioning": "caption",
        "transcription": "transcribe",
        "imputation": "fill",
    }
    return commands[result.facts["task"]]


def _cell(means: pd.DataFrame, key: str) -> str:
    if key not in means.index:
        return ""
    mean, low, high = (float(means[column][key]) for column in ("mean", "low", "high"))
    return f"{mean:.4g}" if math.isnan(low) else f"{mean:.4g} ± {(high - low) / 2:.2g}"
