"""The form that hourly series share: a date and seven numbers, named as ETT names them."""

from datetime import datetime, timedelta

import pyarrow as pa

from pipeline.errors import UserError

CHANNELS = ("HUFL", "HULL", "MUFL", "MULL", "LUFL", "LULL", "OT")
"""High, middle and low use, full and less load; oil temperature."""
SCHEMA = pa.schema([("date", pa.string()), *((channel, pa.float64()) for channel in CHANNELS)])
DATE = "%Y-%m-%d %H:%M:%S"
HOUR = timedelta(hours=1)


def check_hours(dates: list[str | None], where: str) -> None:
    """
    Raises:
        UserError: names the first row (from 0) whose date is none, or not an hour after the one before.
    """
    before: datetime | None = None
    for row, date in enumerate(dates):
        place = f"{where}, row {row} (from 0), column date"
        try:
            now = datetime.strptime(date or "", DATE)
        except ValueError:
            raise UserError(
                f"{place}: {date!r} is no date like 2016-07-01 00:00:00; fetch it again"
            ) from None
        if before is not None and now - before != HOUR:
            raise UserError(f"{place}: {date} is not an hour after {before:{DATE}}; fetch it again")
        before = now
