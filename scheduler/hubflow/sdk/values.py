"""Checks and conversions of the arguments that authors pass to DAGs and operators."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any
from urllib.parse import urlsplit

from hubflow import timetable
from hubflow.errors import ScheduleInvalid
from hubflow.sdk import site_defaults
from hubflow.sdk.exceptions import InvalidDag
from hubflow.sdk.trigger_rule import TriggerRule, WeightRule

TAG_LENGTH = 100
WORD_LENGTH = 250
# Outside of these, arithmetic with dates and the database's columns ends.
YEARS = range(1900, 9000)
LONGEST = timedelta(days=36_500)
LARGEST = 2**31 - 1
RESOURCES = ("cpus", "ram", "disk", "gpus")


def instant(name: str, value: object) -> datetime | None:
    """Return a date as UTC; text is parsed, a naive value is in the default zone."""
    if value is None:
        return None
    parsed = _parsed(name, value)
    if parsed.replace(tzinfo=None) == datetime.min:
        # Airflow's own examples say so when any date will do.
        parsed = datetime(YEARS.start, 1, 1, tzinfo=UTC)
    if parsed.year not in YEARS:
        raise InvalidDag(f"{name} must lie between 1900 and 9000, not in the year {parsed.year}")
    return _plain(site_defaults.instant(parsed))


def zone(name: str, value: tzinfo | str) -> tzinfo:
    """Return a time zone that is given as one, or by its name; raises InvalidDag."""
    try:
        return timetable.zone(value) if isinstance(value, str) else value
    except ScheduleInvalid as exc:
        raise InvalidDag(f"{name}: {exc}") from exc


def zone_of_first(*dates: object) -> tzinfo:
    """Return the time zone of the first date that is given; the default if it has none."""
    for date_ in dates:
        if date_ is not None:
            return (
                date_.tzinfo if isinstance(date_, datetime) else None
            ) or site_defaults.timezone()
    return site_defaults.timezone()


def duration(name: str, value: object) -> timedelta:
    """Return a timedelta; a number means seconds."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        # Compared before it is converted: a timedelta cannot hold every number.
        value = timedelta(seconds=value) if abs(value) < 2e10 else timedelta.max
    if not isinstance(value, timedelta):
        raise InvalidDag(f"{name} must be a timedelta or a number of seconds, not {value!r}")
    if abs(value) > LONGEST:
        raise InvalidDag(f"{name} must be at most {LONGEST.days} days")
    return value


def optional_duration(name: str, value: object) -> timedelta | None:
    return None if value is None else duration(name, value)


def whole_number(name: str, value: Any, *, low: int) -> int:
    """Return an int that is at least ``low``; text such as "3" counts."""
    try:
        number = int(value)
    except (TypeError, ValueError):
        raise InvalidDag(f"{name} must be a whole number, not {value!r}") from None
    if number < low:
        raise InvalidDag(f"{name} must be at least {low}, not {number}")
    if number > LARGEST:
        raise InvalidDag(f"{name} must be at most {LARGEST}, not {number}")
    return number


def optional_whole_number(name: str, value: Any, *, low: int) -> int | None:
    return None if value is None else whole_number(name, value, low=low)


def member(name: str, value: object, rules: type[TriggerRule] | type[WeightRule]) -> str:
    """Return the rule's name; raises InvalidDag listing the known ones."""
    if not rules.is_valid(value):
        known = ", ".join(rule.value for rule in rules)
        raise InvalidDag(f"{name} must be one of {known}; {value!r} is none of them")
    return str(value)


def one_of(name: str, value: str, allowed: Sequence[str]) -> str:
    """Return ``value``; raises InvalidDag listing what is allowed."""
    if value not in allowed:
        raise InvalidDag(f"{name} must be one of {', '.join(allowed)}; {value!r} is none of them")
    return value


def callbacks(name: str, value: Any) -> Any:
    """Return a function or a list of them; raises InvalidDag for what cannot be called."""
    for one in value if isinstance(value, list | tuple) else [value]:
        if one is not None and not callable(one):
            raise InvalidDag(f"{name} must be a function or a list of them; {one!r} is none")
    return value


def undefined_class(name: str, value: Any) -> Any:
    """Return a subclass of `jinja2.Undefined`, or None; looks at names, to import no Jinja."""
    bases = value.__mro__ if isinstance(value, type) else ()
    if value is None or any(base.__name__ == "Undefined" for base in bases):
        return value
    raise InvalidDag(f"{name} must be a subclass of jinja2.Undefined, not {value!r}")


def word(name: str, value: Any, default: str) -> str:
    """Return a short text, ``default`` for None or none; raises InvalidDag for anything else."""
    found = optional_text(name, value) or default
    if len(found) > WORD_LENGTH:
        raise InvalidDag(f"{name} must have at most {WORD_LENGTH} characters, not {len(found)}")
    return found


def title(name: str, value: Any, default: str) -> str:
    """Return a name for people, on one line; ``default`` for None or blank."""
    return word(name, " ".join((optional_text(name, value) or "").split()), default)


def optional_text(name: str, value: Any) -> str | None:
    if not isinstance(value, str | None):
        raise InvalidDag(f"{name} must be text, not {value!r}")
    return value


def mapping(name: str, value: Any) -> dict[str, Any]:
    """Return a dict of its own, empty for None; raises InvalidDag for what is none."""
    if not isinstance(value, Mapping | None):
        raise InvalidDag(f"{name} must be a dict, not {value!r}")
    return dict(value or {})


def texts(value: str | Iterable[str] | None) -> list[str]:
    """Return one text or several as a list."""
    if value is None:
        return []
    return [value] if isinstance(value, str) else [str(item) for item in value]


def addresses(value: str | Iterable[str] | None) -> tuple[str, ...]:
    """Return mail addresses given as a list, or as text with commas or semicolons between."""
    given = value.replace(";", ",").split(",") if isinstance(value, str) else texts(value)
    return tuple(address.strip() for address in given if address.strip())


def tags(given: Iterable[str] | None) -> list[str]:
    """Return the tags sorted, each once."""
    found = sorted(set(texts(given)))
    for tag in found:
        if len(tag) > TAG_LENGTH:
            raise InvalidDag(f"the tag {tag[:20]!r}… is longer than {TAG_LENGTH} characters")
    return found


def resources(given: Any) -> dict[str, float] | None:
    """Return what a task says it needs; raises InvalidDag for anything but the four resources."""
    if given is None:
        return None
    found = mapping("resources", given)
    for name, amount in found.items():
        if name not in RESOURCES:
            raise InvalidDag(f"resources are {', '.join(RESOURCES)}; {name!r} is none of them")
        is_number = isinstance(amount, int | float) and not isinstance(amount, bool)
        if not is_number or not 0 <= amount <= LARGEST:
            raise InvalidDag(f"resources: {name} must be a number from 0 on, not {amount!r}")
    return found


def owner_links(given: Any) -> dict[str, str]:
    """Return where the names of owners lead; raises InvalidDag for what is no such address."""
    found = mapping("owner_links", given)
    for owner, link in found.items():
        if not _is_web_or_mail(link):
            raise InvalidDag(
                f"owner_links: the link of {owner!r} must be an address of the web or of mail, "
                f"such as https://example.com or mailto:ann@example.com, not {link!r}"
            )
    return {str(owner): link for owner, link in found.items()}


def _is_web_or_mail(link: object) -> bool:
    try:
        parts = urlsplit(link) if isinstance(link, str) else urlsplit("")
    except ValueError:
        return False
    if parts.scheme == "mailto":
        return bool(parts.path)
    return parts.scheme in ("http", "https") and bool(parts.netloc)


def _plain(at: datetime) -> datetime:
    """Return a date as datetime itself: pendulum's are a subclass that cannot be stored."""
    if type(at) is datetime:
        return at
    return datetime.combine(at.date(), at.time(), tzinfo=UTC)


def _parsed(name: str, value: object) -> datetime:
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)
    if isinstance(value, str):
        try:
            return datetime.fromisoformat(value.replace("/", "-"))
        except ValueError:
            raise InvalidDag(
                f"{name} {value!r} is no date; write it like 2026-01-31 or 2026-01-31T06:00:00"
            ) from None
    raise InvalidDag(f"{name} must be a datetime, not {value!r}")
