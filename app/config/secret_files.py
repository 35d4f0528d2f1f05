"""Secrets and keys, given as they are or in a file of their own."""

import re
from collections.abc import Mapping

from .files import text_of

# A secret that was copied from an example opens nothing, and one that was published opens everything.
_PLACEHOLDER = re.compile(
    r"<.*>|\$?\{.*\}|\$\w+|your[-_ ].*|.*change[-_ ]?me.*|.*replace[-_ ]?(me|with|this).*|[x*.0_-]+"
    r"|(app[-_]?)?secret|password|placeholder|example|todo|none|null",
    re.IGNORECASE | re.DOTALL,
)


def secret_in(values: Mapping[str, object], field: str, in_file: str) -> str:
    """The secret, from `values[in_file]`'s file or from `values[field]`. Raises ValueError, also if both are there."""
    if in_file not in values:
        return _checked(values[field])
    if field in values:
        raise ValueError(f"{field} is given too; keep one of them")
    return secret_in_file(values[in_file])


def secret_in_file(path: object) -> str:
    """The secret that a file holds now. Raises ValueError, without path or content."""
    return _checked(secret_text(path))


def secret_text(path: object) -> str:
    """What a file holds, without its line end. Raises ValueError."""
    if not isinstance(path, str):
        raise ValueError("must be the path of a file")  # noqa: TRY004 - a problem like the others
    return text_of(path).rstrip("\r\n")


def _checked(secret: object) -> str:
    if not isinstance(secret, str):
        raise ValueError("must be a string")  # noqa: TRY004 - a problem like the others
    if not secret:
        raise ValueError("is empty")
    if _PLACEHOLDER.fullmatch(secret):
        raise ValueError("is a placeholder: put the real one there")
    if not re.fullmatch(r"[!-~]+", secret):
        raise ValueError("has a space, a line end or a letter outside ASCII, as no secret or key has")
    return secret
