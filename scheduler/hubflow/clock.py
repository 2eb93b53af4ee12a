"""The only reader of the wall clock, and helpers for aware datetimes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


def utcnow() -> datetime:
    """Return the current time, aware, in UTC."""
    return datetime.now(UTC)


def as_utc(value: datetime) -> datetime:
    """Convert to UTC; a naive value is read as UTC (SEMANTICS 1.5)."""
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def plain_utc(value: datetime) -> datetime:
    """Convert to UTC and to the standard library's class, which is all that messages can carry."""
    at = as_utc(value)
    return datetime(
        at.year, at.month, at.day, at.hour, at.minute, at.second, at.microsecond, tzinfo=UTC
    )


def later(value: datetime, seconds: float) -> datetime | None:
    """Return the moment so many seconds later; None beyond the end of the calendar: never."""
    try:
        return value + timedelta(seconds=seconds)
    except OverflowError:
        return None


def isoformat(value: datetime) -> str:
    """Write an instant as the API and run ids do: `2026-11-22T06:00:00+00:00`."""
    return as_utc(value).isoformat()


def parse_iso(text: str) -> datetime:
    """Read an ISO 8601 instant; naive text is UTC. Raises ValueError."""
    return as_utc(datetime.fromisoformat(text))
