"""How the environment spells settings, and a table's values from the environment that was handed over."""

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict

PREFIX = "WECHAT_"


class Table(BaseModel):
    """A table of settings: typed, checked, and not to be changed."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def values_in(given: Mapping[str, str], table: type[Table]) -> dict[str, str]:
    """What the environment `given` says of a table: text by field name, unchecked."""
    return {field: given[environment_name(field)] for field in table.model_fields if environment_name(field) in given}


def environment_name(field: str) -> str:
    """The environment's name of a table's field."""
    return PREFIX + field.upper()
