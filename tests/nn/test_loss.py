import pytest
import torch
from torch.nn import functional as F

from pipeline.nn import loss
from pipeline.nn.loss import linear_cross_entropy, log_softmax

N, H, V = 7, 5, 11


def operands(dtype: torch.dtype = torch.float64) -> list[torch.Tensor]:
    shapes = [(N, H), (V, H), (V,)]
    return [torch.randn(shape, dtype=dtype, requires_grad=True) for shape in shapes]


@pytest.mark.parametrize("label_smoothing", [0.0, 0.1])
@pytest.mark.parametrize("rows_at_once", [1, 3, 100])
def test_equals_torchs(monkeypatch: pytest.MonkeyPatch, rows_at_once: int, label_smoothing: float) -> None:
    monkeypatch.setitem(loss.ELEMENTS_AT_ONCE, "cpu", rows_at_once * V)
    targets = torch.randint(V, (N,))
    inputs = operands()
    total, nll = linear_cross_entropy(*inputs, targets, label_smoothing=label_smoothing)
    logits = F.linear(*inputs)
    expected = F.cross_entropy(logits, targets, reduction="sum", label_smoothing=label_smoothing)
    torch.testing.assert_close(total, expected, atol=1e-10, rtol=0)
    torch.testing.assert_close(nll, F.cross_entropy(logits, targets, reduction="sum"), atol=1e-10, rtol=0)
    assert not nll.requires_grad
    torch.testing.assert_close(
        torch.autograd.grad(3 * total, inputs), torch.autograd.grad(3 * expected, inputs), atol=1e-10, rtol=0
    )


def test_gradcheck() -> None:
    targets = torch.randint(V, (N,))
    assert torch.autograd.gradcheck(
        lambda *inputs: linear_cross_entropy(*inputs, targets, label_smoothing=0.2)[0], operands()
    )


def test_a_hopeless_word_has_a_finite_loss() -> None:
    """Its probability is 0 in float32."""
    weight = torch.zeros(V, H)
    weight[3] = 1000.0
    total, nll = linear_cross_entropy(torch.ones(1, H), weight, torch.zeros(V), torch.tensor([4]))
    assert float(total) == float(nll) == 5000.0


def test_bfloat16_stays_near_float32() -> None:
    inputs, targets = operands(torch.float32), torch.randint(V, (N,))
    exact, _ = linear_cross_entropy(*inputs, targets, label_smoothing=0.1)
    with torch.autocast("cpu", torch.bfloat16):
        total, _ = linear_cross_entropy(*inputs, targets, label_smoothing=0.1)
    assert total.dtype == torch.float32
    torch.testing.assert_close(total, exact, rtol=0.02, atol=0)
    torch.testing.assert_close(
        torch.autograd.grad(total, inputs), torch.autograd.grad(exact, inputs), atol=0.1, rtol=0.05
    )


def test_log_softmax_is_float32_at_least() -> None:
    assert log_softmax(torch.zeros(2, 4, dtype=torch.bfloat16)).dtype == torch.float32
    assert log_softmax(torch.zeros(2, 4, dtype=torch.float64)).dtype == torch.float64
