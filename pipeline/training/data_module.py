"""Batches for Lightning: a new plan each epoch, a pure function of (seed, epoch)."""

from collections.abc import Callable, Mapping
from typing import Any

import lightning as L
import numpy as np
from torch.utils.data import DataLoader, Dataset

from pipeline.data.batches import BucketSampler
from pipeline.data.store import Index, PreparedDataset
from pipeline.errors import UserError

VALIDATION_TOKENS = 16_384
"""Batch budget of validation: fixed, so that scores don't depend on the training batch."""

MakeBatches = Callable[..., Any]


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
        batches = self._batches("train")
        lengths = batches.lengths
        usable = np.flatnonzero(lengths <= self._data["max_tokens"])
        if not len(usable):
            raise UserError(
                f"data.max_tokens: {self._data['max_tokens']} leaves no training row; "
                f"the shortest has {lengths.min()} tokens"
            )
        sampler = BucketSampler(
            lengths[usable],
            budget=self._data["batch_tokens"],
            seed=self._seed,
            epoch=self.trainer.current_epoch,
        )
        return _loader(_Chosen(batches, usable), sampler)

    def val_dataloader(self) -> DataLoader[Any]:
        batches = self._batches("validation")
        return _loader(batches, BucketSampler(batches.lengths, budget=VALIDATION_TOKENS))

    def _batches(self, split: str) -> Any:
        assert self.trainer is not None
        ranks = {"rank": self.trainer.global_rank, "ranks": self.trainer.world_size}
        return self._make(self._dataset, split, self._data, **ranks)


class _Chosen(Dataset[Any]):
    """A view of some rows."""

    def __init__(self, batches: Any, rows: Index) -> None:
        self._batches, self._rows = batches, rows

    def __getitem__(self, places: Index) -> Any:
        return self._batches[self._rows[places]]


def _loader(dataset: Dataset[Any], sampler: BucketSampler) -> DataLoader[Any]:
    # Reading mapped tokens takes a millisecond a batch: worker processes would cost more than they save.
    return DataLoader(dataset, sampler=sampler, batch_size=None, collate_fn=_unchanged)


def _unchanged(batch: Any) -> Any:
    return batch
