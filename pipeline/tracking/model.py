"""The served model: texts, numbers, pictures or sounds in, answers out. MLflow runs this file when it loads
a model.

Nothing is pickled: the model is this code, a bundle (safetensors, JSON) and a copy of this package.
"""

from pathlib import Path
from typing import Any

import pandas as pd
from mlflow.exceptions import MlflowException
from mlflow.models import set_model
from mlflow.pyfunc.model import PythonModel, PythonModelContext

from pipeline.bundle.load import load
from pipeline.errors import UserError
from pipeline.tracking.answers import ANSWERS, given


class BundleModel(PythonModel):  # type: ignore[misc]
    """Column `text`, a captioner's `image`, a transcriber's `audio`, or a forecaster's or imputer's channels
    in; out comes what pipeline/tracking/answers.py says of the bundle's task."""

    def load_context(self, context: PythonModelContext) -> None:
        self._bundle = load(Path(context.artifacts["bundle"]))

    def predict(
        self, context: PythonModelContext, model_input: pd.DataFrame, params: dict[str, Any] | None = None
    ) -> pd.DataFrame:
        try:
            asked = given(self._bundle, model_input)
            return pd.DataFrame(ANSWERS[self._bundle.task](self._bundle, asked, **(params or {})))
        except UserError as error:  # the server answers 400 with this line
            raise MlflowException.invalid_parameter_value(str(error)) from None


set_model(BundleModel())
