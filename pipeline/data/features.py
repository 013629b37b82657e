"""What a network reads of a sound: standardised log-mel frames, several a step."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from pipeline.sounds import Frames, Samples, log_mel, stacked


def features(samples: Samples, facts: Mapping[str, Any]) -> Frames:
    """(steps, mels * stack) of a whole sound.

    Args:
        facts: of the dataset or bundle: mels, stack, and each band's mean and scale in training.
    """
    return standardised(log_mel(samples, facts["mels"]), facts)


def standardised(frames: Frames, facts: Mapping[str, Any]) -> Frames:
    """The same of log-mel frames (frames, mels)."""
    mean, scale = (np.asarray(facts[name], dtype=np.float32) for name in ("mean", "scale"))
    return stacked((frames - mean) / scale, facts["stack"])
