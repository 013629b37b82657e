"""`corpora`: what is downloaded or generated."""

from typing import Annotated, Literal

from pydantic import Field, PositiveInt, model_validator

from pipeline.config.schema.base import Block, Fraction, Positive


class Remote(Block):
    """One file of a corpus as its publisher serves it."""

    url: str
    sha256: str | None = None
    md5: str | None = None


class DownloadedCorpus(Block):
    """A published corpus; `sources` are tried in order."""

    reader: str
    """Module of pipeline/corpora."""
    sources: list[Literal["mirror", "upstream"]] = Field(min_length=1)
    mirror: str | None = None
    """Folder or URL in the mirror's layout; the environment variable CORPORA_MIRROR goes first."""
    upstream: str | Remote
    """The publisher's: a URL, a local path, or whatever else fsspec knows."""
    retries: int = Field(default=4, ge=0)
    timeout_seconds: Positive = 30.0


class ImdbCorpus(DownloadedCorpus):
    reader: Literal["imdb"]
    upstream: Remote


class Multi30kCorpus(DownloadedCorpus):
    reader: Literal["multi30k"]
    upstream: str
    """Base URL of the repository's raw files; `data/task1/raw/…` and `data/task2/raw/…` follow."""


class TatoebaCorpus(DownloadedCorpus):
    reader: Literal["tatoeba"]
    upstream: str
    """Base URL of the archives; `/hin-eng.zip` and `/fra-eng.zip` follow."""


class UdEwtCorpus(DownloadedCorpus):
    reader: Literal["ud_ewt"]
    upstream: str
    """Base URL of UD_English-EWT's raw files; `en_ewt-ud-train.conllu` … follow."""
    entities: str
    """Base URL of UNER_English-EWT; `/raw/REVISION/en_ewt-ud-train.iob2` … follow."""
    revisions: dict[Literal["train", "validation", "test"], str]
    """Split -> revision of its entities."""


class EttCorpus(DownloadedCorpus):
    reader: Literal["ett"]
    upstream: str
    """Base URL of ETDataset's raw files; `ETT-small/ETTh1.csv` follows."""


class BabiCorpus(DownloadedCorpus):
    reader: Literal["babi"]
    upstream: Remote


class DialogsCorpus(DownloadedCorpus):
    reader: Literal["dialogs"]
    upstream: Remote


class HeadlinesCorpus(DownloadedCorpus):
    reader: Literal["headlines"]
    upstream: str
    """Base URL of News_Summary's raw files; `news_summary.csv` follows."""


class PtbCorpus(DownloadedCorpus):
    reader: Literal["ptb"]
    upstream: Remote


class Flickr8kCorpus(DownloadedCorpus):
    reader: Literal["flickr8k"]
    upstream: str
    """The hub's page of the dataset: its Parquet files are listed at `/parquet`."""


class SpeechDigitsCorpus(DownloadedCorpus):
    reader: Literal["speech_digits"]
    upstream: str
    """URL of the repository; `/archive/REVISION.zip` follows."""
    revision: str


class Sizes(Block):
    train: PositiveInt = 2000
    validation: PositiveInt = 300
    test: PositiveInt = 1000


class ReviewsCorpus(Block):
    """Generated twin of imdb (pipeline/corpora/embedded/reviews.py)."""

    reader: Literal["reviews"]
    seed: int = 0
    sizes: Sizes = Sizes()
    unsupervised: PositiveInt = 5000
    min_length: int = Field(default=5, ge=5)
    max_length: int = Field(default=40, le=1000)
    position: Literal["start", "middle", "end", "anywhere"] = "anywhere"
    """Where the telling phrases stand."""
    phrases: int = Field(default=1, ge=1, le=10)
    """Telling phrases per review."""

    @model_validator(mode="after")
    def _consistent(self) -> "ReviewsCorpus":
        if self.min_length > self.max_length:
            raise ValueError(f"min_length {self.min_length} is more than max_length {self.max_length}")
        return self


class TranslationCorpus(Block):
    """Generated twin of multi30k and tatoeba (pipeline/corpora/embedded/translation.py)."""

    reader: Literal["translation"]
    seed: int = 0
    sizes: Sizes = Sizes()
    joined: int = Field(default=1, ge=1, le=4)
    """Sentences joined into one, at most; 4 gives up to 48 words."""
    reordering: int = Field(default=2, ge=0, le=6)
    """Largest distance, in words, that the target's word order moves a word."""
    fertility: int = Field(default=1, ge=0, le=2)
    """Most target words that one source word may become beyond the usual one."""
    lexicon: Literal["shared", "disjoint"] = "shared"


class TagsCorpus(Block):
    """Generated twin of ud_ewt (pipeline/corpora/embedded/tags.py)."""

    reader: Literal["tags"]
    seed: int = 0
    sizes: Sizes = Sizes()
    distance: int = Field(default=5, ge=1, le=5)
    """The word that decides an ambiguous one stands 1 to this many words away from it."""


class SeasonalProcess(Block):
    """Level, trend, a daily and a weekly season, and noise that persists (AR(1))."""

    kind: Literal["seasonal"]
    trend: float = Field(default=0.05, ge=0)
    """Largest change of level in a week, up or down."""
    daily: float = Field(default=2.0, ge=0)
    """Amplitude of the season of 24 hours, up to a factor of 1.5 either way."""
    weekly: float = Field(default=1.0, ge=0)
    """Amplitude of the season of 168 hours, likewise."""
    persistence: Fraction = 0.9
    """Share of an hour's noise that is left in the next hour."""
    noise: Positive = 0.5
    """Standard deviation of what comes new each hour."""


class WalkProcess(Block):
    """A level that wanders, seen through noise (the local-level model)."""

    kind: Literal["walk"]
    drift: Positive = 0.3
    """Standard deviation of the level's hourly step."""
    noise: Positive = 1.0
    """Standard deviation of what is seen around the level."""


class SeriesCorpus(Block):
    """Generated twin of ett (pipeline/corpora/embedded/series.py)."""

    reader: Literal["series"]
    seed: int = 0
    hours: int = Field(default=4000, ge=48)
    process: Annotated[SeasonalProcess | WalkProcess, Field(discriminator="kind")]
    gaps: int = Field(default=0, ge=0)
    """Gaps in each channel; they are marked, the values in them are known all the same."""
    gap_hours: PositiveInt = 24

    @model_validator(mode="after")
    def _consistent(self) -> "SeriesCorpus":
        # Each gap lies in a stretch of its own, with an hour that is seen on either side.
        if self.gaps and self.hours // self.gaps < self.gap_hours + 2:
            raise ValueError(f"{self.gaps} gaps of {self.gap_hours} hours don't fit into {self.hours} hours")
        return self


class AlgorithmicCorpus(Block):
    """Generated problems of memory (pipeline/corpora/embedded/algorithmic.py)."""

    reader: Literal["algorithmic"]
    problem: Literal["adding", "copy", "reverse", "recall"]
    seed: int = 0
    sizes: Sizes = Sizes()
    nearest: PositiveInt = 2
    """Steps between what is read and when it is wanted: at least (at 1 there are few different rows), …"""
    farthest: int = Field(default=30, le=1000, ge=1)
    """… and at most; even on a logarithmic scale."""
    letters: int = Field(default=8, ge=2, le=26)
    """Different ones; a guess is right once in so many times."""
    length: PositiveInt = 5
    """Letters of a row of `copy`."""

    @model_validator(mode="after")
    def _consistent(self) -> "AlgorithmicCorpus":
        if self.nearest > self.farthest:
            raise ValueError(f"nearest {self.nearest} is more than farthest {self.farthest}")
        least = {"adding": 2, "copy": self.length}.get(self.problem, 1)
        if self.farthest < least:
            raise ValueError(f"farthest {self.farthest}: {self.problem} needs at least {least}")
        return self


class QuestionsCorpus(Block):
    """Generated twin of babi (pipeline/corpora/embedded/questions.py)."""

    reader: Literal["questions"]
    seed: int = 0
    sizes: Sizes = Sizes()
    kinds: list[Literal["one fact", "two facts", "yes or no", "counting"]] = Field(
        default=["one fact", "two facts", "yes or no", "counting"], min_length=1
    )
    """Of questions; stories take turns."""
    facts: int = Field(default=6, ge=4)
    """Notes of a whole story; a question comes after the third and after each that follows."""


class RepliesCorpus(Block):
    """Generated twin of dialogs (pipeline/corpora/embedded/replies.py)."""

    reader: Literal["replies"]
    seed: int = 0
    sizes: Sizes = Sizes()


class SummariesCorpus(Block):
    """Generated twin of headlines (pipeline/corpora/embedded/summaries.py)."""

    reader: Literal["summaries"]
    seed: int = 0
    sizes: Sizes = Sizes()
    asides: int = Field(default=2, ge=0, le=8)
    """Sentences that no headline tells of, at most."""


class TextCorpus(Block):
    """Generated twin of ptb (pipeline/corpora/embedded/text.py)."""

    reader: Literal["text"]
    seed: int = 0
    sizes: Sizes = Sizes()
    distance: PositiveInt = 4
    """Words that stand between a line's first word and the one that agrees with it, at least."""


class ScenesCorpus(Block):
    """Generated twin of flickr8k (pipeline/corpora/embedded/scenes.py)."""

    reader: Literal["scenes"]
    seed: int = 0
    sizes: Sizes = Sizes()
    held_out: PositiveInt = 300
    """Test scenes of a further split, each with a shape in a colour that training never shows."""
    objects: int = Field(default=3, ge=1, le=3)
    """Most of one scene."""


class TonesCorpus(Block):
    """Generated twin of speech_digits (pipeline/corpora/embedded/tones.py)."""

    reader: Literal["tones"]
    seed: int = 0
    recordings: int = Field(default=20, gt=5)
    """Of each digit by each speaker; the first five are the test split's."""


Corpus = Annotated[
    # Published ones:
    ImdbCorpus
    | Multi30kCorpus
    | TatoebaCorpus
    | UdEwtCorpus
    | EttCorpus
    | BabiCorpus
    | DialogsCorpus
    | HeadlinesCorpus
    | PtbCorpus
    | Flickr8kCorpus
    | SpeechDigitsCorpus
    # Generated ones:
    | ReviewsCorpus
    | TranslationCorpus
    | TagsCorpus
    | SeriesCorpus
    | QuestionsCorpus
    | RepliesCorpus
    | SummariesCorpus
    | AlgorithmicCorpus
    | TextCorpus
    | ScenesCorpus
    | TonesCorpus,
    Field(discriminator="reader"),
]
