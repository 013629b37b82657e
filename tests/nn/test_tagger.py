"""Tags of padded sentences, spelled words, and what each option is for."""

from typing import Any

import pytest
import torch

from pipeline.nn.tagger import UNKNOWN, Tagger

WORDS, LETTERS, TAGS, WIDTH = 23, 13, 5, 7
LENGTHS = torch.tensor([2, 11, 3])


def tagger(**options: Any) -> Tagger:
    sizes: dict[str, Any] = {"words": WORDS, "letters": LETTERS, "tags": TAGS, "embedding": 6, "hidden": 7}
    return Tagger(**sizes | {"characters": 4} | options).double()


def sentences() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    words = torch.randint(4, WORDS, (3, 11))
    characters = torch.randint(4, LETTERS, (3, 11, WIDTH))
    characters[torch.arange(WIDTH) > torch.randint(0, WIDTH, (3, 11, 1))] = 0
    return words, characters, torch.randint(TAGS, (3, 11))


@pytest.mark.parametrize("crf", [False, True])
@pytest.mark.parametrize("characters", [0, 4])
@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_padding_changes_nothing(cell: str, characters: int, crf: bool) -> None:
    model = tagger(cell=cell, characters=characters, crf=crf, layers=2).eval()
    words, spelling, tags = sentences()
    together, found = model(words, spelling, LENGTHS), model.tag(words, spelling, LENGTHS)
    assert together.shape == (3, 11, TAGS)
    total = torch.zeros((), dtype=torch.float64)
    for row, length in enumerate(LENGTHS.tolist()):
        own = words[row : row + 1, :length], spelling[row : row + 1, :length], LENGTHS[row : row + 1]
        torch.testing.assert_close(model(*own)[0], together[row, :length], atol=1e-10, rtol=0)
        assert torch.equal(model.tag(*own)[0], found[row, :length])
        assert not found[row, length:].any()
        total = total + model.loss(*own, tags[row : row + 1, :length])
    torch.testing.assert_close(model.loss(words, spelling, LENGTHS, tags), total, atol=1e-9, rtol=0)


def test_spelling_tells_unknown_words_apart() -> None:
    words, spelling, _ = sentences()
    words = torch.full_like(words, UNKNOWN)
    with_letters, without = tagger().eval(), tagger(characters=0).eval()
    other = spelling.clone()
    other[1, 4, 0] = (other[1, 4, 0] - 3) % (LETTERS - 4) + 4
    assert not torch.allclose(with_letters(words, spelling, LENGTHS), with_letters(words, other, LENGTHS))
    assert torch.equal(without(words, spelling, LENGTHS), without(words, other, LENGTHS))


@pytest.mark.parametrize("bidirectional", [False, True])
def test_only_both_directions_see_what_comes_later(bidirectional: bool) -> None:
    model = tagger(bidirectional=bidirectional).eval()
    words, spelling, _ = sentences()
    changed = words.clone()
    changed[1, 7] = (words[1, 7] - 3) % (WORDS - 4) + 4
    before = (model(words, spelling, LENGTHS) - model(changed, spelling, LENGTHS))[1, :7].abs().amax(-1)
    assert bool((before > 0).all() if bidirectional else (before == 0).all())


def test_word_dropout_leaves_the_spelling_in_training_only() -> None:
    model = tagger(word_dropout=0.999999)
    words, spelling, _ = sentences()
    unknown = torch.full_like(words, UNKNOWN)
    trained = model(words, spelling, LENGTHS)
    model.eval()
    torch.testing.assert_close(trained, model(unknown, spelling, LENGTHS))
    assert not torch.allclose(trained, model(words, spelling, LENGTHS))


@pytest.mark.parametrize("crf", [False, True])
def test_learns_tags_that_the_next_word_decides(crf: bool) -> None:
    """Of two like words the second's successor tells; a tagger that reads one way reaches a half."""
    model = Tagger(words=10, letters=5, tags=2, embedding=8, hidden=8, characters=0, crf=crf)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.03)
    lengths, spelling = torch.full((32,), 9), torch.full((32, 9, 1), 4)

    def batch() -> tuple[torch.Tensor, torch.Tensor]:
        words = torch.randint(4, 10, (32, 9))
        return words, torch.cat((words[:, 1:] % 2, torch.zeros(32, 1, dtype=torch.long)), 1)

    for _ in range(150):
        words, tags = batch()
        optimizer.zero_grad()
        (model.loss(words, spelling, lengths, tags) / words.numel()).backward()
        optimizer.step()
    words, tags = batch()
    assert (model.eval().tag(words, spelling, lengths) == tags).double().mean() > 0.97
