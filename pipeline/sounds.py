"""Sound files -> samples -> log-mel frames."""

import io
import wave
from functools import cache

import numpy as np
import numpy.typing as npt

from pipeline.errors import UserError

Samples = npt.NDArray[np.float32]
"""(n,), one channel, -1 to 1."""
Frames = npt.NDArray[np.float32]
"""(frames, features)"""

RATE = 8000
"""Samples a second."""
WINDOW, HOP, FFT = 200, 80, 512
"""25 and 10 ms of samples; a window is filled up with zeros, so that the lowest filters see several bins."""
FLOOR = 1e-6
"""Of a band's power, 77 dB below that of a full-scale tone; what is weaker is silence."""


def read_wav(content: bytes, where: str) -> Samples:
    """A WAV file's samples at `RATE`: channels are averaged, other rates resampled.

    Args:
        where: what a message calls it.

    Raises:
        UserError: it is no WAV file of 16 bits, breaks off or holds no sound.
    """
    try:
        with wave.open(io.BytesIO(content)) as file:
            channels, size, rate, count, *_ = file.getparams()
            data = file.readframes(count)
    except (wave.Error, EOFError) as error:
        raise UserError(f"{where}: no WAV file ({str(error) or 'it breaks off'}); needs 16-bit PCM") from None
    if size != 2:
        raise UserError(f"{where}: has samples of {8 * size} bits; needs 16-bit PCM")
    if not count or len(data) < count * channels * size:
        raise UserError(f"{where}: {'breaks off' if count else 'holds no sound'}; needs 16-bit PCM")
    samples = np.frombuffer(data, dtype="<i2").reshape(-1, channels).mean(1) / 2**15
    if rate != RATE:
        from scipy.signal import resample_poly  # takes a second to import, and few files need it

        common = np.gcd(rate, RATE)
        samples = resample_poly(samples, RATE // common, rate // common)
    found: Samples = samples.astype(np.float32)
    return found


def wav(samples: Samples) -> bytes:
    """A WAV file of 16 bits, one channel, at `RATE`."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        file.writeframes((samples * (2**15 - 1)).round().astype("<i2").tobytes())
    return buffer.getvalue()


def log_mel(samples: Samples, mels: int) -> Frames:
    """Logarithms of the power in `mels` bands, (frames, mels), of a sound whose peak is made 1.

    A sound shorter than a window is filled up with silence.
    """
    loudest = np.abs(samples).max() or 1
    filled = np.pad(samples / loudest, (0, max(0, WINDOW - len(samples))))
    shape = np.hamming(WINDOW)
    windows = np.lib.stride_tricks.sliding_window_view(filled, WINDOW)[::HOP] * shape
    power = np.abs(np.fft.rfft(windows, FFT)) ** 2 / (shape**2).sum()
    found: Frames = np.log(np.maximum(power @ filters(mels), FLOOR)).astype(np.float32)
    return found


@cache
def filters(mels: int) -> npt.NDArray[np.float64]:
    """Triangular filters (bins, mels), evenly spaced on the mel scale 2595 log10(1 + f / 700) up to half the
    rate (Young et al., The HTK Book, section 5.4)."""
    top = 2595 * np.log10(1 + RATE / 2 / 700)
    edges = 700 * (10 ** (np.linspace(0, top, mels + 2) / 2595) - 1)
    bins = np.fft.rfftfreq(FFT, 1 / RATE)[:, None]
    rising = (bins - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - bins) / (edges[2:] - edges[1:-1])
    return np.minimum(rising, falling).clip(min=0)


def stacked(frames: Frames, number: int) -> Frames:
    """Every `number` neighbours as one row, (ceil(n / number), number * features), as Sak et al. 2015,
    section 3; the last frame fills the last row up."""
    filled = np.pad(frames, ((0, -len(frames) % number), (0, 0)), mode="edge")
    return filled.reshape(-1, number * frames.shape[1])
