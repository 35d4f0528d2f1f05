"""What keeps an exchange from going well, in the words of whoever noticed it first."""

import ssl
from collections.abc import Iterator

from requests import Timeout
from urllib3.exceptions import NewConnectionError

from .connections import StaleConnection


def obstacle(error: BaseException) -> str:
    """Why there was no answer: the innermost reason of what `requests` raised, without any URL."""
    *_, cause = _causes(error)
    if isinstance(cause, ssl.SSLCertVerificationError):
        return f"its certificate is not accepted: {cause.verify_message}"
    if isinstance(cause, ssl.SSLError):
        return f"TLS fails: {cause.reason or type(cause).__name__}"
    if isinstance(cause, TimeoutError):
        return "no answer in time"
    if isinstance(cause, OSError):
        return (cause.strerror or str(cause) or type(cause).__name__).lower()
    return type(cause).__name__


def never_connected(error: BaseException) -> bool:
    """Whether there was no connection: WeChat has not seen the call."""
    return any(isinstance(cause, NewConnectionError) for cause in _causes(error))


def was_stale(error: BaseException) -> bool:
    """Whether the call went out on a kept connection at whose other end nobody was any more."""
    return any(isinstance(cause, StaleConnection) for cause in _causes(error))


def is_late(error: BaseException) -> bool:
    """Whether the answer, or the rest of it, did not come in time."""
    return any(isinstance(cause, TimeoutError | Timeout) for cause in _causes(error))


def _causes(error: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = error
    while cause:
        yield cause
        cause = cause.__cause__ or cause.__context__
