"""Sound files and their log-mel frames, against tones whose place on the scale is known."""

import io
import wave

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import UserError
from pipeline.sounds import FLOOR, HOP, RATE, WINDOW, filters, log_mel, read_wav, stacked, wav


def tone(hertz: float, seconds: float = 0.5, rate: int = RATE) -> np.ndarray:
    return (0.5 * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)).astype(np.float32)


def packed(channels: list[np.ndarray], rate: int, size: int = 2) -> bytes:
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setparams((len(channels), size, rate, 0, "NONE", ""))
        scaled = (np.stack(channels, 1) * (2 ** (8 * size - 1) - 1)).round()
        file.writeframes(scaled.astype(f"<i{size}").tobytes())
    return buffer.getvalue()


def strongest(samples: np.ndarray, mels: int = 40) -> float:
    """Hertz at the middle of the loudest band."""
    band = int(log_mel(samples, mels).mean(0).argmax())
    step = 2595 * np.log10(1 + RATE / 2 / 700) / (mels + 1)
    return float(700 * (10 ** ((band + 1) * step / 2595) - 1))


def test_what_is_written_is_read() -> None:
    samples = tone(440)
    np.testing.assert_allclose(read_wav(wav(samples), "x"), samples, atol=1e-4)


@pytest.mark.parametrize("rate", [8000, 16000, 44100, 11025])
def test_channels_are_averaged_and_other_rates_resampled(rate: int) -> None:
    left, right = tone(1000, rate=rate), np.zeros(round(0.5 * rate), dtype=np.float32)
    found = read_wav(packed([left, right], rate), "x")
    assert len(found) == pytest.approx(RATE / 2, abs=2)
    middle = slice(500, -500)
    np.testing.assert_allclose(found[middle], tone(1000)[: len(found)][middle] / 2, atol=2e-3)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "clip: no WAV file"),
        (b"RIFF", "clip: no WAV file"),
        (b"ID3" + bytes(200), "clip: no WAV file"),
        (packed([tone(440)], RATE)[:-7], "clip: breaks off; needs 16-bit PCM"),
        (packed([tone(440, 0)], RATE), "clip: holds no sound; needs 16-bit PCM"),
        (packed([tone(440)], RATE, size=4), "clip: has samples of 32 bits; needs 16-bit PCM"),
    ],
)
def test_files_that_hold_no_sound_are_named(content: bytes, message: str) -> None:
    with pytest.raises(UserError, match=f"^{message}"):
        read_wav(content, "clip")


@pytest.mark.parametrize("hertz", [250, 500, 1000, 2000, 3000])
def test_a_tone_is_loudest_in_its_band(hertz: int) -> None:
    """Bands are 52 mel apart, which is 6 % of a frequency and at least 33 Hz."""
    assert strongest(tone(hertz)) == pytest.approx(hertz, abs=max(35, 0.07 * hertz))


@given(st.integers(1, 2000), st.integers(0, 3))
def test_frames_begin_every_hop_and_loudness_does_not_matter(count: int, quiet: int) -> None:
    samples = np.random.default_rng(count).uniform(-1, 1, count).astype(np.float32)
    frames = log_mel(samples, 11)
    assert frames.shape == (1 + max(0, count - WINDOW) // HOP, 11)
    np.testing.assert_allclose(log_mel(samples / 2**quiet, 11), frames, atol=1e-3)


def test_silence_is_the_floor() -> None:
    assert (log_mel(np.zeros(1000, dtype=np.float32), 13) == np.float32(np.log(FLOOR))).all()


def test_filters_share_out_all_that_lies_between_the_outer_ones() -> None:
    found = filters(17)
    middles = found.argmax(0)
    assert (np.diff(middles) > 0).all()
    np.testing.assert_allclose(found[middles[0] + 1 : middles[-1]].sum(1), 1)


@given(st.integers(1, 23), st.integers(1, 5))
def test_stacking_keeps_order_and_fills_up(count: int, number: int) -> None:
    frames = np.arange(3 * count, dtype=np.float32).reshape(count, 3)
    found = stacked(frames, number)
    assert found.shape == (-(-count // number), 3 * number)
    flat = found.reshape(-1, 3)
    assert (flat[:count] == frames).all()
    assert (flat[count:] == frames[-1]).all()
