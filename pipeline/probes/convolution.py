"""A network of the encoder-decoders' task and size whose steps wait for none: what time is compared with."""

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from pipeline.nn.budget import count_parameters
from pipeline.nn.embedding import build_embedding
from pipeline.nn.loss import linear_cross_entropy
from pipeline.nn.writer import WriterLoss

WIDTH = 3
"""Words that a convolution sees: this one and those before it."""


class Convolution(nn.Module):
    """Source and target stand in one row, which causal convolutions read (Bai et al. 2018, section 3)."""

    def __init__(self, *, vocabulary: int, hidden: int, layers: int) -> None:
        """Word vectors have `hidden` numbers too; source and target each have their own."""
        super().__init__()
        self.source = build_embedding(vocabulary, hidden)
        self.target = build_embedding(vocabulary, hidden)
        self.layers = nn.Sequential(
            *(
                part
                for _ in range(layers)
                for part in (
                    nn.ConstantPad1d((WIDTH - 1, 0), 0.0),
                    nn.Conv1d(hidden, hidden, WIDTH),
                    nn.ReLU(),
                )
            )
        )
        self.output = nn.Linear(hidden, vocabulary)

    @classmethod
    def of_size(cls, parameters: int, *, vocabulary: int, hidden: int) -> "Convolution":
        """With the number of layers, at least one, that comes nearest to so many parameters."""
        one, two = (count_parameters(cls(vocabulary=vocabulary, hidden=hidden, layers=n)) for n in (1, 2))
        layers = 1 + max(round((parameters - one) / (two - one)), 0)
        return cls(vocabulary=vocabulary, hidden=hidden, layers=layers)

    def loss(
        self,
        source: Int[Tensor, "B S"],
        source_lengths: Int[Tensor, "B"],
        target: Int[Tensor, "B T"],
        target_lengths: Int[Tensor, "B"],
    ) -> WriterLoss:
        """As the translator's, of texts without padding."""
        inputs, labels = target[:, :-1], target[:, 1:]
        words = torch.cat([self.source(source), self.target(inputs)], 1)
        read: Float[Tensor, "B T H"] = self.layers(words.transpose(1, 2)).transpose(1, 2)[
            :, source.shape[1] :
        ]
        total, nll = linear_cross_entropy(
            read.flatten(0, 1), self.output.weight, self.output.bias, labels.flatten()
        )
        return WriterLoss(total, nll, (target_lengths - 1).sum())
