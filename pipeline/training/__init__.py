"""Runs: one (variant, seed) each, in processes of their own, with a store from which a killed one resumes."""
