"""What params.yaml may hold: frozen pydantic models, one per block, unknown keys refused.

Imports no torch: every stage checks the whole file before it works.
"""
