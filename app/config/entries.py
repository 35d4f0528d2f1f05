"""An account or a key on its way from settings to its checked form."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .problems import Problems, Spelling
from .secret_files import secret_in

NAME = re.compile(r"[A-Za-z0-9._-]{1,64}")


@dataclass(frozen=True, slots=True)
class Entry:
    """An account or a key as it was set, unchecked; `spelled` names a field by the setting that it came from."""

    name: str
    values: Mapping[str, Any]
    spelled: Spelling
    because: str = ""
    """what was set, so that there is this account at all"""

    def with_secret(self, field: str, problems: Problems) -> dict[str, Any]:
        """The values with the secret `field` in place, read from its file if it has one.

        A wrong one is noted and replaced, so that the other checks go on: the start has failed already.
        """
        values = dict(self.values)
        in_file = f"{field}_file"
        if not values.keys() & {field, in_file}:
            return values  # that it is missing is found with the other fields
        try:
            values[field] = secret_in(values, field, in_file)
        except ValueError as error:
            name = self.spelled(in_file if in_file in values else field)
            problems.add(name, str(error), f"/run/secrets/wechat-{field}" if in_file in values else "")
            values[field] = f"nothing usable in {name}"
        values.pop(in_file, None)
        return values
