"""What params.yaml may hold: frozen pydantic models, one per block, unknown keys refused.

Imports no torch: every stage checks the whole file before it works.
"""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, PositiveInt, model_validator

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
Fraction = Annotated[float, Field(ge=0, lt=1)]
Positive = Annotated[float, Field(gt=0)]


class Block(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


# ----------------------------------------------------------------------------------------- corpora


class Remote(Block):
    """One file of a corpus as its publisher serves it."""

    url: str
    sha256: str | None = None
    md5: str | None = None


class DownloadedCorpus(Block):
    """A published corpus; `sources` are tried in order."""

    sources: list[Literal["mirror", "upstream"]] = Field(min_length=1)
    mirror: str | None = None
    """Folder or URL in the mirror's layout; the environment variable CORPORA_MIRROR goes first."""
    retries: int = Field(default=4, ge=0)
    timeout_seconds: Positive = 30.0


class ImdbCorpus(DownloadedCorpus):
    reader: Literal["imdb"]
    upstream: Remote


class Multi30kCorpus(DownloadedCorpus):
    reader: Literal["multi30k"]
    upstream: str
    """Base URL of the repository's raw files; `data/task1/raw/…` and `data/task2/raw/…` follow."""


class UdEwtCorpus(DownloadedCorpus):
    reader: Literal["ud_ewt"]
    upstream: str
    """Base URL of UD_English-EWT's raw files; `en_ewt-ud-train.conllu` … follow."""
    entities: str
    """Base URL of UNER_English-EWT; `/raw/REVISION/en_ewt-ud-train.iob2` … follow."""
    revisions: dict[Literal["train", "validation", "test"], str]
    """Split -> revision of its entities."""


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


Corpus = Annotated[
    ImdbCorpus | Multi30kCorpus | UdEwtCorpus | ReviewsCorpus | TranslationCorpus | TagsCorpus,
    Field(discriminator="reader"),
]

# ---------------------------------------------------------------------------------------- datasets


class Tokenizer(Block):
    kind: Literal["word", "bpe"]
    vocabulary: int = Field(ge=8, le=65_000)
    """Largest number of types, special tokens included."""
    minimum_frequency: PositiveInt = 2
    lowercase: bool = True


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
    tokenizer: Tokenizer


class TextPairs(Block):
    """A source and a target sentence per row."""

    kind: Literal["text_pairs"]
    corpus: Name
    source: str
    target: str
    tests: list[str] = Field(default=["test"], min_length=1)
    joint_vocabulary: bool = True
    tokenizer: Tokenizer


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


Dataset = Annotated[LabelledText | TextPairs | TaggedText, Field(discriminator="kind")]

# ------------------------------------------------------------------------------------- experiments


class Batches(Block):
    """How rows become batches."""

    batch_tokens: PositiveInt
    """Budget of a batch: rows x longest row (target side for pairs), padding included."""
    max_tokens: PositiveInt
    """Longer rows are cut (classification) or left out of training (translation)."""
    keep: Literal["first", "last"] = "first"
    """Which end of a longer text is kept."""


class ClassifierModel(Block):
    cell: Literal["rnn", "gru", "lstm"] = "lstm"
    embedding: PositiveInt = 128
    hidden: PositiveInt = 128
    layers: PositiveInt = 1
    bidirectional: bool = False
    pooling: Literal["last", "mean", "max", "attention"] = "last"
    dropout: Fraction = 0.0
    """On embeddings, between layers and before the output layer."""
    word_dropout: Fraction = 0.0
    """Share of a text's word types that are replaced by the unknown word in training."""
    forget_bias: float = 1.0
    recurrent_init: Literal["default", "orthogonal"] = "orthogonal"


class TranslatorModel(Block):
    cell: Literal["gru", "lstm"] = "lstm"
    embedding: PositiveInt = 256
    hidden: PositiveInt = 256
    """Units of the decoder; a bidirectional encoder has half of them per direction."""
    layers: PositiveInt = 1
    bidirectional: bool = True
    attention: Literal["none", "bahdanau", "luong"] = "luong"
    score: Literal["dot", "general", "concat"] = "general"
    """Luong's score; Bahdanau's is additive."""
    input_feeding: bool = False
    tied_embeddings: bool = False
    """One matrix for target embedding and output layer, and for the source where the vocabulary is joint."""
    dropout: Fraction = 0.0
    forget_bias: float = 1.0
    recurrent_init: Literal["default", "orthogonal"] = "orthogonal"

    @model_validator(mode="after")
    def _consistent(self) -> "TranslatorModel":
        if self.input_feeding and self.attention != "luong":
            raise ValueError("input_feeding goes with attention luong only")
        if self.bidirectional and self.hidden % 2:
            raise ValueError("hidden must be even for a bidirectional encoder")
        return self


class TaggerModel(Block):
    cell: Literal["rnn", "gru", "lstm"] = "lstm"
    embedding: PositiveInt = 100
    characters: int = Field(default=50, ge=0)
    """Units of the bidirectional LSTM that spells each word out, both directions together; 0 is none."""
    hidden: PositiveInt = 128
    """Units per direction."""
    layers: PositiveInt = 1
    bidirectional: bool = True
    crf: bool = False
    """Tags chosen together by a conditional random field instead of each for itself."""
    dropout: Fraction = 0.0
    """On what the recurrence reads, between layers and before the output layer."""
    word_dropout: Fraction = 0.0
    """Share of the words replaced by the unknown word in training; their characters stay."""
    forget_bias: float = 1.0
    recurrent_init: Literal["default", "orthogonal"] = "orthogonal"

    @model_validator(mode="after")
    def _consistent(self) -> "TaggerModel":
        if self.characters % 2:
            raise ValueError("characters must be even: half of the units read each way")
        return self


class Training(Block):
    epochs: PositiveInt
    learning_rate: Positive
    weight_decay: float = Field(default=0.0, ge=0)
    clip_norm: Positive = 1.0
    schedule: Literal["constant", "linear", "cosine"] = "linear"
    """Course of the learning rate after the warm-up, to zero at the last step."""
    warmup: Fraction = 0.05
    """Share of all steps over which the learning rate rises from zero."""
    patience: PositiveInt | None = None
    """Epochs without a better validation score before stopping; null trains to the end."""
    precision: Literal["32-true", "bf16-mixed", "64-true"] = "32-true"
    label_smoothing: Fraction = 0.0


class TranslatorTraining(Training):
    teacher_forcing: float = Field(default=1.0, ge=0, le=1)
    """Share of decoder inputs that are the reference's word instead of the model's own."""


class Decoding(Block):
    """Read by evaluate alone: another beam width retrains nothing."""

    beam: PositiveInt = 5
    length_normalisation: float = Field(default=1.0, ge=0)
    """Exponent a of score / length^a (Wu et al. 2016 without the constant); 0 is off."""
    max_ratio: Positive = 2.0
    """Longest output, as a multiple of the source's tokens, plus ten."""
    n_best: PositiveInt = 1
    batch_sentences: PositiveInt = 64

    @model_validator(mode="after")
    def _consistent(self) -> "Decoding":
        if self.n_best > self.beam:
            raise ValueError(f"n_best {self.n_best} is more than beam {self.beam}")
        return self


class Experiment(Block):
    """One question: a base model, a grid of variants, a number of seeds."""

    question: str
    dataset: Name
    seeds: PositiveInt
    data: Batches
    grid: dict[Name, dict[str, Any]] = Field(min_length=1)
    """Variant -> what it changes in model, training or data."""


class Classification(Experiment):
    dataset_kind: ClassVar[str] = "labelled_text"
    task: Literal["classification"]
    model: ClassifierModel
    training: Training
    baselines: list[Literal["majority", "nbsvm"]] = ["majority", "nbsvm"]


class Translation(Experiment):
    dataset_kind: ClassVar[str] = "text_pairs"
    task: Literal["translation"]
    model: TranslatorModel
    training: TranslatorTraining
    decoding: Decoding = Decoding()


class Tagging(Experiment):
    dataset_kind: ClassVar[str] = "tagged_text"
    task: Literal["tagging"]
    model: TaggerModel
    training: Training
    baselines: list[Literal["most_frequent_tag", "window_mlp"]] = ["most_frequent_tag", "window_mlp"]


AnyExperiment = Annotated[Classification | Translation | Tagging, Field(discriminator="task")]

# --------------------------------------------------------------------------------------- the whole


class Trainer(Block):
    """Where runs train, as Lightning's Trainer names it."""

    accelerator: Literal["cpu", "gpu", "auto"] = "auto"
    devices: PositiveInt = 1
    num_nodes: PositiveInt = 1
    strategy: str = "auto"
    threads: PositiveInt = 1
    """CPU threads of one run: another number gives other last bits, so it is tracked."""


class Execution(Block):
    """Tracked by no stage: changing it reruns nothing."""

    workers: PositiveInt = 2
    """Runs that train at the same time (one device)."""
    tracking_uri: str = "sqlite:///mlflow.db"
    live_curves: bool = True
    """Show running trainings in MLflow while they train."""


class Params(Block):
    profile: Name
    corpora: dict[Name, Corpus]
    datasets: dict[Name, Dataset]
    experiments: dict[Name, AnyExperiment]
    trainer: Trainer
    execution: Execution

    @model_validator(mode="after")
    def _consistent(self) -> "Params":
        for name in ("corpora", "datasets"):
            if name in self.experiments:
                raise ValueError(
                    f"experiments.{name}: results/{self.profile}/{name} is taken; choose another name"
                )
        return self
