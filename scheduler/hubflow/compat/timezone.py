"""`airflow.utils.timezone`: aware dates, in the default zone unless one is said."""

from __future__ import annotations

import datetime as _dt
from datetime import UTC, tzinfo

from hubflow.clock import utcnow as utcnow
from hubflow.sdk import site_defaults

utc = UTC
TIMEZONE = site_defaults.timezone()
utc_epoch = _dt.datetime(1970, 1, 1, tzinfo=UTC)


def datetime(*args: int, tzinfo: tzinfo | None = TIMEZONE, **kwargs: int) -> _dt.datetime:
    """Return an aware date, as `datetime.datetime` makes it."""
    return _dt.datetime(*args, tzinfo=tzinfo, **kwargs)  # type: ignore[arg-type,misc]


def parse(string: str, timezone: tzinfo | None = None) -> _dt.datetime:
    """Read a date and make it aware."""
    try:
        found = _dt.datetime.fromisoformat(string)
    except ValueError:
        from dateutil import parser  # noqa: PLC0415  (only for dates in other forms)

        found = parser.parse(string)
    return found if found.tzinfo is not None else found.replace(tzinfo=timezone or TIMEZONE)


def is_localized(value: _dt.datetime) -> bool:
    return value.utcoffset() is not None


def is_naive(value: _dt.datetime) -> bool:
    return value.utcoffset() is None


def make_aware(value: _dt.datetime, timezone: tzinfo | None = None) -> _dt.datetime:
    """Give a naive date a time zone; raises ValueError for an aware one."""
    if is_localized(value):
        raise ValueError(f"make_aware expects a naive datetime, got {value}")
    return value.replace(tzinfo=timezone or TIMEZONE)


def make_naive(value: _dt.datetime, timezone: tzinfo | None = None) -> _dt.datetime:
    """Return the date without its time zone, as clocks in ``timezone`` show it."""
    if is_naive(value):
        raise ValueError("make_naive() cannot be applied to a naive datetime")
    return value.astimezone(timezone or TIMEZONE).replace(tzinfo=None)


def convert_to_utc(value: _dt.datetime | None) -> _dt.datetime | None:
    return None if value is None else site_defaults.instant(value)


def coerce_datetime(value: _dt.datetime | None) -> _dt.datetime | None:
    """Return the date, aware."""
    return value if value is None or is_localized(value) else make_aware(value)


def from_timestamp(timestamp: float, tz: tzinfo | None = None) -> _dt.datetime:
    return _dt.datetime.fromtimestamp(timestamp, tz or UTC)
