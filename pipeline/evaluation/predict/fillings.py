"""Values for the hours of a window that are hidden."""

import numpy as np
import torch

from pipeline.bundle.load import Bundle
from pipeline.data.gaps import Mask
from pipeline.data.series import Values

BATCH_HOURS = 65_536
"""Hours that are read at a time."""


@torch.inference_mode()
def answered(bundle: Bundle, values: Values, hidden: Mask) -> Values:
    """Scaled windows (n, hours, channels), hidden hours (n, hours) -> an answer for every hour."""
    device = next(bundle.network.parameters()).device
    windows = max(1, BATCH_HOURS // values.shape[1])
    parts = (slice(start, start + windows) for start in range(0, len(values), windows))
    return np.concatenate(
        [
            bundle.network(*(torch.tensor(each[part], device=device) for each in (values, hidden)))
            .cpu()
            .numpy()
            for part in parts
        ]
    )
