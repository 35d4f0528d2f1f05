"""The files that settings name: their text, and the TOML file's tables."""

import tomllib
from pathlib import Path
from typing import Any

from pydantic import BaseModel, Field

from .problems import Problems, examples_of

Tables = dict[str, dict[str, Any]]


class TomlFile(BaseModel, extra="forbid"):
    """The TOML file: `[accounts.NAME]` and `[keys.NAME]`, their content unchecked."""

    accounts: Tables = Field(default_factory=dict, examples=["[accounts.shop]"])
    keys: Tables = Field(default_factory=dict, examples=["[keys.backend]"])


def toml_file(path: str | None, problems: Problems) -> TomlFile | None:
    """What the TOML file says, empty without one; None if it cannot be read: then nobody knows what is missing."""
    if path is None:
        return TomlFile()
    try:
        content = tomllib.loads(text_of(path))
    except ValueError as error:
        what = f"no TOML: {error}" if isinstance(error, tomllib.TOMLDecodeError) else str(error)
        problems.add("WECHAT_CONFIG", what, "instance/wechat.toml")
        return None
    return problems.checked(TomlFile, content, lambda field: f"WECHAT_CONFIG, [{field}]", examples_of(TomlFile))


def text_of(path: str) -> str:
    """A file's text. Raises ValueError; neither path (it might be a misplaced secret) nor content is in it."""
    try:
        return Path(path).read_text("utf-8-sig")
    except OSError as error:
        trouble = f"the file cannot be read ({error.strerror})"
    except UnicodeDecodeError:
        trouble = "the file is not UTF-8"
    except ValueError:
        trouble = "no file can have this name"
    raise ValueError(trouble)  # outside of every `except`: the chain would hold path or content
