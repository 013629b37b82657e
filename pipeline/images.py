"""Picture files -> arrays of pixels, and back."""

import io

import numpy as np
import numpy.typing as npt
from PIL import Image, UnidentifiedImageError

from pipeline.errors import UserError

Pixels = npt.NDArray[np.uint8]
"""(height, width, 3): red, green, blue."""


def read_image(content: bytes, where: str, side: int | None = None) -> Pixels:
    """Pixels of a picture in any format that Pillow knows, transparent ones on white.

    Args:
        where: what a message calls it.
        side: squeezes the whole picture into a square of so many pixels, if it isn't one.

    Raises:
        UserError: it is no picture, or breaks off.
    """
    try:
        with Image.open(io.BytesIO(content)) as file:
            image: Image.Image = file.convert("RGBA" if file.has_transparency_data else "RGB")
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        kind = "no picture" if isinstance(error, UnidentifiedImageError) else f"a broken picture ({error})"
        raise UserError(f"{where}: {kind}; needs JPEG, PNG or what else Pillow reads") from None
    if image.mode == "RGBA":
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")
    if side is not None and image.size != (side, side):
        image = image.resize((side, side), Image.Resampling.BICUBIC)
    return np.asarray(image)


def png(pixels: npt.NDArray[np.uint8]) -> bytes:
    """A lossless file of colours, or of greys and their opacity (height, width, 2); uncompressed, so that its
    bytes don't hang on the compressor's release."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, format="PNG", compress_level=0)
    return buffer.getvalue()


def jpeg(pixels: Pixels, quality: int = 85) -> bytes:
    """A small file."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, format="JPEG", quality=quality)
    return buffer.getvalue()
