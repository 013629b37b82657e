"""MLflow's view of the files: tracking, live curves, registered models. The only place that knows MLflow.

Importing it sets, unless the user did, the variables that MLflow reads when it is imported itself:
no telemetry, and an answer within seconds from a server that is away.
"""

import os

SETTINGS = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "true",  # MLflow understands "true" only
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "10",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",
    "MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR": "1",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
}

for name, value in SETTINGS.items():
    os.environ.setdefault(name, value)
