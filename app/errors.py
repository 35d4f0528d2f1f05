"""Everything that can go wrong.

CentralServerError
├── SettingsError                 a setting is wrong: the server does not start
├── UnknownAccount                nobody configured an account of that name
├── PageUrlWrong                  that is no page URL that WeChat could have seen
├── PageNotAllowed                a page URL outside the account's JS domains
├── ImageUnreadable               no whole picture of a format that we read
├── ImageTooLarge                 decoding the picture would take too much
├── ImagesBusy                    other pictures are being decoded; try again
├── NotConfigured                    a setting that this door needs is missing
├── PushRefused                   a push that WeChat did not sign, or not just now
├── PushUnreadable                a push that is signed and makes no sense
├── PushNotForwarded              the account's own server did not take a push; WeChat shall try again
├── UnknownJob                    nobody asked for a media check of that name, or more than a day ago
├── UnknownMedia                  nothing is kept under that link, or not any more
├── MediaUrlWrong                 WeChat cannot download from that URL, or must not
├── TextTooLong                   more characters than are checked at once
├── ChecksBusy                    as many checks are under way as may be; try again
├── StoreUnavailable              the place that holds the credentials does not answer
├── CredentialUnavailable         no credential now, for a reason on our side; say so and retry
└── WeChatError                   WeChat, or who asks it for us, did not do what we asked
    ├── WeChatUnavailable         no usable answer: unreachable, too slow, HTTP error, not JSON
    │   └── CentralUnavailable    the same of the central server that we read from
    ├── CentralRefused            that central server does not take our key, or has not got the account
    └── WeChatRefused             an answer with an errcode that none of these names
        ├── WeChatBusy            try again (-1)
        ├── AccessTokenRefused    this access_token is not valid (any more)
        ├── MinuteLimitReached    too many calls this minute
        ├── DayLimitReached       too many calls today
        ├── RiskyContent          a moderation verdict in the shape of an error
        ├── OpenidRefused         a check for a user whom WeChat has not seen here lately
        └── ConfigurationRefused  a person has to change something
            ├── SecretRefused     AppID or AppSecret
            ├── AddressRefused    the address that our calls come from
            └── AccountRefused    the account may not do this

Facts are attributes; nothing decides by an error's text.
No text, attribute or chain holds a secret, a token or a ticket.
"""

from collections.abc import Sequence


class CentralServerError(Exception):
    """Root of all errors of this server.

    `retryable` says whether the same call may succeed soon; `retry_after` after how many seconds, where that is known;
    `failed_at` the Unix time of the failure that a cooldown repeats (WeChat was not asked), None for a new one.
    """

    retryable = False
    retry_after: float | None = None
    failed_at: float | None = None


class SettingsError(CentralServerError):
    """One or more settings are wrong; `problems` has a line for each."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


class UnknownAccount(CentralServerError):
    """No account has this name or appid."""

    def __init__(self, name: str, detail: str | None = None) -> None:
        super().__init__(detail or f"There is no account with the name or appid {name!r}.")
        self.name = name


class PageUrlWrong(CentralServerError):
    """The URL cannot be the address of a page; the text says why and what would be right."""


class PageNotAllowed(CentralServerError):
    """The page's host (or path) is on no account's list of JS domains (JS接口安全域名)."""

    def __init__(self, host: str) -> None:
        super().__init__(f"{host!r} is not among the JS domains of the account.")
        self.host = host


class ImageUnreadable(CentralServerError):
    """The bytes are no whole picture of a format that we read; the text says why and what would be right."""


class ImageTooLarge(CentralServerError):
    """The picture has more pixels or frames than we decode; the text says how many there are and may be."""


class ImagesBusy(CentralServerError):
    """Other pictures are being decoded, one at a time, and it takes too long to wait for a turn."""

    retryable = True
    retry_after = 2.0

    def __init__(self) -> None:
        super().__init__("Other pictures are being decoded, one at a time. Try again in a moment.")


class NotConfigured(CentralServerError):
    """What was asked for needs a setting that is missing; the text says which."""


class PushRefused(CentralServerError):
    """A message push that is not WeChat's, not for this account, or played again. `reason` is for our log alone."""

    def __init__(self, reason: str) -> None:
        super().__init__("The push is not signed or not encrypted as this account's are, or not of this moment.")
        self.reason = reason


class PushUnreadable(CentralServerError):
    """A message push that cannot be read; the text says why."""


class PushNotForwarded(CentralServerError):
    """The account's own server did not take a message push, or not in time; the text says why."""

    retryable = True


class UnknownJob(CentralServerError):
    """There is no media check with this trace_id."""

    def __init__(self, trace_id: str) -> None:
        super().__init__(f"There is no media check {trace_id!r:.80} of the last day.")


class UnknownMedia(CentralServerError):
    """The link is wrong, or its time is over."""

    def __init__(self) -> None:
        super().__init__("The link is not one of this server's, or its time is over.")


class MediaUrlWrong(CentralServerError):
    """WeChat cannot download from this URL, or is not to be asked to; the text says why."""


class TextTooLong(CentralServerError):
    """The text has more characters than are checked at once; the text of this error says how many may be."""


class ChecksBusy(CentralServerError):
    """As many requests ask WeChat for verdicts as may at once: more would take the threads of the other doors."""

    retryable = True
    retry_after = 2.0

    def __init__(self) -> None:
        super().__init__("As many checks are under way as may be at once. Try again in a moment.")


class StoreUnavailable(CentralServerError):
    """The credential store does not answer, and no live copy is in memory."""

    retryable = True
    retry_after = 1.0


class CredentialUnavailable(CentralServerError):
    """There is no valid credential, and waiting longer for the one who fetches it would help nobody."""

    retryable = True

    def __init__(self, detail: str, retry_after: float) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class WeChatError(CentralServerError):
    """WeChat, or the central server that asks it for us, did not do what we asked."""


class WeChatUnavailable(WeChatError):
    """No usable answer from WeChat: unreachable, too slow, an HTTP error, or not JSON."""

    retryable = True

    def __init__(self, detail: str, retry_after: float | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.retry_after = retry_after


class CentralUnavailable(WeChatUnavailable):
    """No usable answer from the central server that we read credentials from, or it has none to give."""


class CentralRefused(WeChatError):
    """The central server that we read credentials from refuses us: a person has to change something here or there."""

    def __init__(self, detail: str, retry_after: float | None = None) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class WeChatRefused(WeChatError):
    """WeChat's `endpoint` answered with an errcode. `rid` is WeChat's id of the request, for its support desk."""

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

    retryable = True


class AccessTokenRefused(WeChatRefused):
    """WeChat does not accept the access_token that the call carried."""


class MinuteLimitReached(WeChatRefused):
    """This endpoint's limit for one minute is reached."""

    retryable = True


class DayLimitReached(WeChatRefused):
    """This endpoint's quota for the day is used up, or WeChat says so."""


class RiskyContent(WeChatRefused):
    """The content breaks WeChat's rules: a verdict, not a failure."""


class OpenidRefused(WeChatRefused):
    """The openid is no user's of this mini program, or not one who was there in the last two hours."""


class ConfigurationRefused(WeChatRefused):
    """No retry mends this: a person has to change something at WeChat or here."""


class SecretRefused(ConfigurationRefused):
    """WeChat does not know this AppID with this AppSecret."""


class AddressRefused(ConfigurationRefused):
    """WeChat does not take calls from our egress address: IP list (IP白名单) or administrator."""


class AccountRefused(ConfigurationRefused):
    """The account is frozen, punished, or of a kind that may not call this."""
