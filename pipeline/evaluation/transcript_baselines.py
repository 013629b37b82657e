"""What a transcriber must beat: guesses that don't listen, and matching with recordings of single words."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipeline.data.speech import Speech
from pipeline.sounds import Frames

Answer = Callable[[Sequence[Frames]], list[str]]
"""Sounds, (steps, features) each -> their words."""

TEMPLATES = 5
"""Recordings of each word and speaker that sounds are matched with."""


def fit(name: str, train: Speech, transcripts: Sequence[str], speakers: Sequence[str]) -> Answer:
    """Makes a baseline of the experiment's `baselines` from training rows, their words and speakers."""
    match name:
        case "chance":
            return chance(transcripts)
        case "most_frequent":
            return most_frequent(transcripts)
        case "templates":
            return templates(train, transcripts, speakers)
        case _:
            raise ValueError(f"no baseline {name!r}")


def chance(transcripts: Sequence[str]) -> Answer:
    """As many words as some training row has, each drawn from all of training's."""
    lengths = [len(text.split()) for text in transcripts]
    words = sorted({word for text in transcripts for word in text.split()})

    def answer(sounds: Sequence[Frames]) -> list[str]:
        rng = np.random.default_rng(0)
        return [" ".join(rng.choice(words, rng.choice(lengths))) for _ in sounds]

    return answer


def most_frequent(transcripts: Sequence[str]) -> Answer:
    """The training split's most frequent transcript, the first of equals."""
    ((common, _),) = Counter(transcripts).most_common(1)
    return lambda sounds: [common] * len(sounds)


def templates(train: Speech, transcripts: Sequence[str], speakers: Sequence[str]) -> Answer:
    """The sequence of training recordings that is nearest to the sound, each stretched or shrunk in time as
    fits: connected words by one-stage dynamic programming (Ney 1984, sections III and IV)."""
    chosen: dict[tuple[str, str], dict[int, Frames]] = {}
    for row, (text, speaker) in enumerate(zip(transcripts, speakers, strict=True)):
        for word, number in zip(text.split(), train.recordings[row], strict=True):
            own = chosen.setdefault((word, speaker), {})
            if len(own) < TEMPLATES:
                own[int(number)] = train.recording(int(number))
    known = [(word, each) for (word, _), own in chosen.items() for each in own.values()]
    matcher = _Matcher([word for word, _ in known], [frames for _, frames in known])
    return lambda sounds: [" ".join(matcher.words_of(sound)) for sound in sounds]


@dataclass(frozen=True)
class _End:
    """The best way to have a template's last step at some time: its cost, whose it is, when it began."""

    cost: float
    template: int
    begun: int


class _Matcher:
    """Templates side by side: a state is a step of one. From a time to the next a state is kept, or one or
    two steps on are taken; behind a last step comes any first one."""

    def __init__(self, words: Sequence[str], frames: Sequence[Frames]) -> None:
        self._words = words
        self._steps = np.concatenate(frames)
        lengths = np.array([len(each) for each in frames])
        self._last = np.cumsum(lengths) - 1
        self._place = np.concatenate([np.arange(length) for length in lengths])

    def words_of(self, sound: Frames) -> list[str]:
        ends: list[_End] = []
        states = np.arange(len(self._steps))
        costs = np.where(self._place == 0, 0.0, np.inf)
        begun = np.zeros(len(states), dtype=np.int64)
        for time, local in enumerate(self._distances(sound)):
            if time:
                before = [costs, self._moved(costs, 1), self._moved(costs, 2)]
                entered = np.where(self._place == 0, ends[-1].cost, np.inf)
                ways = np.stack([*before, entered])
                way = ways.argmin(0)
                costs = ways[way, states]
                begun = np.where(way == 3, time, begun[states - way % 3])
            costs = costs + local
            best = int(costs[self._last].argmin())
            ends.append(_End(float(costs[self._last[best]]), best, int(begun[self._last[best]])))
        found, time = list[str](), len(ends) - 1
        while time >= 0:
            found.append(self._words[ends[time].template])
            time = ends[time].begun - 1
        return found[::-1]

    def _moved(self, costs: npt.NDArray[np.float64], by: int) -> npt.NDArray[np.float64]:
        return np.where(self._place >= by, np.roll(costs, by), np.inf)

    def _distances(self, sound: Frames) -> npt.NDArray[np.float64]:
        """Euclidean, (sound's steps, states)."""
        squares = (sound**2).sum(1)[:, None] + (self._steps**2).sum(1) - 2 * sound @ self._steps.T
        found: npt.NDArray[np.float64] = np.sqrt(squares.clip(min=0)).astype(np.float64)
        return found
