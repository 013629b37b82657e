#!/bin/sh
# OpenNMT-py and JoeyNMT into an environment of their own: benchmarks/.work/peers. Their pins are older than
# current torch, on which both run, so they come without dependencies.
set -eu
cd "$(dirname "$0")/.."
python3 -m venv .work/peers
.work/peers/bin/pip install --quiet "torch==2.13.*"
.work/peers/bin/pip install --quiet --no-deps OpenNMT-py==3.5.1 joeynmt==2.3.0
.work/peers/bin/pip install --quiet "numpy<2.3" sacrebleu subword-nmt sentencepiece pyonmttok ctranslate2 \
    configargparse pyahocorasick sacremoses importlib_metadata waitress flask rapidfuzz tensorboard datasets \
    pandas seaborn pyyaml six fasttext spacy
