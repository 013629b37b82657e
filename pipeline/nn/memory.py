"""Memory that a training process keeps."""

import ctypes
import sys

M_TRIM_THRESHOLD, M_TOP_PAD, M_MMAP_MAX = -1, -2, -4
"""Names of glibc's malloc.h."""


def keep_freed_memory() -> None:
    """Lets this process keep what it frees instead of handing it back; call once, before training.

    Torch asks the C library for every tensor on a CPU. glibc maps each large one afresh, and the kernel then
    clears it page by page: a third of the time of an LSTM's training step over 400 words. Does nothing where
    the C library is another.
    """
    if not sys.platform.startswith("linux"):
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(M_MMAP_MAX, 0)
        mallopt(M_TRIM_THRESHOLD, -1)
        mallopt(M_TOP_PAD, 64 << 20)
