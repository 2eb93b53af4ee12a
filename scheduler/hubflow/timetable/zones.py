"""Time zones by name: IANA names, `UTC`, and fixed offsets such as `+05:30`."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from hubflow.errors import ScheduleInvalid

_OFFSET = re.compile(r"(?:UTC|GMT)?([+-])(\d{1,2}):?(\d{2})?")


@cache
def zone(name: str) -> tzinfo:
    """Return the zone with this name; raises ScheduleInvalid when there is none."""
    if name in {"UTC", "Z", "utc", "+00:00"}:
        return UTC
    if match := _OFFSET.fullmatch(name):
        return _fixed_offset(name, *match.groups())
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ScheduleInvalid(
            f"{name!r} is no time zone; use an IANA name such as 'Europe/Berlin' or 'UTC'"
        ) from None


def zone_name(tz: tzinfo | None) -> str:
    """Return the name under which `zone` finds ``tz`` again; None is UTC.

    ZoneInfo, pendulum and pytz zones know their IANA name; everything else counts as a fixed
    offset, which has no daylight saving (SEMANTICS 1.5).
    """
    for attribute in ("key", "name", "zone"):
        name = getattr(tz, attribute, None)
        if isinstance(name, str) and name:
            return "UTC" if name in {"Z", "+00:00"} else name
    offset = tz.utcoffset(datetime(2000, 1, 1)) if tz is not None else None
    if not offset:
        return "UTC"
    minutes = round(abs(offset.total_seconds()) / 60)
    return f"{'-' if offset < timedelta(0) else '+'}{minutes // 60:02d}:{minutes % 60:02d}"


def zone_names() -> list[str]:
    """Return the IANA names that people choose from, sorted, with UTC last."""
    hidden = ("Etc/", "posix/", "right/", "SystemV/")
    regions = (name for name in available_timezones() if "/" in name)
    return [*sorted(name for name in regions if not name.startswith(hidden)), "UTC"]


def _fixed_offset(name: str, sign: str, hours: str, minutes: str | None) -> tzinfo:
    offset = timedelta(hours=int(hours), minutes=int(minutes or 0))
    if offset >= timedelta(hours=24):
        raise ScheduleInvalid(f"{name!r} is no time zone; offsets are less than 24 hours")
    return timezone(-offset if sign == "-" else offset)
