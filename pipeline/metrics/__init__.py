"""Scores by standard definitions, each with the signature that says how it was computed."""
