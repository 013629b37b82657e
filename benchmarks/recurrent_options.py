"""What each option of the recurrent layers costs: time per training step beside the fused default's.

    python -m benchmarks.recurrent_options

One layer of 128 units over 128 inputs, 64 rows of 180 to 200 steps, forward and backward, in float32 on one
thread. Processor time, so that neighbours on the machine count little. The options of a cell take turns; the
table gives each one's median over the rounds, and the median of its ratios to the default of the same round.
"""

import argparse
import statistics
import time
from typing import Any

import torch
from torch import Tensor

from pipeline.nn.memory import keep_freed_memory
from pipeline.nn.recurrent import Recurrent

ROWS, STEPS, SIZE = 64, 200, 128
SHARE = 0.2
OPTIONS: dict[str, dict[str, dict[str, Any]]] = {
    "lstm": {
        "default": {},
        "initial_state: random": {"initial_state": "random"},
        "initial_state: learned": {"initial_state": "learned"},
        "held_gates: [input]": {"held_gates": ["input"]},
        "coupled_gates": {"coupled_gates": True},
        "reversed": {"reversed": True},
        "recurrent_dropout: weight": {"recurrent_dropout": "weight"},
        "recurrent_dropout: step": {"recurrent_dropout": "step"},
        "recurrent_dropout: sequence": {"recurrent_dropout": "sequence"},
        "recurrent_dropout: zoneout": {"recurrent_dropout": "zoneout"},
        "inputs: one_hot": {"input_size": None},
    },
    "gru": {
        "default": {},
        "coupled_gates": {"coupled_gates": True},
        "reset: before": {"reset": "before"},
        "recurrent_dropout: weight": {"recurrent_dropout": "weight"},
        "recurrent_dropout: step": {"recurrent_dropout": "step"},
        "recurrent_dropout: sequence": {"recurrent_dropout": "sequence"},
        "recurrent_dropout: zoneout": {"recurrent_dropout": "zoneout"},
    },
    "rnn": {
        "default": {},
        "activation: relu": {"activation": "relu"},
        "activation: linear": {"activation": "linear"},
        "recurrent_dropout: weight": {"recurrent_dropout": "weight"},
        "recurrent_dropout: step": {"recurrent_dropout": "step"},
        "recurrent_dropout: sequence": {"recurrent_dropout": "sequence"},
        "recurrent_dropout: zoneout": {"recurrent_dropout": "zoneout"},
    },
}


def layers(cell: Any, options: dict[str, Any]) -> Recurrent:
    share = SHARE if "recurrent_dropout" in options else 0.0
    sizes = {"input_size": SIZE, "hidden_size": SIZE}
    return Recurrent(cell=cell, recurrent_dropout_share=share, **(sizes | options))


def seconds(model: Recurrent, lengths: Tensor) -> float:
    """Of one step, forward and backward."""
    width = model.projected_size if model.projected else SIZE
    inputs = torch.randn(ROWS, STEPS, width, requires_grad=True)
    start = time.process_time()
    outputs, _ = model(inputs, lengths)
    outputs.square().sum().backward()
    return time.process_time() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=15)
    rounds = parser.parse_args().rounds
    torch.set_num_threads(1)
    torch.manual_seed(0)
    keep_freed_memory()
    print("| cell | option | kernel | ms a step | times the default |\n|---|---|---|---|---|")
    for cell, options in OPTIONS.items():
        models = {name: layers(cell, chosen) for name, chosen in options.items()}
        times: dict[str, list[float]] = {name: [] for name in models}
        for _ in range(rounds + 1):
            lengths = torch.randint(STEPS - 20, STEPS + 1, (ROWS,))
            for name, model in models.items():
                times[name].append(seconds(model, lengths))
        for name, model in models.items():
            kernel = "fused" if model.rule.fused(training=True) else "loop"
            measured = list(zip(times[name], times["default"], strict=True))[1:]  # the first warms up
            spent = statistics.median(own for own, _ in measured)
            ratio = statistics.median(own / base for own, base in measured)
            print(f"| {cell} | {name} | {kernel} | {1000 * spent:.0f} | {ratio:.2f} |", flush=True)


if __name__ == "__main__":
    main()
