"""Entry points of the DVC graph: one module per stage, `python -m stages.NAME [KEY]`."""
