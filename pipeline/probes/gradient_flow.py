"""How much of the gradient each step of a text has: does it vanish, and how fast?

Of a loss L, the cross-entropy of what is asked after one text of T steps, in float64:
  ||dL/dx_t||   of the step's word vector;
  S_t           ||G_t|| / sum over s of ||G_s||, with G_t = delta_t [h_{t-1}; x_t]^T the step's part of the
                gradient of the recurrent layer's weights, and delta_t that of its gates' sums;
  E             the early share, sum of S_t over t <= T / 10, the first step at least;
  half-life     steps back after which ||dL/dx_t|| has halved, by a robust line through its logarithm
                (Theil 1950, Sen 1968); infinite where it doesn't fall.
Norms and shares are means over texts. Every network is looked at twice: as its seed drew it, and trained (the
weights of its best epoch on validation).
"""

import copy
import importlib
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import torch
from scipy import stats
from torch import nn
from torch.nn import functional as F

from pipeline.bundle.load import Bundle
from pipeline.data.store import PreparedDataset
from pipeline.errors import UserError
from pipeline.evaluation.tables import Tables
from pipeline.nn.gradients import Opened, norm
from pipeline.probes.rows_read import RowsRead, rows_read

EARLY = 10
"""The first of so many parts of a text is early."""
POINTS = 20
"""Steps of each curve that are kept, evenly spread on a logarithmic scale."""
ROWS = 32
"""Texts at a time: keeps memory flat."""
LEAST = 1e-300
"""Below it, float64 loses digits."""


def probe_bundle(bundle: Bundle, dataset: PreparedDataset, settings: Mapping[str, Any]) -> Tables:
    """`flow`: the curves; `shares`: early share and half-life.

    Raises:
        UserError: the network reads padding, or it isn't a single layer that reads forwards and whose every
            gate learns; or no text is as long as its cut.
    """
    rows = rows_read(bundle, dataset, settings)
    # Drawn as training draws it, from the run's seed.
    torch.manual_seed(bundle.description["seed"])
    builder = importlib.import_module(f"pipeline.build.{bundle.description['architecture']}")
    fresh = builder.build(bundle.description["model"], bundle.description)
    flows, shares = [], []
    for when, network in (("before", fresh), ("after", bundle.network)):
        gradient, share = flow(network, rows)
        kept = _kept(len(gradient))
        points = {"step_from_end": kept, "gradient": gradient[::-1][kept], "share": share[::-1][kept]}
        flows.append(pd.DataFrame({"when": when} | points))
        measured = {"early_share": early_share(share), "half_life": half_life(gradient)}
        shares.append({"when": when, "length": len(gradient)} | measured | {"reviews": len(rows.asked)})
    return {"flow": pd.concat(flows, ignore_index=True), "shares": pd.DataFrame(shares)}


def flow(network: nn.Module, rows: RowsRead) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """||dL/dx_t|| and S_t of every step, means over texts: (S,) each.

    Raises:
        UserError: see `probe_bundle`.
    """
    network = copy.deepcopy(network).double().eval().requires_grad_(False)
    try:
        network.recurrent = opened = Opened(network.recurrent)  # type: ignore[arg-type]
    except ValueError as error:
        raise UserError(f"gradient_flow: {error}; leave the variant out of the experiment") from None
    gradients, shares = [], []
    for part in rows.split(ROWS):
        # The sum, so that each text has its own gradient.
        loss = F.cross_entropy(part.scores(network), part.asked, reduction="sum")
        by_input, factors = opened.flow(loss)
        gradients.append(norm(by_input))
        parts = norm(torch.stack([each.norms() for each in factors], -1))
        shares.append(parts / parts.sum(0))
    return torch.cat(gradients, 1).mean(1).numpy(), torch.cat(shares, 1).mean(1).numpy()


def early_share(share: npt.NDArray[np.float64]) -> float:
    """E of S_1 … S_T."""
    return float(share[: max(len(share) // EARLY, 1)].sum())


def half_life(gradient: npt.NDArray[np.float64]) -> float:
    """In steps, of the norms of steps 1 … T; 0 where nothing reaches the step before the last."""
    back = np.arange(len(gradient))
    reached = gradient[::-1] > LEAST
    if reached.sum() < 2:
        return 0.0
    slope = float(stats.theilslopes(np.log(gradient[::-1][reached]), back[reached]).slope)
    return -math.log(2) / slope if slope < 0 else math.inf


def _kept(steps: int) -> npt.NDArray[np.int64]:
    """Steps from the end, 0 the last one."""
    spread = np.geomspace(1, max(steps - 1, 1), POINTS).round().astype(np.int64)
    return np.unique(np.minimum([0, *spread], steps - 1))
