"""Training speed of the translators, in target tokens per second.

    python -m benchmarks.translation_speed --corpus ../shared/corpora/multi30k --threads 2
    python -m benchmarks.translation_speed --corpus ../shared/corpora/multi30k --device cuda --tokens 8000

Systems take turns on the same batches; the table gives each one's median over the rounds.
"""

import argparse
import itertools
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import torch
from torch import nn

from benchmarks import multi30k
from pipeline.nn.cudnn import use_autocast_precision
from pipeline.nn.memory import keep_freed_memory
from pipeline.nn.translator import Translator

DECODERS: dict[str, dict[str, Any]] = {
    "luong": {"attention": "luong"},
    "luong, input feeding": {"attention": "luong", "input_feeding": True},
    "luong concat": {"attention": "luong", "score": "concat"},
    "bahdanau": {"attention": "bahdanau"},
    "none": {"attention": "none"},
}
PRECISIONS = {"fp32": torch.float32, "bf16": torch.bfloat16}


def build(vocabulary: int, **decoder: Any) -> Translator:
    torch.manual_seed(0)
    return Translator(
        source_vocabulary=vocabulary,
        target_vocabulary=vocabulary,
        joint_vocabulary=True,
        cell="lstm",
        embedding=256,
        hidden=512,
        dropout=0.3,
        **decoder,
    )


def trainer(
    model: Translator, precision: torch.dtype, device: str = "cpu"
) -> Callable[[multi30k.Batch], float]:
    """One optimiser step on a batch; returns the loss per token."""
    model.to(device)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, fused=True)

    def step(batch: multi30k.Batch) -> float:
        optimizer.zero_grad(set_to_none=True)
        with torch.autocast(device, precision, enabled=precision != torch.float32):
            loss = model.loss(*(part.to(device) for part in batch), label_smoothing=0.1)
        (loss.total / loss.tokens).backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        return float(loss.nll / loss.tokens)

    return step


def speed(step: Callable[[multi30k.Batch], float], source: Iterator[multi30k.Batch], count: int) -> float:
    chosen = list(itertools.islice(source, count))
    start = time.perf_counter()
    for batch in chosen:
        step(batch)
    return sum(batch.target_tokens for batch in chosen) / (time.perf_counter() - start)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--corpus", type=Path, required=True, help="folder of Multi30k's Parquet files")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--tokens", type=int, default=multi30k.BATCH_TOKENS, help="in a batch")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--batches", type=int, default=8, help="per round and system")
    parser.add_argument("--only", nargs="+", choices=DECODERS, default=list(DECODERS))
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    keep_freed_memory()
    if arguments.device == "cuda":
        use_autocast_precision()

    corpus = multi30k.load(arguments.corpus)
    size = corpus.tokenizer.size
    steps = {
        f"{name} {precision}": trainer(build(size, **DECODERS[name]), dtype, arguments.device)
        for name in arguments.only
        for precision, dtype in PRECISIONS.items()
    }
    speeds: dict[str, list[float]] = {name: [] for name in steps}
    for round_ in range(arguments.rounds + 1):
        for name, step in steps.items():
            found = speed(
                step, multi30k.batches(corpus.train, seed=round_, tokens=arguments.tokens), arguments.batches
            )
            if round_:  # the first one only warms up
                speeds[name].append(found)
    medians = {name: statistics.median(found) for name, found in speeds.items()}
    base = next(iter(medians.values()))
    place = torch.cuda.get_device_name() if arguments.device == "cuda" else f"{arguments.threads} threads"
    print(
        f"vocabulary {size}, {place}, {arguments.tokens} tokens a batch, median of {arguments.rounds} rounds"
    )
    for name, median in medians.items():
        print(f"{name:<28}{median:>8,.0f} target tokens/s  {median / base:5.2f}")


if __name__ == "__main__":
    main()
