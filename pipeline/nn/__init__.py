"""Plain torch modules: they take keyword arguments and know no config, no Lightning, no tokenizer.

Axis letters, in annotations and in comments:

    B   batch
    S   source steps; the steps of a text
    T   target steps
    D   embedding size, or any input size
    H   hidden units; "H*dirs" of a layer that may read in both directions
    V   vocabulary
    L   layers
    K   beam
    N   rows of a search: batch times beam; or real tokens of a batch
    C   classes

Masks are named `*_mask`; True means a real token. Lengths count real tokens, which come first in a row.
Scores and losses are natural logarithms.
"""
