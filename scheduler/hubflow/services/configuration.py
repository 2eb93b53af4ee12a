"""The settings as the API shows them: only where `Service.expose_config` says so, no secrets."""

from __future__ import annotations

from hubflow.errors import ConfigHidden, NotFound
from hubflow.services.access import Actor, Permission, require
from hubflow.services.dto.stable import ConfigDto, ConfigOptionDto, ConfigSectionDto
from hubflow.services.unit import Backend


def get(
    backend: Backend, actor: Actor, section: str | None = None, option: str | None = None
) -> ConfigDto:
    """Return all settings, those of a section, or one. Raises ConfigHidden, NotFound."""
    require(actor, Permission.CONFIG_READ)
    if not backend.settings.expose_config:
        raise ConfigHidden()
    found = [
        ConfigSectionDto(name=name, options=shown)
        for name, options in backend.configuration.items()
        if section in (None, name)
        and (
            shown := [
                ConfigOptionDto(key=key, value=value)
                for key, value in options.items()
                if option in (None, key)
            ]
        )
    ]
    if not found and section is not None:
        raise NotFound(f"there is no setting {section}{f'.{option}' if option else ''}")
    return ConfigDto(sections=found)
