"""The keys that seal stored credentials, as they are or in a file."""

import re

from .problems import Problems
from .secret_files import secret_in
from .settings import AccountSettings

_FERNET_KEY = re.compile(r"[A-Za-z0-9_-]{43}=")
_HOW_TO_MAKE_ONE = 'make one: python3 -c "import base64, os; print(base64.urlsafe_b64encode(os.urandom(32)).decode())"'


def read_store_keys(settings: AccountSettings, problems: Problems) -> tuple[str, ...]:
    """The keys, none if there are none; a wrong one is noted."""
    values = settings.model_dump(include={"store_key", "store_key_file"}, exclude_none=True)
    if not values:
        return ()
    name = "WECHAT_STORE_KEY_FILE" if "store_key_file" in values else "WECHAT_STORE_KEY"
    try:
        text = secret_in(values, "store_key", "store_key_file")
    except ValueError as error:
        problems.add(name, str(error))
        return ()
    keys = tuple(key.strip() for key in text.split(",") if key.strip())
    if not keys or not all(_FERNET_KEY.fullmatch(key) for key in keys):
        problems.add(
            name, f"must be Fernet keys (32 random bytes in URL-safe base64), comma-separated; {_HOW_TO_MAKE_ONE}"
        )
        return ()
    return keys
