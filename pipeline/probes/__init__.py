"""Looks into trained networks where their scores are not enough: one module for each kind of probe."""
