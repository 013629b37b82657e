"""Training speed beside OpenNMT-py and JoeyNMT, in target tokens per second, on the same sentences and BPE.

    sh benchmarks/peers/install.sh
    python -m benchmarks.peers --corpus ../shared/corpora/multi30k --threads 2

The systems take turns, one process each; the table gives each one's median over the rounds.
"""

import argparse
import os
import re
import shutil
import statistics
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pandas as pd

from benchmarks import multi30k

HERE = Path(__file__).parent
ENVIRONMENT, DATA = HERE / ".work/peers/bin", HERE / ".work/data"
JOEY_SENTENCES = 5_000
"""JoeyNMT trains whole epochs only: this much is some forty batches."""

OURS = re.compile(r"^(.+?) +([\d,]+) target tokens/s", re.M)
OPENNMT = re.compile(r"/ *([\d.]+) tok/s")
JOEYNMT = re.compile(r"Tokens per Sec: +(\d+)")


def prepare(folder: Path) -> None:
    """Text cut into BPE pieces, and vocabularies by frequency."""
    if (DATA / "vocab.src").exists():
        return
    DATA.mkdir(parents=True, exist_ok=True)
    tokenizer = multi30k.load(folder).tokenizer
    counts: Counter[str] = Counter()
    for split, name in (("validation", "val"), ("train", "train")):
        frame = pd.read_parquet(folder / f"{split}.parquet")
        for language in ("en", "de"):
            rows = [tokenizer.tokens(ids) for ids in tokenizer.encode_batch(list(frame[language]))]
            lines = [" ".join(row) + "\n" for row in rows]
            (DATA / f"{name}.bpe.{language}").write_text("".join(lines))
            if name == "train":
                counts.update(piece for row in rows for piece in row)
                (DATA / f"train.part.{language}").write_text("".join(lines[:JOEY_SENTENCES]))
    (DATA / "vocab.txt").write_text("".join(f"{piece}\n" for piece, _ in counts.most_common()))
    for config in (HERE / "peers").glob("*.yaml"):
        shutil.copy(config, DATA)
    run([ENVIRONMENT / "onmt_build_vocab", "-config", "opennmt.yaml", "-n_sample", "-1"], threads=1)


def run(command: list[str | Path], *, threads: int, folder: Path = DATA) -> str:
    done = subprocess.run(
        command,
        cwd=folder,
        env=os.environ | {"OMP_NUM_THREADS": str(threads)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{command[0]} failed:\n{done.stdout[-2000:]}")
    return done.stdout


def speeds(corpus: Path, threads: int) -> dict[str, float]:
    """One round: every system's median report, its first left out."""
    ours = [sys.executable, "-m", "benchmarks.translation_speed", "--corpus", corpus.resolve()]
    ours += ["--threads", str(threads), "--rounds", "3"]
    found = {
        name: float(speed.replace(",", ""))
        for name, speed in OURS.findall(run(ours, threads=threads, folder=HERE.parent))
    }
    log = run([ENVIRONMENT / "onmt_train", "-config", "opennmt.yaml"], threads=threads)
    found["OpenNMT-py, luong, input feeding fp32"] = _median(OPENNMT, log)
    for name in ("luong", "bahdanau"):
        shutil.rmtree(DATA / f"joeynmt-{name}", ignore_errors=True)
        joey = [ENVIRONMENT / "python", "-m", "joeynmt", "train", f"joeynmt-{name}.yaml", "--skip-test"]
        log = run(joey, threads=threads)
        found[f"JoeyNMT, {name}, input feeding fp32"] = _median(JOEYNMT, log)
    return found


def _median(pattern: re.Pattern[str], log: str) -> float:
    return statistics.median(map(float, pattern.findall(log)[1:]))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--corpus", type=Path, required=True, help="folder of Multi30k's Parquet files")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    prepare(arguments.corpus)
    rounds = [speeds(arguments.corpus, arguments.threads) for _ in range(arguments.rounds)]
    medians = {name: statistics.median(found[name] for found in rounds) for name in rounds[0]}
    base = medians["OpenNMT-py, luong, input feeding fp32"]
    print(
        f"{arguments.threads} threads, median of {arguments.rounds} rounds; last column: times OpenNMT-py's"
    )
    for name, median in medians.items():
        print(f"{name:<40}{median:>8,.0f} target tokens/s  {median / base:5.2f}")


if __name__ == "__main__":
    main()
