"""The alphabet of sequences made step by step; number 0 is left for padding."""

BLANK = 1
"""Nothing is read."""
ASK = 2
"""Something that was read is wanted."""
MARK = 3
"""The number beside it counts."""
FIRST_LETTER = 4
