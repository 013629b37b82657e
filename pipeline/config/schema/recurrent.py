"""Recurrent layers, in the models of all tasks."""

from typing import Annotated, Any, Literal

from pydantic import PlainValidator, PositiveInt, model_validator

from pipeline.config.schema.base import Block, Fraction, Positive


def _units(value: Any) -> Any:
    if value == "auto" or (type(value) is int and value > 0):
        return value
    raise ValueError("should be a number of units, 1 or more, or auto")


Units = Annotated[int | Literal["auto"], PlainValidator(_units)]


class LayersModel(Block):
    """What every recurrent network lets its user choose."""

    cell: Literal["rnn", "gru", "lstm"] = "lstm"
    hidden: Units = 128
    """Units; `auto` is as many as `parameters` allow."""
    parameters: PositiveInt | None = None
    """With `hidden: auto`, the most that the whole network may have: for comparisons at equal budgets."""
    layers: PositiveInt = 1
    dropout: Fraction = 0.0
    """Of units, on what layers read and on what the output layer reads."""
    forget_bias: float = 1.0
    """Of an LSTM, at the start."""
    recurrent_init: Literal["default", "orthogonal"] = "orthogonal"

    @model_validator(mode="after")
    def _budgeted(self) -> "LayersModel":
        if self.hidden == "auto" and self.parameters is None:
            raise ValueError("hidden auto needs parameters, the most that the network may have")
        if self.hidden != "auto" and self.parameters is not None:
            raise ValueError(f"parameters {self.parameters} needs hidden auto; leave one of them out")
        return self


class RecurrentModel(LayersModel):
    """All options of layers that read a text; docs/recurrent-options.md has their equations and costs."""

    activation: Literal["tanh", "relu", "linear"] = "tanh"
    """Of a plain RNN."""
    initial_state: Literal["zero", "random", "learned"] = "zero"
    recurrent_scale: Positive = 1.0
    """Factor of the recurrent weights at the start; the spectral radius where they start orthogonal."""
    held_gates: list[Literal["input", "forget", "output"]] = []
    """An LSTM's that are always 1."""
    coupled_gates: bool = False
    """One gate less: input = 1 - forget of an LSTM, reset = 1 - update of a GRU."""
    reset: Literal["after", "before"] = "after"
    """A GRU's: after its product with the recurrent weights, as kernels do it, or before, as papers do."""
    recurrent_dropout: Literal["none", "step", "sequence", "weight", "zoneout"] = "none"
    """Fresh masks per step, one mask per sequence (variational), weight drop, or zoneout."""
    recurrent_dropout_share: Fraction = 0.0

    @model_validator(mode="after")
    def _sensible(self) -> "RecurrentModel":
        if self.activation != "tanh" and self.cell != "rnn":
            raise ValueError(f"activation {self.activation} is for cell rnn, not {self.cell}")
        if self.held_gates and self.cell != "lstm":
            raise ValueError(f"held_gates is for cell lstm, not {self.cell}")
        if len(set(self.held_gates)) < len(self.held_gates):
            raise ValueError("held_gates names a gate twice")
        if self.coupled_gates and self.cell == "rnn":
            raise ValueError("coupled_gates is for cell gru or lstm; rnn has no gates")
        if self.coupled_gates and {"input", "forget"} & {*self.held_gates}:
            raise ValueError(
                "coupled_gates leaves neither input nor forget gate to be held; hold output only"
            )
        if self.reset == "before" and self.cell != "gru":
            raise ValueError(f"reset before is for cell gru, not {self.cell}")
        kind, share = self.recurrent_dropout, self.recurrent_dropout_share
        if share and kind == "none":
            raise ValueError(f"recurrent_dropout_share {share} needs a recurrent_dropout other than none")
        if kind != "none" and not share:
            raise ValueError(f"recurrent_dropout {kind} needs a recurrent_dropout_share above 0")
        return self


class CausalModel(RecurrentModel):
    """Of networks whose answer at a step may hang on what came before it only."""

    @model_validator(mode="before")
    @classmethod
    def _causal(cls, fields: Any) -> Any:
        if isinstance(fields, dict) and fields.get("bidirectional"):
            raise ValueError(
                "bidirectional: reading backwards shows the network what it is to answer; leave it out"
            )
        return fields
