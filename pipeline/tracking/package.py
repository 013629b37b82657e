"""Packing a bundle as an MLflow model (models from code)."""

import base64
import math
from importlib.metadata import version
from pathlib import Path
from typing import Any

import mlflow
import numpy as np
import pandas as pd
from mlflow import MlflowClient
from mlflow.models import ModelSignature
from mlflow.models.model import ModelInfo
from mlflow.types import ColSpec, DataType, ParamSchema, ParamSpec, Schema, TensorSpec
from mlflow.types.schema import Array, Map, Object, Property

import pipeline
from pipeline.files import read_json
from pipeline.images import png
from pipeline.sounds import RATE, wav
from pipeline.tracking.answers import BEAM, N_BEST, SEED, TEMPERATURE, WORDS

CODE = Path(pipeline.__file__).parent
REQUIREMENTS = (
    "mlflow",
    "torch",
    "numpy",
    "pandas",
    "tokenizers",
    "safetensors",
    "jaxtyping",
    "pillow",
    "scipy",
)
"""What the model imports. Named, because MLflow would load the model in a second process to find out."""
EXAMPLES = {
    "classification": "A film that holds you to the end.",
    "translation": "two dogs run on the beach .",
    "tagging": "Two dogs run on the beach.",
    "algorithmic": "?",
    "transduction": "where is amina? boris home amina upstairs elif abroad",
    "rating": "A film that holds you to the end.",
    "language_modelling": "the company said",
    "captioning": base64.b64encode(png(np.full((8, 8, 3), 127, dtype=np.uint8))).decode(),
    "transcription": base64.b64encode(wav(np.zeros(RATE // 2, dtype=np.float32))).decode(),
}

TEXT, NUMBER = DataType.string, DataType.double


def _searched(name: str, column: str = "text") -> ModelSignature:
    """Of models that search for a text, which the answer has under this name."""
    return ModelSignature(
        Schema([ColSpec(TEXT, column)]),
        Schema(
            [
                ColSpec(TEXT, name),
                ColSpec(NUMBER, "score"),
                ColSpec(Array(Object([Property(name, TEXT), Property("score", NUMBER)])), "n_best"),
            ]
        ),
        ParamSchema(
            [ParamSpec("beam", DataType.long, BEAM), ParamSpec("n_best", DataType.long, N_BEST)],
        ),
    )


SIGNATURES = {
    "classification": ModelSignature(
        Schema([ColSpec(TEXT, "text")]),
        Schema(
            [ColSpec(TEXT, "label"), ColSpec(NUMBER, "probability"), ColSpec(Map(NUMBER), "probabilities")]
        ),
    ),
    "translation": _searched("translation"),
    "transduction": _searched("answer"),
    "captioning": _searched("caption", "image"),
    "transcription": _searched("transcript", "audio"),
    "tagging": ModelSignature(
        Schema([ColSpec(TEXT, "text")]),
        Schema([ColSpec(Array(TEXT), "tokens"), ColSpec(Array(TEXT), "tags")]),
    ),
    "algorithmic": ModelSignature(Schema([ColSpec(TEXT, "text")]), Schema([ColSpec(Array(TEXT), "answers")])),
    "rating": ModelSignature(
        Schema([ColSpec(TEXT, "text")]),
        Schema([ColSpec(NUMBER, "stars"), ColSpec(Map(NUMBER), "probabilities")]),
    ),
    "language_modelling": ModelSignature(
        Schema([ColSpec(TEXT, "text")]),
        Schema(
            [
                ColSpec(NUMBER, "perplexity"),
                ColSpec(TEXT, "continuation"),
                ColSpec(NUMBER, "score"),
                ColSpec(Array(Object([Property("continuation", TEXT), Property("score", NUMBER)])), "n_best"),
            ]
        ),
        ParamSchema(
            [
                ParamSpec("words", DataType.long, WORDS),
                ParamSpec("n_best", DataType.long, N_BEST),
                ParamSpec("temperature", NUMBER, TEMPERATURE),
                ParamSpec("seed", DataType.long, SEED),
            ]
        ),
    ),
}
"""Of the tasks whose input is one column of text; a picture or sound comes as its file in base64."""


def log_model(run_id: str, name: str, task: str, bundle: Path) -> ModelInfo:
    """Logs a bundle, the code that reads it and what that needs as a model of a finished run."""
    signature, example = _interface(task, read_json(bundle / "bundle.json")["description"])
    client = MlflowClient()
    end: Any = client.get_run(run_id).info.end_time
    with mlflow.start_run(run_id=run_id):
        info: ModelInfo = mlflow.pyfunc.log_model(
            name=name,
            python_model=str(CODE / "tracking" / "model.py"),
            artifacts={"bundle": str(bundle)},
            code_paths=[str(CODE)],
            signature=signature,
            input_example=example,
            pip_requirements=[f"{package}=={version(package).partition('+')[0]}" for package in REQUIREMENTS],
        )
    client.set_terminated(run_id, end_time=end)  # the run ended when its training did
    return info


def _interface(task: str, description: dict[str, Any]) -> tuple[ModelSignature, pd.DataFrame]:
    """What goes in and out, and an example of what goes in."""
    if task not in ("forecasting", "imputation"):
        signature = SIGNATURES[task]
        return signature, pd.DataFrame({name: [EXAMPLES[task]] for name in signature.inputs.input_names()})
    channels, hours = description["channels"], description["data"]["max_tokens"]
    series: list[ColSpec | TensorSpec] = [ColSpec(NUMBER, channel) for channel in channels]
    average = pd.DataFrame([dict(zip(channels, description["mean"], strict=True))] * hours)
    if task == "imputation":
        average.iloc[hours // 2] = math.nan
        return ModelSignature(Schema(series), Schema(series)), average
    signature = ModelSignature(
        Schema(series),
        Schema([ColSpec(DataType.long, "step"), *series]),
        ParamSchema([ParamSpec("steps", DataType.long, description["horizons"][-1])]),
    )
    return signature, average
