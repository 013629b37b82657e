"""What a run writes while it trains: curves, checkpoints, best weights; and where it stops."""

import json
import math
import time
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import lightning as L
import torch
from safetensors.torch import save_model
from torch import Tensor

from pipeline.errors import UserError
from pipeline.files import atomic_path
from pipeline.tasks.base import Task
from pipeline.training.recording import whole_lines

LOG_EVERY = 20
"""Steps between two points of the training curves, and between two checks for NaN."""


class Recorder(L.Callback):
    """Writes `curves.jsonl` (appended as it goes), `last.ckpt` and `best.safetensors` of a run's folder.

    Seconds: `elapsed` with validation, `seconds` in training steps, `waited` of these for the next batch.

    Everything random in an epoch hangs on (seed, epoch, rank), so the state after an epoch is weights,
    optimiser and this callback's few numbers; a run resumed there ends with the bits of an undisturbed one.
    """

    def __init__(
        self, folder: Path, name: str, seed: int, token_count: Callable[[Any], int], patience: int | None
    ) -> None:
        self._folder, self._name, self._seed, self._token_count = folder, name, seed, token_count
        self._patience = patience
        self.best_score, self.best_epoch = -math.inf, 0
        self.elapsed = self.seconds = self.waited = 0.0
        self.tokens = 0
        self._pending: list[tuple[int, Tensor, Tensor, float]] = []
        self._mark = self._epoch_start = 0.0

    def state_dict(self) -> dict[str, Any]:
        names = ("best_score", "best_epoch", "elapsed", "seconds", "waited", "tokens")
        return {name: getattr(self, name) for name in names}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        for name, value in state_dict.items():
            setattr(self, name, value)

    def on_train_start(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Drops the points after the checkpoint: they will be written again."""
        path = self._folder / "curves.jsonl"
        if trainer.is_global_zero and path.exists():
            kept = [line for line in whole_lines(path) if json.loads(line)["step"] <= trainer.global_step]
            with atomic_path(path) as temporary:
                temporary.write_text("".join(kept), encoding="utf-8")
        # The run may have been killed when it had just decided to stop.
        self._stop_early(trainer, trainer.current_epoch)
        self._mark = self._epoch_start = time.perf_counter()

    def on_train_epoch_start(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        self._mark = self._epoch_start = time.perf_counter()

    def on_train_batch_start(self, trainer: Any, pl_module: Any, batch: Any, batch_idx: int) -> None:
        if batch_idx == 0:
            # Not in on_train_epoch_start, which Lightning skips in the first epoch of a resumed run, and
            # after the loader has drawn its own seed.
            mixed = torch.tensor([self._seed, trainer.current_epoch, trainer.global_rank])
            torch.manual_seed(int((mixed * torch.tensor([1_000_003, 1_009, 1])).sum()))
        now = time.perf_counter()
        self.waited += now - self._mark
        self.seconds += now - self._mark
        self._mark = now

    def on_train_batch_end(
        self, trainer: L.Trainer, pl_module: L.LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        assert isinstance(pl_module, Task)
        rate = pl_module.optimizers(use_pl_optimizer=False).param_groups[0]["lr"]  # type: ignore[union-attr]
        step = trainer.global_step
        self._pending.append((step, outputs["loss"].detach(), pl_module.gradient_norm.detach(), rate))
        self.tokens += self._token_count(batch)
        if len(self._pending) == LOG_EVERY:
            self._flush(trainer, trainer.current_epoch + (batch_idx + 1) / trainer.num_training_batches)
        now = time.perf_counter()
        self.seconds += now - self._mark
        self._mark = now

    def on_train_epoch_end(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        assert isinstance(pl_module, Task)
        epoch = trainer.current_epoch + 1
        self._flush(trainer, float(epoch))
        score, loss = (float(trainer.callback_metrics[f"validation_{name}"]) for name in ("score", "loss"))
        self._write(trainer, epoch, {"validation_loss": loss, "validation_score": score})
        if score > self.best_score:
            self.best_score, self.best_epoch = score, epoch
            if trainer.is_global_zero:
                with atomic_path(self._folder / "best.safetensors") as temporary:
                    save_model(pl_module.network, str(temporary))
        self._stop_early(trainer, epoch)
        self.elapsed += time.perf_counter() - self._epoch_start
        checkpoint = self._folder / "last.ckpt"
        with atomic_path(checkpoint) if trainer.is_global_zero else nullcontext(checkpoint) as temporary:
            trainer.save_checkpoint(temporary)

    def _stop_early(self, trainer: L.Trainer, epoch: int) -> None:
        if self._patience is not None and epoch - self.best_epoch >= self._patience:
            trainer.should_stop = True

    def _flush(self, trainer: L.Trainer, epoch: float) -> None:
        if not self._pending:
            return
        own = torch.stack([loss for _, loss, _, _ in self._pending])
        losses = trainer.strategy.reduce(own, reduce_op="mean").tolist()
        norms = torch.stack([norm for _, _, norm, _ in self._pending]).tolist()
        for (step, _, _, rate), loss, norm in zip(self._pending, losses, norms, strict=True):
            if not math.isfinite(loss) or not math.isfinite(norm):
                raise UserError(
                    f"{self._name}: loss {loss:g} at step {step} "
                    f"(learning rate {rate:g}, gradient norm {norm:g}); "
                    "try a lower training.learning_rate, a lower training.clip_norm or precision 32-true"
                )
        values = {
            "train_loss": sum(losses) / len(losses),
            "gradient_norm": sum(norms) / len(norms),
            "learning_rate": self._pending[-1][3],
        }
        self._pending = []
        self._write(trainer, epoch, values)

    def _write(self, trainer: L.Trainer, epoch: float, values: dict[str, float]) -> None:
        if not trainer.is_global_zero:
            return
        with (self._folder / "curves.jsonl").open("a", encoding="utf-8") as file:
            for metric, value in values.items():
                point = {
                    "step": trainer.global_step,
                    "epoch": round(epoch, 4),
                    "metric": metric,
                    "value": value,
                }
                file.write(json.dumps(point | {"time": time.time()}) + "\n")
