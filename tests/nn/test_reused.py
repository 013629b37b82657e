import pytest
import torch

from pipeline.nn.reused import Reused

STEPS, N, I, O = 3, 5, 7, 2  # noqa: E741


@pytest.mark.parametrize("batched", [False, True])
def test_gradients_of_a_loop_equal_autograds(batched: bool) -> None:
    matrix = torch.randn((11, O, I) if batched else (O, I), dtype=torch.float64, requires_grad=True)
    back = torch.randn(O, I, dtype=torch.float64)
    start = torch.randn((11, N, I) if batched else (N, I), dtype=torch.float64, requires_grad=True)

    def loop(matrix: torch.Tensor, start: torch.Tensor, reuse: bool) -> torch.Tensor:
        product = Reused(matrix) if reuse else lambda x: x @ matrix.mT
        inputs = start
        for _ in range(STEPS):
            inputs = (product(inputs) @ back).tanh()
        return inputs.square().sum()

    torch.testing.assert_close(loop(matrix, start, True), loop(matrix, start, False), atol=1e-12, rtol=0)
    torch.testing.assert_close(
        torch.autograd.grad(loop(matrix, start, True), [matrix, start]),
        torch.autograd.grad(loop(matrix, start, False), [matrix, start]),
        atol=1e-10,
        rtol=0,
    )


def test_gradcheck_with_a_summand() -> None:
    shapes = [(O, I), (N, I), (N, O)]
    tensors = [torch.randn(shape, dtype=torch.float64, requires_grad=True) for shape in shapes]

    def twice(matrix: torch.Tensor, inputs: torch.Tensor, plus: torch.Tensor) -> torch.Tensor:
        product = Reused(matrix)
        return product(inputs, plus) + product(inputs.sin()).cos()

    assert torch.autograd.gradcheck(twice, tensors)


def test_runs_in_autocasts_precision() -> None:
    matrix = torch.randn(O, I, requires_grad=True)
    with torch.autocast("cpu", torch.bfloat16):
        product = Reused(matrix)(torch.randn(N, I))
    product.float().sum().backward()
    assert product.dtype == torch.bfloat16
    assert matrix.grad is not None
    assert matrix.grad.dtype == torch.float32
