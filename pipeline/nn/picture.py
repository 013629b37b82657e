"""Pictures -> feature maps, and how training pictures are varied."""

from collections.abc import Sequence
from itertools import pairwise

import torch
from jaxtyping import Float, UInt8
from torch import Tensor, nn

COLOURS, COORDINATES = 3, 2
"""Numbers of a pixel. A convolution tells no place from another unless it is told where it is (Liu et al.
2018, CoordConv), and the mean over all places would forget it."""
GROUPS = 8
"""Of channels that are normalised together (Wu and He 2018): no picture depends on its batch, so that a batch
in two processes' halves is the same batch."""


class PictureEncoder(nn.Module):
    """Stages of convolutions, each of which halves the sides and, but for the first, adds a residual one (He
    et al. 2016)."""

    def __init__(self, *, channels: Sequence[int], size: int) -> None:
        """`channels` of each stage, multiples of 8; `size` of what is told of each place."""
        super().__init__()
        widths = [COLOURS + COORDINATES, *channels]
        self.halvings = nn.ModuleList(
            nn.Sequential(
                nn.Conv2d(before, width, 3, stride=2, padding=1, bias=False), nn.GroupNorm(GROUPS, width)
            )
            for before, width in pairwise(widths)
        )
        self.residuals = nn.ModuleList(
            nn.Sequential(nn.Conv2d(width, width, 3, padding=1, bias=False), nn.GroupNorm(GROUPS, width))
            for width in channels[1:]
        )
        self.places = nn.Linear(channels[-1], size)
        # A CPU's and a GPU's fast kernels want a pixel's channels side by side.
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def forward(self, pictures: UInt8[Tensor, "B 3 side side"]) -> Float[Tensor, "B S H"]:
        """The places of the last stage, row by row."""
        maps = _read(pictures, self.places.weight.dtype).contiguous(memory_format=torch.channels_last)
        for stage, halving in enumerate(self.halvings):
            maps = halving(maps).relu()
            if stage:
                maps = (maps + self.residuals[stage - 1](maps)).relu()
        places: Tensor = self.places(maps.flatten(2).mT)
        return places


def _read(pictures: UInt8[Tensor, "B 3 side side"], dtype: torch.dtype) -> Float[Tensor, "B 5 side side"]:
    """Colours from -2 to 2, and with them where a pixel lies, from -1 to 1 down and to the right."""
    count, _, height, width = pictures.shape
    down = torch.linspace(-1, 1, height, dtype=dtype, device=pictures.device)
    right = torch.linspace(-1, 1, width, dtype=dtype, device=pictures.device)
    places = torch.stack(torch.meshgrid(down, right, indexing="ij"))
    return torch.cat([(pictures.to(dtype) - 127.5) / 63.75, places.expand(count, -1, -1, -1)], 1)


def varied(
    pictures: UInt8[Tensor, "B 3 side side"], *, flips: bool, crops: float
) -> UInt8[Tensor, "B 3 side side"]:
    """Training pictures as they could also have been taken; a picture's choices are its own.

    Args:
        flips: half of them are mirrored.
        crops: most of the sides' length that is cut away, anywhere; the rest is stretched to the old size.
    """
    count, side, device = len(pictures), pictures.shape[-1], pictures.device
    if flips:
        mirrored = torch.rand(count, 1, 1, 1, device=device) < 0.5
        pictures = torch.where(mirrored, pictures.flip(3), pictures)
    if not crops:
        return pictures
    kept = 1 - crops * torch.rand(count, 1, device=device)
    places = (torch.arange(side, device=device) + 0.5) * kept
    down, right = (
        (places + (1 - kept) * side * torch.rand(count, 1, device=device)).long().clamp(max=side - 1)
        for _ in range(2)
    )
    rows = torch.arange(count, device=device)[:, None, None]
    return pictures[rows, :, down[:, :, None], right[:, None, :]].permute(0, 3, 1, 2)
