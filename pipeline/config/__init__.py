"""params.yaml as frozen, checked values: `load()`, and the blocks in `schema`."""

from pipeline.config.load import load, parse, variants

__all__ = ["load", "parse", "variants"]
