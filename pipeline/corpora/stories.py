"""Stories and questions about them: what babi and its generated twin have in common."""

import pyarrow as pa

SCHEMA = pa.schema(
    [
        ("task", pa.int64()),
        ("type", pa.string()),
        ("story_id", pa.int64()),
        ("story", pa.list_(pa.string())),
        ("question", pa.string()),
        ("answer", pa.string()),
        ("supporting", pa.list_(pa.int64())),
    ]
)
"""`task` and `type`: number and name of the kind of question. `story`: the statements before the question, so
it grows from one question of a `story_id` (of a task and split) to the next. `supporting`: places in it, from
0, of the statements that decide the answer."""
