"""Turns and their replies: what dialogs and its generated twin have in common."""

import pyarrow as pa

from pipeline.corpora.canonical import text_schema

SCHEMA = text_schema("prompt", "response", dialog_id=pa.int64(), turn=pa.int64())
"""`response` is turn number `turn`, from 0, of its dialogue, and `prompt` the one before it; `dialog_id`: the
dialogue's line, from 0, in its split's file."""
