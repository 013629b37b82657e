"""Batches for Lightning: a new plan each epoch, a pure function of (seed, epoch)."""

from collections.abc import Callable, Mapping
from typing import Any

import lightning as L
from torch.utils.data import DataLoader

from pipeline.data.batches import RowBatches
from pipeline.data.store import PreparedDataset

VALIDATION_TOKENS = 16_384
"""Batch budget of validation: fixed, so that scores don't depend on the training batch."""

MakeBatches = Callable[..., RowBatches[Any]]


class RunData(L.LightningDataModule):
    """Loaders of one run. `make_batches` is the task module's function `batches`.

    The Trainer reloads the training loader each epoch (`reload_dataloaders_every_n_epochs=1`), because
    batches by token budget differ in number from epoch to epoch.
    """

    def __init__(
        self, dataset: PreparedDataset, make_batches: MakeBatches, data: Mapping[str, Any], seed: int
    ) -> None:
        super().__init__()
        self._dataset, self._make, self._data, self._seed = dataset, make_batches, data, seed

    def train_dataloader(self) -> DataLoader[Any]:
        assert self.trainer is not None
        return self._loader(
            "train",
            budget=self._data["batch_tokens"],
            longest=self._data["max_tokens"],
            seed=self._seed,
            epoch=self.trainer.current_epoch,
        )

    def val_dataloader(self) -> DataLoader[Any]:
        return self._loader("validation", budget=VALIDATION_TOKENS)

    def _loader(self, split: str, **plan: Any) -> DataLoader[Any]:
        assert self.trainer is not None
        ranks = {"rank": self.trainer.global_rank, "ranks": self.trainer.world_size}
        batches = self._make(self._dataset, split, self._data, **ranks)
        # Reading mapped tokens takes a millisecond a batch: worker processes would cost more than they save.
        return DataLoader(batches, sampler=batches.order(**plan), batch_size=None, collate_fn=_unchanged)


def _unchanged(batch: Any) -> Any:
    return batch
