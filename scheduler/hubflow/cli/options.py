"""Options of a command line, checked before they are set: one sentence for what cannot be."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from typing import Any, NoReturn

from traitlets import Bool, Enum, Float, HasTraits, Int, TraitError, TraitType, Unicode
from traitlets.config import Application, Config, Configurable
from traitlets.config.loader import DeferredConfig, KVArgParseConfigLoader, _KVArgParser

from hubflow.errors import BadRequest


class Misused(BadRequest):
    """The words after a command are not those that it takes: exit status 2."""

    code = "misused"


class Text(Unicode[Any, Any]):
    """A text as it was typed: a password may begin and end with quotes, or with `~`."""

    def from_string(self, s: str) -> str:
        return s


class _Parser(_KVArgParser):
    """Says in one line what is wrong with an option, by the name under which people know it."""

    names: Mapping[str, str] = {}

    def error(self, message: str) -> NoReturn:
        named = re.fullmatch(r"argument (\S+): (.+)", message)
        if named is None:
            self.exit(2, f"{self.prog}: {message}\n")
        option, text = named[1].rpartition("/")[2], named[2]
        if "." not in option and not any(option in one.option_strings for one in self._actions):
            self.refuse(option)
        self.exit(2, f"{self.prog}: {self.names.get(option, option)}: {text}\n")

    def refuse(self, option: str) -> NoReturn:
        """End the command for an option that it has not."""
        said = f"there is no option {option}; `{self.prog} --help` shows all"
        self.exit(2, f"{self.prog}: {said}\n")


class StrictLoader(KVArgParseConfigLoader):
    """Reads a command line; an option that does not exist ends the command instead of nothing."""

    parser_class = _Parser

    def _create_parser(self) -> None:
        super()._create_parser()
        self._strict.names = {f"--{target}": f"--{name}" for name, target in self.aliases.items()}

    @property
    def _strict(self) -> _Parser:
        assert isinstance(self.parser, _Parser)
        return self.parser

    def _parse_args(self, args: Any) -> None:
        """Take flags of two letters after one dash, as Airflow writes them, not for two flags."""
        end = args.index("--") if "--" in args else len(args)
        flags = {f"-{name}" for name in self.flags if len(name) == 2}
        super()._parse_args([f"-{a}" if a in flags else a for a in args[:end]] + args[end:])

    def _handle_unrecognized_alias(self, arg: str) -> None:
        self._strict.refuse(f"-{arg}" if len(arg) == 1 else f"--{arg}")


def check(app: Application, given: Config) -> None:
    """Raise Misused for a setting that does not exist, or a value that it cannot have."""
    known = {kind.__name__: kind for kind in _kinds(app)}
    for section, values in given.items():
        if section not in known:
            raise Misused(f"there is no section {section!r} of settings{_near(section, known)}")
        traits = known[section].class_traits(config=True)
        for name, value in values.items():
            if name not in traits:
                raise Misused(f"{section} has no setting {name!r}{_near(name, traits)}")
            if not _fits(traits[name], value):
                option = _option(app, f"{section}.{name}")
                raise Misused(f"{option} must be {_wanted(traits[name])}, not {_text(value)!r}")


def _kinds(app: Application) -> Iterator[type[Configurable]]:
    for kind in (*type(app).mro(), *app.classes):
        if isinstance(kind, type) and issubclass(kind, Configurable):
            yield kind


def _near(name: str, names: Any) -> str:
    found = difflib.get_close_matches(name, list(names), 1)
    return f"; did you mean {found[0]}?" if found else "; `hubflow config list` names all"


def _fits(trait: TraitType[Any, Any], value: Any) -> bool:
    try:
        plain = value.get_value(trait) if isinstance(value, DeferredConfig) else value
        if not (trait.allow_none and plain is None) and hasattr(trait, "validate"):
            trait.validate(HasTraits(), plain)
    except (TraitError, ValueError):
        return False
    return True


def _option(app: Application, target: str) -> str:
    """Return the name under which people know a setting; a class may stand for its parent."""
    _, _, trait = target.partition(".")
    names = [str(name) for name, meant in app.aliases.items() if meant.endswith(f".{trait}")]
    return f"--{max(names, key=len)}" if names and hasattr(app, trait) else f"--{target}"


def _wanted(trait: TraitType[Any, Any]) -> str:
    if isinstance(trait, Enum):
        *others, last = map(str, trait.values or ())
        return f"{', '.join(others)} or {last}" if others else last
    if isinstance(trait, Bool):
        return "true or false"
    if isinstance(trait, Int | Float):
        least = f" from {trait.min}" if trait.min is not None else ""
        most = f" up to {trait.max}" if trait.max is not None else ""
        return ("a whole number" if isinstance(trait, Int) else "a number") + least + most
    return trait.info()


def _text(value: Any) -> str:
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)
