"""The errors of this server.

CentralServerError
├── SettingsError                 a setting is wrong: the server does not start
├── UnknownAccount                no account has that name or appid
├── AccountKindWrong              the account is of another kind than the call needs
├── PageUrlWrong                  not a page URL that WeChat could have seen
├── PageNotAllowed                a page URL outside the account's JS domains
├── LoginNotAllowed               a page that is on none of the account's login origins
├── LoginFailed                   a login that came back and cannot be finished; the user has to start again
├── TicketRefused                 a login ticket that is unknown, used, too old or another site's
├── ImageUnreadable               not a whole image of a supported format
├── ImageTooLarge                 an image that would cost too much to decode
├── ImagesBusy                    other images are being decoded; try again
├── NotConfigured                 a setting that this endpoint needs is missing
├── PushRefused                   a push without WeChat's signature, or not of this moment
├── PushUnreadable                a signed push that cannot be read
├── PushNotForwarded              the account's own server did not take a push; WeChat has to try again
├── UnknownJob                    no media check of the last day has that trace_id
├── UnknownMedia                  the link is wrong or has expired
├── MediaUrlWrong                 WeChat cannot or must not download from that URL
├── TextTooLong                   more characters than are checked at once
├── ChecksBusy                    all places for checks are taken; try again
├── NoTokenHere                   the access_token is a pass of another central server's gateway
├── StoreUnavailable              the credential store does not answer
├── CredentialUnavailable         no valid credential at the moment; try again
└── WeChatError                   WeChat did not do what we asked
    ├── WeChatUnavailable         no usable answer: unreachable, too slow, HTTP error, not JSON
    └── WeChatRefused             an answer with an errcode that none of these names
        ├── WeChatBusy            try again (-1)
        ├── AccessTokenRefused    this access_token is not valid (any more)
        ├── MinuteLimitReached    too many calls this minute
        ├── DayLimitReached       too many calls today
        ├── RiskyContent          a moderation verdict in the shape of an error
        ├── OpenidRefused         a check for a user that WeChat has not seen here lately
        ├── CodeRefused           a login or phone number code that is wrong, used or too old
        ├── SessionKeyRefused     the user's session_key is not valid (any more)
        └── ConfigurationRefused  a person has to change something
            ├── SecretRefused     AppID or AppSecret
            ├── AddressRefused    the address that our calls come from
            └── AccountRefused    the account may not do this

Facts are attributes; no code decides by an error's text.
Those of logins are in `login/errors.py`. No text, attribute or chain holds a secret, a token or a ticket.
"""

from collections.abc import Sequence
from typing import Literal

LoginFailure = Literal["unknown", "expired", "cookie", "code", "used", "wechat", "busy"]
"""`unknown`: no such attempt; `cookie`: another browser's; `used`: its code was exchanged a while ago"""


class CentralServerError(Exception):
    """Root of all errors of this server.

    `retry_after`: in how many seconds the same call may succeed, if known. `failed_at`: the Unix
    time of the failure that a cooldown repeats without asking WeChat; None for a new failure.
    """

    retry_after: float | None = None
    failed_at: float | None = None


class SettingsError(CentralServerError):
    """Settings are wrong; `problems` has a line for each. gunicorn and systemd do not retry after `exit_status`."""

    exit_status = 4

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


class UnknownAccount(CentralServerError):
    """No account has this name or appid."""

    def __init__(self, name: str, detail: str | None = None) -> None:
        super().__init__(detail or f"There is no account with the name or appid {name!r}.")
        self.name = name


class AccountKindWrong(CentralServerError):
    """The account is of another kind than the call needs; the text says which."""


class PageUrlWrong(CentralServerError):
    """The URL cannot be the address of a page; the text says why and what to send."""


class PageNotAllowed(CentralServerError):
    """The page's address is on no JS domain (JS接口安全域名) of the account. `host` has its port, if not 80 or 443."""

    def __init__(self, host: str, detail: str | None = None) -> None:
        super().__init__(detail or f"{host!r} is not among the JS domains of the account.")
        self.host = host


class LoginNotAllowed(CentralServerError):
    """The page that a login shall lead to is on none of the account's login origins."""

    def __init__(self, origin: str) -> None:
        super().__init__(f"{origin!r:.300} is not among the login origins (WECHAT_LOGIN_ORIGINS).")


class LoginFailed(CentralServerError):
    """A login that came back from WeChat and cannot be finished.

    `start_again` is the query of `/api/oauth/start` that begins the same login anew; empty if that is unknown.
    """

    def __init__(self, reason: LoginFailure, start_again: str = "") -> None:
        super().__init__(f"The login cannot be finished: {reason}.")
        self.reason = reason
        self.start_again = start_again


class TicketRefused(CentralServerError):
    """The login ticket is unknown, used, too old, or not for this verifier: one text for all of them."""

    def __init__(self) -> None:
        super().__init__("The ticket is unknown, used or older than a minute, or the verifier is not its challenge's.")


class ImageUnreadable(CentralServerError):
    """The bytes are not a whole image of a supported format; the text says why and what to send."""


class ImageTooLarge(CentralServerError):
    """The image has more pixels or frames than are decoded; the text says how many it has and may have."""


class ImagesBusy(CentralServerError):
    """Images are decoded one at a time, and the wait would be too long."""

    retry_after = 2.0

    def __init__(self) -> None:
        super().__init__("Other images are being decoded, one at a time. Try again in a moment.")


class NotConfigured(CentralServerError):
    """The endpoint needs a setting that is missing; the text says which."""


class PushRefused(CentralServerError):
    """A message push that is not WeChat's, not for this account, or replayed. `reason` is for the log only."""

    def __init__(self, reason: str) -> None:
        super().__init__("The push is not signed or encrypted as this account's are, or its time is wrong.")
        self.reason = reason


class PushUnreadable(CentralServerError):
    """A message push that cannot be read; the text says why."""


class PushNotForwarded(CentralServerError):
    """The account's own server did not take a message push, or not in time; the text says why."""


class UnknownJob(CentralServerError):
    """There is no media check with this trace_id."""

    def __init__(self, trace_id: str) -> None:
        super().__init__(f"There is no media check {trace_id!r:.80} of the last day.")


class UnknownMedia(CentralServerError):
    """The link is wrong or has expired."""

    def __init__(self) -> None:
        super().__init__("The link is not one of this server's, or it has expired.")


class MediaUrlWrong(CentralServerError):
    """WeChat cannot or must not download from this URL; the text says why."""


class TextTooLong(CentralServerError):
    """The text has more characters than are checked at once; the text of this error says how many may be."""


class ChecksBusy(CentralServerError):
    """All places for checks are taken: more checks would take the threads of the other endpoints."""

    retry_after = 2.0

    def __init__(self) -> None:
        super().__init__("All places for checks are taken. Try again in a moment.")


class NoTokenHere(CentralServerError):
    """WECHAT_API_BASE is another central server's gateway: what it issues is a pass, which WeChat does not know."""

    def __init__(self) -> None:
        super().__init__("WeChat is called through another central server, whose access_token is good there alone.")


class StoreUnavailable(CentralServerError):
    """The credential store does not answer, and no live copy is in memory."""

    retry_after = 1.0


class CredentialUnavailable(CentralServerError):
    """There is no valid credential, and the wait for the thread or process that fetches it has timed out."""

    def __init__(self, detail: str, retry_after: float) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class WeChatError(CentralServerError):
    """WeChat did not do what we asked."""


class WeChatUnavailable(WeChatError):
    """No usable answer from WeChat: unreachable, too slow, an HTTP error, or not JSON."""

    def __init__(self, detail: str, retry_after: float | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.retry_after = retry_after


class WeChatRefused(WeChatError):
    """WeChat's `endpoint` answered with an errcode. `rid` is WeChat's id of the request, for its support."""

    def __init__(
        self, errcode: int, errmsg: str, rid: str | None = None, *, endpoint: str = "", retry_after: float | None = None
    ) -> None:
        super().__init__(f"WeChat answered errcode {errcode}: {errmsg}")
        self.errcode = errcode
        self.errmsg = errmsg
        self.rid = rid
        self.endpoint = endpoint
        self.retry_after = retry_after


class WeChatBusy(WeChatRefused):
    """WeChat is busy (系统繁忙); the same call may succeed at once."""


class AccessTokenRefused(WeChatRefused):
    """WeChat does not accept the access_token that the call carried."""


class MinuteLimitReached(WeChatRefused):
    """This endpoint's limit for one minute is reached."""


class DayLimitReached(WeChatRefused):
    """This endpoint's quota for the day is used up, or WeChat says so."""


class RiskyContent(WeChatRefused):
    """The content breaks WeChat's rules: a verdict, not a failure."""


class OpenidRefused(WeChatRefused):
    """The openid is not a user of this mini program, or the user was not there in the last two hours."""


class CodeRefused(WeChatRefused):
    """The code of a login or a phone number is wrong, used, too old, or another account's."""


class SessionKeyRefused(WeChatRefused):
    """The user's session_key is not valid (any more), or the user is not logged in."""


class ConfigurationRefused(WeChatRefused):
    """Retrying does not help: a person has to change something at WeChat or here."""


class SecretRefused(ConfigurationRefused):
    """WeChat does not know this AppID with this AppSecret."""


class AddressRefused(ConfigurationRefused):
    """WeChat does not take calls from our egress address: IP list (IP白名单) or administrator."""


class AccountRefused(ConfigurationRefused):
    """The account is frozen, punished, or of a kind that may not call this."""
