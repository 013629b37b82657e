"""Greedy and beam search over a small step protocol: no model is named here, so a fake one can test them."""
