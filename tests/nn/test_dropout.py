import torch

from pipeline.nn.dropout import Dropout, dropout


def test_keeps_the_share_and_the_mean() -> None:
    outputs = dropout(torch.ones(101, 1009), 0.3, True)
    assert abs(float((outputs == 0).float().mean()) - 0.3) < 0.01
    assert abs(float(outputs.mean()) - 1) < 0.01
    assert outputs.unique().numel() == 2


def test_the_four_elements_of_a_random_number_fall_independently() -> None:
    kept = (dropout(torch.ones(40_000, 4), 0.5, True) > 0).double()
    covariance = torch.cov(kept.t())
    torch.testing.assert_close(covariance, torch.eye(4, dtype=torch.float64) / 4, atol=0.01, rtol=0)


def test_gradient_falls_where_the_value_falls() -> None:
    inputs = torch.ones(7, 13, requires_grad=True)
    outputs = dropout(inputs, 0.4, True)
    outputs.sum().backward()
    assert torch.equal(inputs.grad, outputs.detach())


def test_evaluation_and_a_share_of_zero_change_nothing() -> None:
    inputs = torch.randn(3, 5)
    assert torch.equal(Dropout(0.5).eval()(inputs), inputs)
    assert torch.equal(Dropout(0.0)(inputs), inputs)
