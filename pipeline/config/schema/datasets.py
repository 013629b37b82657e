"""`datasets`: how a corpus becomes rows and tokens."""

from itertools import pairwise
from typing import Annotated, ClassVar, Literal

from pydantic import Field, NonNegativeInt, PositiveInt, model_validator

from pipeline.config.schema.base import Block, Name
from pipeline.config.schema.corpora import Sizes


class Tokenizer(Block):
    kind: Literal["word", "bpe"]
    vocabulary: int = Field(ge=8, le=65_000)
    """Largest number of types, special tokens included."""
    minimum_frequency: PositiveInt = 2
    lowercase: bool = True


class LabelledTokenizer(Tokenizer):
    kind: Literal["word", "bpe", "ascii_word"]  # type: ignore[assignment]
    """`ascii_word`: runs of a-z and 0-9, each other character alone (pipeline/text/ascii_words.py)."""


class Filler(Block):
    """Words that say nothing, behind each text: when the reading ends, the text lies that far back."""

    lengths: list[NonNegativeInt] = Field(min_length=2)
    """Words of filler, rising. Validation and tests have every text at each length."""
    words: list[str] = Field(min_length=1)
    """Each drawn as often as any other, by `seed`, without a look at text or label."""
    copies: PositiveInt = 1
    """Training has a text once at the shortest length, and so many times more at others, up to the longest:
    short ones are drawn as often as long ones, on a logarithmic scale."""
    seed: int = 0

    @model_validator(mode="after")
    def _consistent(self) -> "Filler":
        if any(later <= earlier for earlier, later in pairwise(self.lengths)):
            raise ValueError(f"lengths {', '.join(map(str, self.lengths))}: they must rise")
        if len(set(self.words)) < len(self.words):
            raise ValueError(f"words {', '.join(self.words)}: one stands twice")
        return self


class LabelledText(Block):
    """One text column and a label in, one class out."""

    kind: Literal["labelled_text"]
    corpus: Name
    classes: list[str] = Field(min_length=2)
    """Names of labels 0, 1, …"""
    hold_out: int = Field(default=0, ge=0)
    """Training texts set apart, in runs of neighbours, for validation where the corpus has no such split."""
    tests: list[str] = Field(default=["test"], min_length=1)
    unlabelled: list[str] = []
    """Splits without labels, prepared as well: texts for language models."""
    shortest: PositiveInt | None = None
    """Texts of fewer tokens are left out, and so are those that stand in two splits; null keeps all."""
    longest: PositiveInt | None = None
    """As `shortest`, texts of more tokens."""
    filler: Filler | None = None
    tokenizer: LabelledTokenizer

    @model_validator(mode="after")
    def _counted(self) -> "LabelledText":
        kind, lowercase = self.tokenizer.kind, self.tokenizer.lowercase
        if kind == "ascii_word" and not lowercase:
            raise ValueError("tokenizer kind ascii_word needs lowercase true")
        for name in ("shortest", "longest", "filler"):
            if getattr(self, name) is not None and kind != "ascii_word":
                raise ValueError(f"{name} counts tokens of tokenizer kind ascii_word, not {kind}")
        if self.shortest and self.longest and self.longest < self.shortest:
            raise ValueError(f"longest {self.longest} is less than shortest {self.shortest}")
        if self.filler and self.unlabelled:
            raise ValueError("with filler, unlabelled is empty: a language model would learn the filler")
        return self


class Pool(Block):
    """Draws validation and test from the one split of a corpus that has no others."""

    split: str
    validation: PositiveInt
    """Source sentences, each with all its translations; of a running text, rows."""
    test: PositiveInt


class TextPairs(Block):
    """A source and a target sentence per row."""

    kind: Literal["text_pairs"]
    corpus: Name
    source: str
    target: str
    tests: list[str] = Field(default=["test"], min_length=1)
    pool: Pool | None = None
    joined: int | None = Field(default=None, ge=3)
    """Long pairs as well: up to so many sentences, one behind the other."""
    parent: str | None = None
    """Another language: split `parent` has the training's sources with their translations into it."""
    joint_vocabulary: bool = True
    tokenizer: Tokenizer

    @model_validator(mode="after")
    def _consistent(self) -> "TextPairs":
        if self.parent and (self.pool or self.joined):
            raise ValueError(f"parent {self.parent} goes without pool and joined")
        if self.parent in (self.source, self.target):
            raise ValueError(f"parent {self.parent} is the source or the target; name another language")
        if self.pool and self.tests != ["test"]:
            raise ValueError("with a pool, tests holds one split, test")
        return self


class AnsweredText(Block):
    """A text in, a text that answers it out: questions, turns of a dialogue, articles and their headlines."""

    kind: Literal["answered_text"]
    corpus: Name
    source: list[str] = Field(min_length=1)
    """Columns that are read, one behind the other; a list of sentences in one of them is joined."""
    target: str
    measure: Literal["exact_match", "bleu", "rouge_l"]
    """By which answers are scored and the best epoch is chosen."""
    group: str | None = None
    """Column with a row's kind, by which scores are told apart."""
    together: list[str] = []
    """Columns: rows that agree in all of them are one unit, and are held out together."""
    left_out: Literal["rows", "units"] = "rows"
    """What training lacks because validation or a test has it, as in many a published split: rows of that
    source and target, or their whole units, where copies were altered here and there."""
    hold_out: int = Field(default=0, ge=0)
    """Training rows set apart for validation where the corpus has no such split; of every group its share."""
    tests: list[str] = Field(default=["test"], min_length=1)
    pool: Pool | None = None
    joint_vocabulary: bool = True
    tokenizer: Tokenizer

    @model_validator(mode="after")
    def _consistent(self) -> "AnsweredText":
        if self.pool and (self.tests != ["test"] or self.hold_out or self.group):
            raise ValueError("with a pool, tests holds one split, test, hold_out is 0 and group is empty")
        if self.left_out == "units" and not self.together:
            raise ValueError("left_out units needs columns in together: they say what a unit is")
        return self


class WordVocabulary(Block):
    """Of words that the corpus has told apart itself; characters are learned beside them."""

    vocabulary: int = Field(ge=8, le=65_000)
    """Largest number of word types, special tokens included."""
    minimum_frequency: PositiveInt = 2
    lowercase: bool = False
    """Of the words; characters keep their case."""


class TaggedText(Block):
    """A sentence's words in, one tag per word out."""

    kind: Literal["tagged_text"]
    corpus: Name
    tags: str
    """The column with the tags; `words` is the column "tokens"."""
    scheme: Literal["plain", "bio"] = "plain"
    """Whether a tag stands for itself or for a part of an entity (B-PER, I-PER, O)."""
    tests: list[str] = Field(default=["test"], min_length=1)
    words: WordVocabulary


class Series(Block):
    """Numbers hour by hour: the past of some channels in, their future out.

    The series is cut into a training part, a validation part and a test part, one behind the other; what
    comes after them is not used.
    """

    kind: Literal["series"]
    tests: ClassVar[list[str]] = ["test"]
    corpus: Name
    series: str
    """The corpus's split that holds it."""
    columns: list[str] = Field(min_length=1)
    """Channels, all of them both read and forecast."""
    horizons: list[PositiveInt] = Field(min_length=1)
    """Hours ahead, rising: errors are reported over the first so many; models forecast up to the last."""
    train: PositiveInt
    """Hours of each part."""
    validation: PositiveInt
    test: PositiveInt

    @model_validator(mode="after")
    def _consistent(self) -> "Series":
        if len(set(self.columns)) < len(self.columns):
            raise ValueError(f"columns {', '.join(self.columns)}: one stands twice")
        if any(later <= earlier for earlier, later in pairwise(self.horizons)):
            raise ValueError(f"horizons {', '.join(map(str, self.horizons))}: they must rise")
        if self.horizons[-1] > min(self.train, self.validation, self.test):
            raise ValueError(f"horizon {self.horizons[-1]} is more than the hours of a part")
        return self


class Steps(Block):
    """Symbols and numbers step by step, and at some steps a symbol or number that is wanted."""

    kind: Literal["steps"]
    corpus: Name
    wanted: Literal["symbols", "numbers"]
    tests: list[str] = Field(default=["test"], min_length=1)


class RatedText(Block):
    """One text column and a rating in, a rating out."""

    kind: Literal["rated_text"]
    corpus: Name
    levels: list[int] = Field(min_length=2)
    """Ratings that the corpus gives, rising; distances between them count as written."""
    hold_out: int = Field(default=0, ge=0)
    """As of labelled texts; the lower and the upper half of the levels have their share each."""
    tests: list[str] = Field(default=["test"], min_length=1)
    tokenizer: Tokenizer

    @model_validator(mode="after")
    def _consistent(self) -> "RatedText":
        if any(later <= earlier for earlier, later in pairwise(self.levels)):
            raise ValueError(f"levels {', '.join(map(str, self.levels))}: they must rise")
        return self


class RunningTokenizer(Tokenizer):
    kind: Literal["spaces", "word", "bpe"]  # type: ignore[assignment]
    """`spaces`: the corpus has told its words apart itself, by blanks."""


class RunningText(Block):
    """Rows joined in their order into one running text, each followed by an end of line."""

    kind: Literal["running_text"]
    corpus: Name
    column: str = "text"
    tests: list[str] = Field(default=["test"], min_length=1)
    pool: Pool | None = None
    train_rows: PositiveInt | None = None
    """The first so many rows of the training split are all that is learned from; null takes all."""
    tokenizer: RunningTokenizer

    @model_validator(mode="after")
    def _consistent(self) -> "RunningText":
        if self.pool and self.tests != ["test"]:
            raise ValueError("with a pool, tests holds one split, test")
        return self


class CaptionedImages(Block):
    """A picture and several sentences that describe it."""

    kind: Literal["captioned_images"]
    corpus: Name
    side: int = Field(ge=8, le=512)
    """Pictures are squeezed into squares of so many pixels."""
    tests: list[str] = Field(default=["test"], min_length=1)
    tokenizer: Tokenizer


class SpokenDigits(Block):
    """One to several digits of one speaker, one behind the other, and their words.

    The corpus's test split is heard of speakers that training knows (`known_speakers`), and all of one
    speaker's recordings in a test split of their own (`new_speaker`). No recording is in two splits.
    """

    kind: Literal["spoken_digits"]
    tests: ClassVar[list[str]] = ["new_speaker", "known_speakers"]
    corpus: Name
    new_speaker: str
    """Who is heard in the test only."""
    hold_out: PositiveInt
    """Training recordings of each digit and speaker, the first ones, that are set apart for validation."""
    digits: int = Field(ge=1, le=10)
    """Most of a row; rows of each number are equally frequent."""
    rows: Sizes
    """`test`: of each of the two."""
    seed: int = 0
    """Of which recordings are joined."""
    mels: int = Field(ge=8, le=64)
    """Bands of frequency."""
    stack: PositiveInt
    """Frames of 10 ms that are read as one step."""


Dataset = Annotated[
    LabelledText
    | TextPairs
    | TaggedText
    | Series
    | AnsweredText
    | Steps
    | RatedText
    | RunningText
    | CaptionedImages
    | SpokenDigits,
    Field(discriminator="kind"),
]
