"""Schedules in plain words: "Every weekday at 06:00", "Every 5 minutes"."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from cronsim import CronSim

from hubflow.timetable.cron import Cron

DAY_NAMES = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_EVERY = re.compile(r"\*(?:/(\d+))?")


def cron_reading(cron: Cron) -> str:
    """Read an expression aloud; unusual ones are left to cronsim's own words."""
    parts = cron.sim.split()
    seconds = parts.pop(0) if len(parts) == 6 else "0"
    minute, hour, day, month, weekday = parts
    reading = None
    if seconds == "0" and (day, month, weekday) == ("*", "*", "*"):
        reading = _repeating(minute, hour)
    if reading is None and (clock := _clock(seconds, minute, hour)):
        reading = _on_days(clock, day, month, weekday)
    return reading or _in_other_words(cron.sim)


def delta_reading(delta: timedelta, months: int = 0) -> str:
    """`timedelta(hours=6)` reads "Every 6 hours"; ``months`` come before the rest."""
    if months:
        whole, unit = (months // 12, "year") if months % 12 == 0 else (months, "month")
        words = f"Every {unit}" if whole == 1 else f"Every {whole} {unit}s"
        return f"{words} and {delta}" if delta else words
    for unit, length in (("week", 604800), ("day", 86400), ("hour", 3600), ("minute", 60)):
        count, rest = divmod(delta.total_seconds(), length)
        if count and not rest:
            return f"Every {unit}" if count == 1 else f"Every {count:g} {unit}s"
    return f"Every {delta.total_seconds():g} seconds"


def _repeating(minute: str, hour: str) -> str | None:
    """Schedules that repeat all day long: `*/5 * * * *`, `15 * * * *`, `0 */6 * * *`."""
    if hour == "*" and (match := _EVERY.fullmatch(minute)):
        step = int(match[1] or 1)
        if step == 1:
            return "Every minute"
        return f"Every {step} minutes" if 60 % step == 0 else None
    if hour == "*" and minute.isdecimal():
        return "Every hour" if minute == "0" else f"Every hour at {_count(int(minute))} past"
    if minute.isdecimal() and (match := _EVERY.fullmatch(hour)) and 24 % int(match[1] or 1) == 0:
        past = "" if minute == "0" else f" at {_count(int(minute))} past"
        return f"Every {match[1]} hours{past}"
    return None


def _clock(seconds: str, minute: str, hour: str) -> str | None:
    """Return the times of day as text, if they are a short list."""
    hours = hour.split(",")
    if not (seconds.isdecimal() and minute.isdecimal() and all(h.isdecimal() for h in hours)):
        return None
    tail = f":{int(seconds):02d}" if seconds != "0" else ""
    return _join([f"{int(h):02d}:{int(minute):02d}{tail}" for h in hours])


def _on_days(clock: str, day: str, month: str, weekday: str) -> str | None:
    if month != "*":
        return None
    if (day, weekday) == ("*", "*"):
        return f"Every day at {clock}"
    if day == "*" and weekday in {"1-5", "1,2,3,4,5"}:
        return f"Every weekday at {clock}"
    if day == "*" and weekday in {"0,6", "6,0", "6-7", "6,7"}:
        return f"Every Saturday and Sunday at {clock}"
    if day == "*" and all(d.isdecimal() for d in weekday.split(",")):
        return f"Every {_join([DAY_NAMES[int(d)] for d in weekday.split(',')])} at {clock}"
    if day == "L" and weekday == "*":
        return f"On the last day of every month at {clock}"
    if day.isdecimal() and weekday == "*":
        return f"On day {int(day)} of every month at {clock}"
    return None


def _in_other_words(sim: str) -> str:
    words = str(CronSim(sim, datetime(2000, 1, 1)).explain())
    return words.replace(" on Monday through ", ", Monday to ").replace(" through ", " to ")


def _count(minutes: int) -> str:
    return "1 minute" if minutes == 1 else f"{minutes} minutes"


def _join(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
