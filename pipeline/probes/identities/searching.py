"""Beam search: its width, and what it has to do with teacher forcing."""

from collections.abc import Iterator

import torch

from pipeline.probes.identities.check import About, Check, Checks
from pipeline.probes.identities.small import (
    BOS,
    EOS,
    LIMIT,
    VOCABULARY,
    Recorder,
    exhaustive,
    looked_up,
    settings,
    sources,
    spelled,
    translator,
)
from pipeline.search.beam import beam_search
from pipeline.search.greedy import greedy_search

WIDTH = 3
WIDE = 400
"""More than there are outputs of `LIMIT` tokens."""


def width() -> Iterator[Check]:
    about = About("beam-width")
    network, (source, lengths) = translator(), sources()
    greedy = [each.tokens for each in greedy_search(network, source, lengths, **settings(3))]
    narrow = [best.tokens for (best,) in beam_search(network, source, lengths, beam=1, **settings(3))]
    yield about.equal("outputs of a beam of 1, against greedy search's", spelled(narrow), spelled(greedy))

    one, length = source[:1], lengths[:1]
    network.writer.output.bias.data[EOS] -= 1e3
    asked = Recorder(network)
    beam_search(asked, one, length, beam=WIDTH, **settings(1))
    network.writer.output.bias.data[EOS] += 1e3
    wanted = [VOCABULARY, *(WIDTH * VOCABULARY,) * (LIMIT - 1)]
    candidates = [rows * words for rows, words in asked.scored]
    check = f"candidates at each step, B = {WIDTH} and V = {VOCABULARY}, where none ends: V, then B times V"
    yield about.equal(check, spelled([candidates]), spelled([wanted]))

    for row in range(len(source)):
        text, length = source[row : row + 1, : lengths[row]], lengths[row : row + 1]
        ((best,),) = beam_search(network, text, length, beam=WIDE, **settings(1))
        score, words = exhaustive(network, text, length)
        check = (
            f"text {row + 1}: best output, log-probability per word: a beam of {WIDE} against exact search"
        )
        found = f"{spelled([best.tokens])} at {best.score:.3f}"
        yield about.equal(check, found, f"{spelled([words])} at {score:.3f}")


def teacher_forcing() -> Iterator[Check]:
    about = About("beam-teacher-forcing")
    network, (source, lengths) = translator(), sources(rows=1)
    reference = [4, 6, 5, 4]
    target = torch.tensor([[BOS, *reference, EOS]])
    with looked_up(network.writer.embedding) as calls:
        network.loss(source, lengths, target, torch.tensor([target.shape[1]]))
    trained = calls[0].flatten().tolist()
    yield about.equal(
        "words the decoder reads in training: <start> and the reference's",
        spelled([trained]),
        spelled([[BOS, *reference]]),
    )

    network.writer.output.bias.data[EOS] -= 1e3
    asked = Recorder(network)
    ((best,),) = beam_search(asked, source, lengths, beam=1, **settings(1))
    searched = [words[0] for words in asked.read]
    check = "words it reads in search: <start> and the output's own"
    yield about.equal(check, spelled([searched]), spelled([[BOS, *best.tokens[:-1]]]))
    of_reference = sum(one == other for one, other in zip(searched[1:], reference, strict=False))
    check = "words it reads in search that are the reference's at the same place"
    yield about.at_most(check, of_reference, len(searched) - 2)


CHECKS: list[Checks] = [width, teacher_forcing]
