"""Writing bundles. Apart from `load`, so that a run's code digest names its own architecture only."""

from pathlib import Path
from typing import Any

from safetensors.torch import save_file
from torch import Tensor, nn

from pipeline.files import atomic_folder, sha256_of_file, sha256_of_json, write_json
from pipeline.text.tokenizer import Tokenizer

FORMAT = 3
WEIGHTS = "weights.safetensors"


def save(
    folder: Path, network: nn.Module, tokenizers: dict[str, Tokenizer], description: dict[str, Any]
) -> None:
    """Writes a bundle atomically; equal content gives equal bytes."""
    with atomic_folder(folder) as part:
        save_file(unique_weights(network), part / WEIGHTS)
        for column, tokenizer in tokenizers.items():
            (part / f"{column}.tokenizer.json").write_text(tokenizer.to_json(), encoding="utf-8")
        files = {path.name: sha256_of_file(path) for path in sorted(part.iterdir())}
        content = {"format": FORMAT, "description": description, "files": files}
        write_json(part / "bundle.json", content | {"digest": sha256_of_json(content)})


def unique_weights(network: nn.Module) -> dict[str, Tensor]:
    """The network's tensors, a shared (tied) one under its first name only, as safetensors wants them.

    Its own `save_model` notes the other names in an order that changes from process to process.
    """
    found: dict[int, tuple[str, Tensor]] = {}
    for name, tensor in network.state_dict().items():
        found.setdefault(tensor.data_ptr(), (name, tensor.contiguous()))
    return dict(found.values())
