"""What the networks compute on a CPU they compute on a GPU; skipped where there is none."""

from collections.abc import Callable
from functools import partial
from typing import Any, cast

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from pipeline.nn.captioner import Captioner
from pipeline.nn.classifier import Classifier
from pipeline.nn.cudnn import in_autocast_precision
from pipeline.nn.fused import KERNELS
from pipeline.nn.language_model import LanguageModel
from pipeline.nn.recurrent import Recurrent
from pipeline.nn.tagger import Tagger
from pipeline.nn.translator import Translator

pytestmark = [
    pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU"),
    pytest.mark.filterwarnings("ignore:RNN module weights are not part of single contiguous chunk"),
]
BOS, EOS = 2, 3
ROWS, SOURCE, TARGET, WORDS = 5, 13, 7, 31
SOURCE_LENGTHS, TARGET_LENGTHS = torch.tensor([13, 4, 1, 11, 7]), torch.tensor([7, 3, 6, 2, 7])
Loss = Callable[[nn.Module], Tensor]

LAYERS: list[dict[str, Any]] = [
    {"cell": cell, "layers": layers, "bidirectional": bidirectional}
    for cell in ("rnn", "gru", "lstm")
    for layers, bidirectional in ((1, False), (2, True))
] + [
    {"cell": "rnn", "activation": "relu"},
    {"cell": "rnn", "activation": "linear"},
    {"cell": "gru", "reset": "before"},
    {"cell": "lstm", "coupled_gates": True},
    {"cell": "lstm", "initial_state": "learned"},
    {"cell": "lstm", "reversed": True},
]
DECODERS: list[dict[str, Any]] = [
    {"attention": "none"},
    {"attention": "luong", "score": "dot"},
    {"attention": "luong", "score": "concat", "query": "hidden_and_cell"},
    {"attention": "luong", "score": "general", "input_feeding": True},
    {"attention": "luong", "score": "general", "asks": "before"},
    {"attention": "bahdanau", "score": "concat"},
]
DROPOUT = ("none", "step", "sequence", "weight", "zoneout")


def _random(high: int, *shape: int) -> Tensor:
    return torch.randint(high, shape, generator=torch.Generator().manual_seed(high))


def _sources() -> Tensor:
    return (4 + _random(WORDS - 4, ROWS, SOURCE)) * (torch.arange(SOURCE) < SOURCE_LENGTHS.unsqueeze(1))


def _targets() -> Tensor:
    target = 4 + _random(WORDS - 4, ROWS, TARGET)
    target[:, 0] = BOS
    for row, length in enumerate(TARGET_LENGTHS.tolist()):
        target[row, length - 1], target[row, length:] = EOS, 0
    return target


def _given(network: nn.Module, *parts: Tensor) -> list[Tensor]:
    place = next(network.parameters()).device
    return [part.to(place) for part in parts]


def _classified(network: Any) -> Tensor:
    tokens, lengths, labels = _given(network, _sources(), SOURCE_LENGTHS, _random(3, ROWS))
    return F.cross_entropy(network(tokens, lengths), labels)


def _translated(network: Any) -> Tensor:
    given = _given(network, _sources(), SOURCE_LENGTHS, _targets(), TARGET_LENGTHS)
    return cast(Tensor, network.loss(*given, label_smoothing=0.1).total) / ROWS


def _read(network: Any) -> Tensor:
    (tokens,) = _given(network, _sources())
    return cast(Tensor, network.loss(tokens[:, :-1], tokens[:, 1:])[0]) / ROWS


def _described(network: Any) -> Tensor:
    pictures = _random(256, 3, 3, 24, 24).to(torch.uint8)
    given = _given(network, pictures, torch.tensor([0, 0, 1, 2, 2]), _targets(), TARGET_LENGTHS)
    return cast(Tensor, network.loss(*given).total) / ROWS


def _tagged(network: Any) -> Tensor:
    given = _given(network, _sources(), 1 + _random(18, ROWS, SOURCE, 4), SOURCE_LENGTHS, _sources() % 5)
    return cast(Tensor, network.loss(*given)) / ROWS


def _cases() -> dict[str, tuple[Callable[[], nn.Module], Loss]]:
    sizes: dict[str, Any] = {"embedding": 10, "hidden": 14}
    both: dict[str, Any] = {"source_vocabulary": WORDS, "target_vocabulary": WORDS}
    return {
        **{
            f"classifier {options}": (
                partial(Classifier, vocabulary=WORDS, classes=3, **sizes, **options),
                _classified,
            )
            for options in LAYERS
        },
        **{
            f"translator {options}": (partial(Translator, layers=2, **both, **sizes, **options), _translated)
            for options in DECODERS
        },
        "language model": (partial(LanguageModel, vocabulary=WORDS, layers=2, **sizes), _read),
        "captioner": (partial(Captioner, vocabulary=WORDS, channels=[8, 16], **sizes), _described),
        "tagger": (partial(Tagger, words=WORDS, letters=19, tags=5, crf=True, **sizes), _tagged),
    }


CASES = _cases()
every_case = pytest.mark.parametrize("case", CASES)


@pytest.fixture(autouse=True)
def _as_trainings_run_on_a_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, kernel in KERNELS.items():
        monkeypatch.setitem(KERNELS, name, in_autocast_precision(kernel))


def _computed(network: nn.Module, loss: Loss, precision: torch.dtype | None = None) -> list[Tensor]:
    """Loss and the gradients of all parameters, copied to the CPU."""
    network.zero_grad()
    with torch.autocast(next(network.parameters()).device.type, precision, enabled=precision is not None):
        value = loss(network)
    value.backward()  # type: ignore[no-untyped-call]
    gradients = [p.grad for p in network.parameters() if p.grad is not None]
    return [part.detach().cpu().clone() for part in (value, *gradients)]


@every_case
def test_loss_and_gradients_are_the_cpus(case: str) -> None:
    make, loss = CASES[case]
    network = make().double()
    expected = _computed(network, loss)
    torch.testing.assert_close(_computed(network.cuda(), loss), expected, atol=1e-10, rtol=1e-8)


@every_case
def test_bfloat16_stays_near_float32(case: str) -> None:
    make, loss = CASES[case]
    network = make().cuda()
    exact, *gradients = _computed(network, loss)
    rounded, *rounded_gradients = _computed(network, loss, torch.bfloat16)
    assert rounded.isfinite()
    torch.testing.assert_close(rounded.double(), exact.double(), rtol=0.02, atol=0)
    whole, other = (torch.cat([g.flatten() for g in found]) for found in (gradients, rounded_gradients))
    assert (other - whole).norm() < 0.1 * whole.norm()


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_small_gradients_survive_bfloat16(cell: Any) -> None:
    """In float16, which torch's autocast would take, these are zero."""
    layers = Recurrent(input_size=5, hidden_size=7, cell=cell).cuda()
    inputs = torch.randn(ROWS, SOURCE, 5, device="cuda")

    def gradient(scale: float) -> Tensor:
        with torch.autocast("cuda", torch.bfloat16):
            outputs, _ = layers(inputs, SOURCE_LENGTHS.cuda())
        return torch.autograd.grad(scale * outputs.float().sum(), layers.kernels[0].hidden)[0]

    whole = gradient(1.0)
    assert (gradient(2.0**-40) * 2.0**40 - whole).norm() < 0.01 * whole.norm()


@pytest.mark.parametrize("kind", DROPOUT)
def test_dropout_on_the_recurrence_draws_the_same_twice_and_leaves_evaluation_alone(kind: Any) -> None:
    layers = Recurrent(
        input_size=5,
        hidden_size=7,
        layers=2,
        dropout=0.3,
        recurrent_dropout=kind,
        recurrent_dropout_share=0.4,
    )
    layers = layers.cuda()
    inputs = torch.randn(ROWS, SOURCE, 5, device="cuda")

    def drawn(seed: int) -> Tensor:
        torch.manual_seed(seed)
        return cast(Tensor, layers(inputs, SOURCE_LENGTHS.cuda())[0])

    assert torch.equal(drawn(1), drawn(1))
    assert not torch.equal(drawn(1), drawn(2))
    on_gpu = layers.eval()(inputs, SOURCE_LENGTHS.cuda())[0].cpu()
    on_cpu = layers.cpu()(inputs.cpu(), SOURCE_LENGTHS)[0]
    torch.testing.assert_close(on_gpu, on_cpu, atol=1e-3, rtol=0)
