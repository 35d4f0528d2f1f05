"""The errors of this server.

CentralServerError
├── SettingsError                 a setting is wrong: the server does not start
├── UnknownAccount                no account has that name or appid
├── AccountKindWrong              the account is of another kind than the call needs
├── PageUrlWrong                  not a page URL that WeChat could have seen
├── PageNotAllowed                a page URL outside the account's JS domains
├── LoginNotAllowed               a page outside the account's login origins
├── NotConfigured                 a setting that this endpoint needs is missing
├── ChecksBusy                    all places for checks are taken; try again
├── DoctorBusy                    everything was checked a moment ago; try again
├── NoTokenHere                   the access_token is a pass of another central server's gateway
├── StoreUnavailable              the credential store does not answer
├── CredentialUnavailable         no valid credential at the moment; try again
└── WeChatError                   WeChat did not do what we asked
    ├── WeChatUnavailable         no usable answer: unreachable, too slow, HTTP error, not JSON
    └── WeChatRefused             an answer with an errcode that has no class below
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

Errors of login, moderation and push alone are in the `errors.py` of each.
Facts are attributes; no code decides by an error's text. No text, attribute or chain holds a secret, token or ticket.
"""

from collections.abc import Sequence


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
    """The page that a login is to lead to is on none of the account's login origins."""

    def __init__(self, origin: str) -> None:
        super().__init__(f"{origin!r:.300} is not among the login origins (WECHAT_LOGIN_ORIGINS).")


class NotConfigured(CentralServerError):
    """The endpoint needs a setting that is missing; the text says which."""


class ChecksBusy(CentralServerError):
    """All places for checks are taken: more checks would take the threads of the other endpoints."""

    retry_after = 2.0

    def __init__(self) -> None:
        super().__init__("All places for checks are taken. Try again in a moment.")


class DoctorBusy(CentralServerError):
    """An examination began less than ten seconds ago."""

    retry_after = 10.0

    def __init__(self) -> None:
        super().__init__("Everything was checked less than 10 s ago, or is being checked. Try again in a moment.")


class NoTokenHere(CentralServerError):
    """WECHAT_API_BASE is another central server's gateway, which issues passes; WeChat does not know them."""

    def __init__(self) -> None:
        super().__init__("WeChat is called through another central server, whose access_token is valid only there.")


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
