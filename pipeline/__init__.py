"""Unrolled: a recurrent-network laboratory. `docs/architecture.md` draws the layers of this package."""
