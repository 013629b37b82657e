"""What all tasks share: optimiser, learning-rate course, clipping, the loss by step."""

import dataclasses
import math
from collections.abc import Mapping
from typing import Any, TypeVar

import lightning as L
import torch
from torch import Tensor, nn

T = TypeVar("T")


class Task(L.LightningModule):
    """A network with its training rule. Subclasses give `batch_loss` and the validation's score.

    Args:
        network: a plain module that knows no Lightning.
        training: the fields of `Training` in pipeline/config/schema/experiment.py.
    """

    score_name: str

    def __init__(self, network: nn.Module, training: Mapping[str, Any]) -> None:
        super().__init__()
        self.network = network
        self.training_parameters = dict(training)
        self.progress = 0.0
        """Share of the training that is behind, in [0, 1)."""
        self.gradient_norm = torch.tensor(0.0)
        """Before clipping, of the step taken last."""

    def configure_optimizers(self) -> torch.optim.Optimizer:
        parameters = self.training_parameters
        return torch.optim.AdamW(
            self.network.parameters(),
            lr=parameters["learning_rate"],
            weight_decay=parameters["weight_decay"],
            betas=(0.9, 0.98),
            fused=True,
        )

    def transfer_batch_to_device(self, batch: Any, device: torch.device, dataloader_idx: int) -> Any:
        fields = {field.name: getattr(batch, field.name) for field in dataclasses.fields(batch)}
        tensors = {name: value for name, value in fields.items() if isinstance(value, Tensor)}
        moved = {name: tensor.to(device, non_blocking=True) for name, tensor in tensors.items()}
        return dataclasses.replace(batch, **moved)

    def on_train_batch_start(self, batch: Any, batch_idx: int) -> None:
        epochs = self.current_epoch + batch_idx / self.trainer.num_training_batches
        self.progress = epochs / self.training_parameters["epochs"]
        rate = learning_rate(self.progress, self.training_parameters)
        for group in self.optimizers(use_pl_optimizer=False).param_groups:  # type: ignore[union-attr]
            group["lr"] = rate

    def training_step(self, batch: Any, batch_idx: int) -> Tensor:
        return self.batch_loss(batch)

    def batch_loss(self, batch: Any) -> Tensor:
        """This rank's share of the global batch's mean loss, times the number of ranks: () float."""
        raise NotImplementedError

    def configure_gradient_clipping(
        self, optimizer: Any, gradient_clip_val: Any = None, gradient_clip_algorithm: Any = None
    ) -> None:
        """Rescales the whole gradient to `clip_norm` at most, if there is one (Pascanu 2013, section 3.2)."""
        parameters, largest = list(self.network.parameters()), self.training_parameters["clip_norm"]
        if largest is None:
            self.gradient_norm = nn.utils.get_total_norm([p.grad for p in parameters if p.grad is not None])
        else:
            self.gradient_norm = nn.utils.clip_grad_norm_(parameters, largest)

    def gathered(self, found: dict[int, T]) -> dict[int, T]:
        """What this rank found of its rows, together with what the others found of theirs (row -> T)."""
        if self.trainer.world_size == 1:
            return found
        parts: list[Any] = [None] * self.trainer.world_size
        torch.distributed.all_gather_object(parts, found)
        return {row: value for part in parts for row, value in part.items()}


def learning_rate(progress: float, training: Mapping[str, Any]) -> float:
    """Rate at `progress` in [0, 1) of the training: linear warm-up, then the schedule's course to zero."""
    peak, warmup = training["learning_rate"], training["warmup"]
    if progress < warmup:
        # Half a per mille keeps the very first step from being wasted.
        return float(peak * max(progress / warmup, 5e-4))
    left = (1 - progress) / (1 - warmup)
    match training["schedule"]:
        case "linear":
            return float(peak * left)
        case "cosine":
            return float(peak * 0.5 * (1 - math.cos(math.pi * left)))
        case _:
            return float(peak)
