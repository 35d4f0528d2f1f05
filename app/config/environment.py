"""How the environment spells settings, and a table's values from the environment that was handed over."""

from collections.abc import Mapping
from typing import Any

from pydantic_settings import BaseSettings, EnvSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict

PREFIX = "WECHAT_"


class Table(BaseSettings):
    """A table of settings. Unlike other BaseSettings, it reads no environment by itself: see `values_in`."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        enable_decoding=False,  # lists are comma-separated, not JSON
        frozen=True,
        extra="forbid",
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - pydantic-settings' signature, and the next three
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The arguments alone; called by pydantic-settings."""
        return (init_settings,)


class _Source(EnvSettingsSource):
    def __init__(self, table: type[Table], given: Mapping[str, str]) -> None:
        self._given = given
        super().__init__(table)

    def _load_env_vars(self) -> Mapping[str, str | None]:
        return {name.lower(): value for name, value in self._given.items()}


def values_in(given: Mapping[str, str], table: type[Table]) -> dict[str, Any]:
    """What the environment `given` says of a table: text by field name, unchecked."""
    return _Source(table, given)()


def environment_name(field: str) -> str:
    """The environment's name of a table's field."""
    return PREFIX + field.upper()
