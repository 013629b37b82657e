"""Writing bundles. Apart from `load`, so that a run's code digest names its own architecture only."""

from pathlib import Path
from typing import Any

from safetensors.torch import save_model
from torch import nn

from pipeline.files import atomic_folder, sha256_of_file, write_json
from pipeline.text.tokenizer import Tokenizer

FORMAT = 1
WEIGHTS = "weights.safetensors"


def save(
    folder: Path, network: nn.Module, tokenizers: dict[str, Tokenizer], description: dict[str, Any]
) -> None:
    """Writes a bundle atomically; equal content gives equal bytes."""
    with atomic_folder(folder) as part:
        save_model(network, str(part / WEIGHTS))
        for column, tokenizer in tokenizers.items():
            (part / f"{column}.tokenizer.json").write_text(tokenizer.to_json(), encoding="utf-8")
        files = {path.name: sha256_of_file(path) for path in sorted(part.iterdir())}
        write_json(part / "bundle.json", {"format": FORMAT, "description": description, "files": files})
