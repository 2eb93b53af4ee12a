"""Every setting of hubflow's own configuration and of the Hub's."""

from __future__ import annotations

from traitlets import TraitType
from traitlets.config import Configurable

from hubflow.config import CLASSES
from hubflow_hub.config import HubflowHub
from reference_tables.markdown import code, line, table


def own() -> str:
    """Describe the settings of `hubflow_config.py`, by class."""
    return "\n\n".join(section(found) for found in CLASSES)


def of_hub() -> str:
    """Describe the settings of `jupyterhub_config.py`."""
    return section(HubflowHub)


def section(found: type[Configurable]) -> str:
    """Describe one class of settings."""
    traits = [
        t for t in vars(found).values() if isinstance(t, TraitType) and t.metadata.get("config")
    ]
    rows = [
        (code(f"{found.__name__}.{trait.name}"), kind(trait), default(found, trait), told(trait))
        for trait in traits
    ]
    listed = table(["setting", "type", "default", ""], rows)
    return f"### {found.__name__}\n\n{line(found)}\n\n{listed}"


def told(trait: TraitType[object, object]) -> str:
    """Return the help of a setting; Markdown takes `<` for the begin of a tag."""
    return (trait.help or "").replace("<", "&lt;")


def kind(trait: TraitType[object, object]) -> str:
    """Say what the value of a setting is, and between what bounds."""
    name = {"Unicode": "text", "Bool": "true or false", "Int": "whole number", "Float": "number"}
    bounds = [
        f"{word} {limit:g}"
        for word, limit in (
            ("from", getattr(trait, "min", None)),
            ("to", getattr(trait, "max", None)),
        )
        if limit is not None and abs(limit) != float("inf")
    ]
    values = [str(value) for value in getattr(trait, "values", None) or ()]
    return " ".join([name.get(type(trait).__name__, "one of"), *bounds, ", ".join(values)]).strip()


def default(found: type[Configurable], trait: TraitType[object, object]) -> str:
    """Write the default of a setting; one that depends on the machine is told by its help."""
    if f"_default_{trait.name}" in vars(found) or trait.name in found._trait_default_generators:
        return "see text"
    value = trait.default()
    return "empty" if value == "" else code(str(value))
