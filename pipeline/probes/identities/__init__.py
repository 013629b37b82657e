"""Claims that mathematics decides, or halves of them: bounds, counts and identities, tried on small networks.

One module per group of the notes' sections; `suite.py` runs them all. Where the notes are wrong, it is their
statement that is tried, and it does not pass.
"""
