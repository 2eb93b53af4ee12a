"""Write the TypeScript face of `hubflow.services.dto` to standard output.

Run with `npm run types` from the folder `labextension`; `tests/contracts` checks for drift.
Times are strings on the wire. What the server sends is always complete; in what the page sends,
fields with a default may be left out.
"""

from __future__ import annotations

import inspect
import re
import types
from datetime import datetime
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec

from hubflow.services import dto

HEADER = "// Written by scripts/dto_types.py from hubflow.services.dto; run `npm run types`.\n"
SCALARS: dict[Any, str] = {
    str: "string",
    int: "number",
    float: "number",
    bool: "boolean",
    datetime: "string",
    type(None): "null",
    Any: "unknown",
}
# And all bodies, which refuse what they do not know.
SENT_BY_THE_PAGE = {"FollowLog", "UnfollowLog"}


def main() -> None:
    structs = [
        value
        for value in vars(dto).values()
        if isinstance(value, type)
        and issubclass(value, dto.Dto)
        and value is not dto.Dto
    ]
    structs.sort(key=lambda struct: struct.__name__)
    print(HEADER + "\n".join(interface(struct) for struct in structs), end="")


def interface(struct: type[msgspec.Struct]) -> str:
    """Return one exported interface."""
    hints = get_type_hints(struct)
    lines = [f"export interface {name(struct)} {{"]
    tag = struct.__struct_config__.tag
    if tag is not None:
        lines.append(f"  {struct.__struct_config__.tag_field}: '{tag}';")
    for field in msgspec.structs.fields(struct):
        is_sent = struct.__struct_config__.forbid_unknown_fields or (
            struct.__name__ in SENT_BY_THE_PAGE
        )
        may_miss = is_sent and not field.required
        mark = "?" if may_miss else ""
        lines.append(f"  {field.encode_name}{mark}: {spell(hints[field.name])};")
    return comment(struct) + "\n".join(lines) + "\n}\n"


def name(struct: type[msgspec.Struct]) -> str:
    return "I" + re.sub("Dto$", "", struct.__name__)


def comment(struct: type[msgspec.Struct]) -> str:
    """Return the docstring as a JSDoc comment; empty without one of its own."""
    text = struct.__dict__.get("__doc__")
    if not text:
        return ""
    lines = inspect.cleandoc(text).splitlines()
    return "/**\n" + "".join(f" * {line}".rstrip() + "\n" for line in lines) + " */\n"


def spell(hint: Any) -> str:
    """Return a Python type in TypeScript; raises TypeError for one not met yet."""
    if hint in SCALARS:
        return SCALARS[hint]
    origin, args = get_origin(hint), get_args(hint)
    if origin is Literal:
        return " | ".join(f"'{arg}'" for arg in args)
    if origin in (Union, types.UnionType):
        # A field that may be UNSET may be left out, which its question mark says.
        return " | ".join(spell(arg) for arg in args if arg is not msgspec.UnsetType)
    if origin in (list, tuple):
        inner = spell(args[0])
        return f"({inner})[]" if " " in inner else f"{inner}[]"
    if origin is dict:
        return f"Record<string, {spell(args[1])}>"
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        return name(hint)
    raise TypeError(f"no TypeScript spelling for {hint!r}")


if __name__ == "__main__":
    main()
