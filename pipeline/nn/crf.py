"""Tags chosen together: a linear-chain conditional random field."""

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn


class LinearChain(nn.Module):
    """Scores a row of tags by the network's scores, a score per pair of neighbours, and one per end.

    Lafferty et al. 2001; on top of a bidirectional LSTM: Huang et al. 2015, section 2.4. Computes in float32
    at least. Rows are padded behind and have at least one real step.
    """

    def __init__(self, tags: int) -> None:
        super().__init__()
        self.start = nn.Parameter(torch.zeros(tags))
        self.end = nn.Parameter(torch.zeros(tags))
        self.between = nn.Parameter(torch.empty(tags, tags).uniform_(-0.1, 0.1))
        """From a tag (rows) to the next one (columns)."""

    def forward(
        self, scores: Float[Tensor, "B S G"], tags: Int[Tensor, "B S"], mask: Bool[Tensor, "B S"]
    ) -> Float[Tensor, "B"]:
        """Negative log-likelihood of each row's tags, in nats."""
        return self._partition(scores, mask) - self._score(scores, tags, mask)

    def decode(self, scores: Float[Tensor, "B S G"], mask: Bool[Tensor, "B S"]) -> Int[Tensor, "B S"]:
        """The best tags of each row (Viterbi 1967); 0 at padding."""
        best = self.start + scores[:, 0]
        steps = scores.shape[1]
        still = torch.arange(scores.shape[2], device=scores.device).expand_as(best)
        back = []
        for step in range(1, steps):
            reached, where = (best.unsqueeze(2) + self.between).max(1)
            here = mask[:, step].unsqueeze(1)
            best = torch.where(here, reached + scores[:, step], best)
            # Through padding a path stays at its last real tag.
            back.append(torch.where(here, where, still))
        tag = (best + self.end).argmax(1)
        found = [tag]
        for where in reversed(back):
            tag = where.gather(1, tag.unsqueeze(1)).squeeze(1)
            found.append(tag)
        return torch.stack(found[::-1], 1) * mask

    def _score(
        self, scores: Float[Tensor, "B S G"], tags: Int[Tensor, "B S"], mask: Bool[Tensor, "B S"]
    ) -> Float[Tensor, "B"]:
        own = scores.gather(2, tags.unsqueeze(2)).squeeze(2) * mask
        pairs = self.between[tags[:, :-1], tags[:, 1:]] * mask[:, 1:]
        last = tags.gather(1, mask.sum(1, keepdim=True) - 1).squeeze(1)
        return own.sum(1) + pairs.sum(1) + self.start[tags[:, 0]] + self.end[last]

    def _partition(self, scores: Float[Tensor, "B S G"], mask: Bool[Tensor, "B S"]) -> Float[Tensor, "B"]:
        """Log of the sum over all rows of tags of e^score."""
        total = self.start + scores[:, 0]
        for step in range(1, scores.shape[1]):
            reached = (total.unsqueeze(2) + self.between).logsumexp(1) + scores[:, step]
            total = torch.where(mask[:, step].unsqueeze(1), reached, total)
        return (total + self.end).logsumexp(1)
