"""Which runs put `pipeline.nn.cudnn` around torch's kernels, which then counts as their code.

Apart from the run, which loads torch, as whoever only compares digests asks it too.
"""


def brings_kernels(accelerator: str) -> bool:
    """False on a CPU, where torch's kernels run in the precision that was asked for."""
    return accelerator != "cpu"
