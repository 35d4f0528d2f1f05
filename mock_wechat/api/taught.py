"""Paths that are not built in: a taught answer, or 40066, after the checks that every path makes."""

from ..errors import WeChatError
from ..quirks import encoded
from ..state.answers import KINDS, Answer
from ..wire import Response
from .exchange import Exchange


def taught_answer(exchange: Exchange, taught: Answer | None) -> dict[str, object] | Response:
    """The taught answer. Raises WeChatError: 40066 without one, others for the token and the quota.

    /sns paths take a user's token (assumed for unknown ones), all others the account's.
    """
    if taught is None or taught.needs_token:
        kinds = taught.kinds if taught else KINDS
        if exchange.request.path.startswith("/sns/"):
            _, account = exchange.caller_by_user_token()
            if account.kind not in kinds:
                raise WeChatError(48001)
        else:
            account = exchange.counted_caller(*kinds)
    if taught is None:
        raise WeChatError(40066)
    content = taught.content(exchange.request)
    if isinstance(content, dict) and taught.content_type is None:
        return content
    body = content if isinstance(content, bytes) else encoded(content, exchange.quirks)
    return Response(body, taught.content_type or "application/octet-stream")
