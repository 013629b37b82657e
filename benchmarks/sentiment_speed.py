"""Training speed of the classifiers, in tokens per second, on rows as long as IMDB's.

    python -m benchmarks.sentiment_speed --threads 1
    python -m benchmarks.sentiment_speed --device cuda --rows 160

128 units over 128-dimensional embeddings of 30,000 words, rows of at most 400 random words. Cells and
precisions take turns; the table gives each one's median over the rounds.
"""

import argparse
import statistics
import time
from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from pipeline.nn.classifier import Classifier
from pipeline.nn.cudnn import use_autocast_precision
from pipeline.nn.memory import keep_freed_memory
from pipeline.nn.recurrent import Cell

VOCABULARY, STEPS = 30_000, 400
PRECISIONS = {"fp32": torch.float32, "bf16": torch.bfloat16}
CELLS: dict[str, tuple[Cell, bool]] = {
    "rnn": ("rnn", False),
    "gru": ("gru", False),
    "lstm": ("lstm", False),
    "bi-lstm": ("lstm", True),
}


def trainer(
    cell: Cell, bidirectional: bool, precision: torch.dtype, device: str
) -> Callable[[Tensor, Tensor, Tensor], float]:
    """One optimiser step on a batch; returns the loss."""
    torch.manual_seed(0)
    model = Classifier(
        vocabulary=VOCABULARY, classes=2, cell=cell, bidirectional=bidirectional, pooling="max", dropout=0.4
    ).to(device)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, fused=True)

    def step(tokens: Tensor, lengths: Tensor, labels: Tensor) -> float:
        optimizer.zero_grad(set_to_none=True)
        with torch.autocast(device, precision, enabled=precision != torch.float32):
            logits = model(tokens.to(device), lengths.to(device))
        loss = F.cross_entropy(logits.float(), labels.to(device))
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        return float(loss.detach())

    return step


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--rows", type=int, default=64)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=7)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    keep_freed_memory()
    if arguments.device == "cuda":
        use_autocast_precision()

    steps = {
        f"{name} {precision}": trainer(*cell, dtype, arguments.device)
        for name, cell in CELLS.items()
        for precision, dtype in PRECISIONS.items()
    }
    speeds: dict[str, list[float]] = {name: [] for name in steps}
    for round_ in range(arguments.rounds + 1):
        # A length bucket: rows of nearly the same length.
        lengths = torch.randint(STEPS - 20, STEPS + 1, (arguments.rows,)).clamp(max=STEPS)
        tokens = torch.randint(4, VOCABULARY, (arguments.rows, STEPS))
        labels = torch.randint(2, (arguments.rows,))
        for name, step in steps.items():
            start = time.perf_counter()
            step(tokens, lengths, labels)
            if round_:  # the first one only warms up
                speeds[name].append(int(lengths.sum()) / (time.perf_counter() - start))
    place = torch.cuda.get_device_name() if arguments.device == "cuda" else f"{arguments.threads} threads"
    print(f"{place}, {arguments.rows} rows, median of {arguments.rounds} rounds")
    for name, found in speeds.items():
        print(f"{name:<14}{statistics.median(found):>10,.0f} tokens/s")


if __name__ == "__main__":
    main()
