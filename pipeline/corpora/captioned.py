"""The form that captioned pictures share: a picture file and a list of captions."""

import pyarrow as pa

SCHEMA = pa.schema([("image", pa.binary()), ("captions", pa.list_(pa.string()))])
