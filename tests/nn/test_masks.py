import torch

from pipeline.nn.masks import real_mask, reversal


def test_mask_is_true_at_real_steps() -> None:
    assert real_mask(torch.tensor([2, 0, 3]), 3).tolist() == [
        [True, True, False],
        [False, False, False],
        [True, True, True],
    ]


def test_reversal_turns_the_real_part_only_and_undoes_itself() -> None:
    order = reversal(torch.tensor([2, 5, 3]), 5)
    assert order.tolist() == [[1, 0, 2, 3, 4], [4, 3, 2, 1, 0], [2, 1, 0, 3, 4]]
    assert (order.gather(1, order) == torch.arange(5)).all()
