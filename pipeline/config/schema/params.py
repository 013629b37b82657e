"""The whole of params.yaml."""

from typing import Annotated, Any, Literal

from pydantic import Field, PositiveInt, model_validator

from pipeline.config.schema.algorithmic import Algorithmic
from pipeline.config.schema.base import Block, Name
from pipeline.config.schema.captioning import Captioning
from pipeline.config.schema.classification import Classification
from pipeline.config.schema.corpora import Corpus
from pipeline.config.schema.datasets import Dataset, LabelledText, TaggedText, TextPairs
from pipeline.config.schema.divergence import Divergence
from pipeline.config.schema.forecasting import Forecasting
from pipeline.config.schema.imputation import Imputation
from pipeline.config.schema.language_modelling import LanguageModelling
from pipeline.config.schema.probes import GradientFlow, Layers, Probes
from pipeline.config.schema.rating import Rating
from pipeline.config.schema.tagging import Tagging
from pipeline.config.schema.timing import Timing
from pipeline.config.schema.transcription import Transcription
from pipeline.config.schema.transduction import Transduction
from pipeline.config.schema.translation import Translation

AnyExperiment = Annotated[
    Classification
    | Translation
    | Tagging
    | Forecasting
    | Transduction
    | Algorithmic
    | Rating
    | LanguageModelling
    | Captioning
    | Transcription
    | Imputation,
    Field(discriminator="task"),
]


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
    probes: Probes
    timing: Timing = Timing()
    divergence: Divergence = Divergence()
    trainer: Trainer
    execution: Execution

    @property
    def looks(self) -> list[str]:
        """Stages whose results a judge names as a probe's: KIND@EXPERIMENT, and those of no experiment."""
        return [*self.probes.names, "timing", "divergence"]

    @model_validator(mode="after")
    def _consistent(self) -> "Params":
        for name in ("corpora", "datasets", "probes"):
            if name in self.experiments:
                raise ValueError(
                    f"experiments.{name}: results/{self.profile}/{name} is taken; choose another name"
                )
        return self

    @model_validator(mode="after")
    def _probed(self) -> "Params":
        for kind, name, probe in self.probes.each():
            experiment = self.experiments.get(name)
            if experiment is None:
                fitting = [key for key, known in self.experiments.items() if known.task in probe.tasks]
                raise ValueError(
                    f"probes.{kind}: unknown name {name!r}; allowed: {', '.join(fitting) or 'none'}"
                )
            if experiment.task not in probe.tasks:
                raise ValueError(
                    f"probes.{kind}.{name}: {name} is of task {experiment.task}; "
                    f"{kind} needs {' or '.join(probe.tasks)}"
                )
            if isinstance(probe, GradientFlow):
                probe.check_steps(f"probes.{kind}.{name}", experiment.task)
            read = self.datasets.get(experiment.dataset)
            # Otherwise the experiment itself is wrong, which is said of it later.
            fits = read is not None and read.kind == experiment.dataset_kind
            if fits and experiment.dataset != probe.dataset:
                raise ValueError(
                    f"probes.{kind}.{name}.dataset: {probe.dataset!r}; experiments.{name} reads "
                    f"{experiment.dataset}; write that"
                )
            if isinstance(probe, Layers):
                self._tagged(f"probes.{kind}.{name}", probe)
                if max([experiment.model.layers, *_layers(experiment)]) < probe.deep:
                    raise ValueError(
                        f"probes.{kind}.{name}: no variant of {name} has {probe.deep} layers; "
                        "add one or leave the probe out"
                    )
        return self

    def _tagged(self, where: str, probe: Layers) -> None:
        for key, scheme in (("parts_of_speech", "plain"), ("entities", "bio")):
            fitting = [
                name
                for name, dataset in self.datasets.items()
                if isinstance(dataset, TaggedText) and dataset.scheme == scheme
            ]
            if (wanted := getattr(probe, key)) not in fitting:
                raise ValueError(
                    f"{where}.{key}: {wanted!r} is no dataset of tagged words with scheme {scheme}; "
                    f"allowed: {', '.join(fitting) or 'none'}"
                )

    @model_validator(mode="after")
    def _taught_first(self) -> "Params":
        for name, experiment in self.experiments.items():
            dataset, place = self.datasets.get(experiment.dataset), f"experiments.{name}.data"
            if isinstance(dataset, TextPairs) and not dataset.parent and _options(experiment, "parent"):
                raise ValueError(
                    f"{place}.parent: {experiment.dataset} has no parent language; "
                    f"set datasets.{experiment.dataset}.parent or leave it empty"
                )
            if isinstance(dataset, LabelledText):
                allowed = ["train", *dataset.unlabelled]
                for reading in _options(experiment, "reading"):
                    if (split := reading.get("split", "train")) not in allowed:
                        raise ValueError(
                            f"{place}.reading.split: {split!r} is not one of {', '.join(allowed)}"
                        )
        return self


def _options(experiment: AnyExperiment, name: str) -> list[dict[str, Any]]:
    """An option of `data` wherever it is given: in the block, and in variants."""
    blocks = [experiment.data.model_dump(), *(changes.get("data") for changes in experiment.grid.values())]
    found = [block.get(name) for block in blocks if isinstance(block, dict)]
    return [option for option in found if isinstance(option, dict)]


def _layers(experiment: AnyExperiment) -> list[int]:
    """Numbers of layers that variants ask for; what is none is found when the variant is checked."""
    models = [changes.get("model") for changes in experiment.grid.values()]
    asked = [model.get("layers") for model in models if isinstance(model, dict)]
    return [layers for layers in asked if isinstance(layers, int)]
