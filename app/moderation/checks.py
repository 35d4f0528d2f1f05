"""Asks WeChat about texts and images of one account: all their parts, within bounds; recent verdicts are reused."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

from ..accounts import Account, OnUnavailable
from ..credentials import CredentialProvider
from ..errors import CentralServerError, OpenidRefused, RiskyContent
from ..wechat import CallPool, WeChatClient, deadline
from .cache import VerdictCache
from .images import Fitted, Limits, Part, fit
from .texts import API_1, API_2, Text, TextCall
from .verdicts import Outcome, Verdict, decided, replaced

T = TypeVar("T")

IMAGE_API = "img_sec_check/1"


@dataclass(frozen=True, slots=True)
class Bounds:
    """What all checks of a process share."""

    pool: CallPool
    limits: Limits
    seconds: float
    """that a request may take at WeChat, all of its parts together"""


class Checks:
    """The checks of one account. Each takes what to answer where WeChat gives no verdict: see `decided`.

    Raises what keeps WeChat from being asked, including ChecksBusy and ImagesBusy, or WeChatError.
    """

    def __init__(
        self,
        account: Account,
        access_token: CredentialProvider,
        client: WeChatClient,
        cache: VerdictCache,
        bounds: Bounds,
    ) -> None:
        self._account = account
        self._access_token = access_token
        self._client = client
        self._cache = cache
        self._bounds = bounds

    def text(self, text: Text, on_unavailable: OnUnavailable) -> Verdict:
        """The verdict on a text."""
        with deadline(self._bounds.seconds):
            return self._text(text, on_unavailable)

    def texts(self, texts: Sequence[tuple[Text, OnUnavailable]]) -> list[Outcome]:
        """Each text's verdict, or its error."""
        with self.under_way():
            return self._bounds.pool.run([partial(_caught, partial(self._text, *one)) for one in texts])

    def image(self, upload: bytes, on_unavailable: OnUnavailable) -> Verdict:
        """The verdict on an image file. Raises ImageUnreadable and ImageTooLarge before anything is sent."""
        name = self._cache.name(self._account.appid, IMAGE_API, repr(self._bounds.limits), upload)
        verdict = self._cache.get(name)
        if verdict is None:
            with self.fitted(upload) as fitted:
                verdict = self._image(fitted, on_unavailable)
            self._cache.put(name, verdict)
        return verdict

    @contextmanager
    def under_way(self) -> Iterator[None]:
        """Within this block calls to WeChat have one place among the checks, and the time of one check."""
        with self._bounds.pool.place(), deadline(self._bounds.seconds):
            yield

    def together(self, tasks: Sequence[Callable[[], T]]) -> list[T]:
        """The results of these tasks of a check that is under way, in order; run in parallel where places are free."""
        return self._bounds.pool.run(tasks)

    @contextmanager
    def fitted(self, upload: bytes) -> Iterator[Fitted]:
        """Within this block, which counts as a check under way: the files for WeChat from an image file.

        Raises ImageUnreadable and ImageTooLarge.
        """
        with self._bounds.pool.place():
            fitted = fit(upload, self._bounds.limits)
            with deadline(self._bounds.seconds):
                yield fitted

    def _text(self, text: Text, on_unavailable: OnUnavailable) -> Verdict:
        outcomes = self._calls(text.calls())
        refused = next((outcome for outcome in outcomes if isinstance(outcome, OpenidRefused)), None)
        if refused is None or any(isinstance(outcome, Verdict) and outcome.is_risky for outcome in outcomes):
            return decided(outcomes, API_1 if text.openid is None else API_2, on_unavailable)
        match self._account.moderation.on_openid_refused:
            case "error":
                raise refused
            case "v1":
                return decided(self._calls(text.calls_without_openid()), API_1, on_unavailable)
            case "review":
                return replaced(refused, API_2, "review")

    def _calls(self, calls: Sequence[TextCall]) -> list[Outcome]:
        """The outcome of each call, as far as it matters; calls whose verdict is known are not made."""
        names = [
            self._cache.name(
                self._account.appid, call.api, *(str(text) for pair in sorted(call.fields.items()) for text in pair)
            )
            for call in calls
        ]
        known = [verdict for name in names if (verdict := self._cache.get(name))]
        if len(known) == len(calls) or any(verdict.is_risky for verdict in known):
            return [*known]
        tasks = [partial(_caught, partial(self._ask, *one)) for one in zip(names, calls, strict=True)]
        with self._bounds.pool.place():
            return self._bounds.pool.run(tasks, _is_enough)

    def _ask(self, name: str, call: TextCall) -> Verdict:
        verdict = self._cache.get(name) or self._access_token.use(lambda token: call.ask(self._client, token))
        self._cache.put(name, verdict)
        return verdict

    def _image(self, fitted: Fitted, on_unavailable: OnUnavailable) -> Verdict:
        if fitted.too_long:
            return Verdict.unchecked("review", IMAGE_API, "The image is too long to be sent to WeChat in parts.")

        def task(part: Part) -> Callable[[], tuple[Part, Outcome]]:
            return lambda: (part, _caught(lambda: self._part(part)))

        outcomes = self._bounds.pool.run([task(part) for part in fitted.parts], lambda one: _is_enough(one[1]))
        verdict = decided([outcome for _, outcome in outcomes], IMAGE_API, on_unavailable)
        sent = [
            {"bytes": len(part.content), "width": part.width, "height": part.height, "content_type": part.content_type}
            for part, outcome in outcomes
            if isinstance(outcome, Verdict)
        ]
        if fitted.frames == 1:
            return replace(verdict, sent=sent)
        tiles = len(fitted.parts) // fitted.frames_checked
        return replace(verdict, sent=sent, frames=fitted.frames, frames_checked=-(-len(sent) // tiles))

    def _part(self, part: Part) -> Verdict:
        try:
            self._access_token.use(
                lambda token: self._client.img_sec_check(token, part.content, part.filename, part.content_type)
            )
        except RiskyContent:
            return Verdict.without_label("risky", IMAGE_API)
        return Verdict.without_label("pass", IMAGE_API)


def _caught(check: Callable[[], Verdict]) -> Outcome:
    try:
        return check()
    except CentralServerError as error:
        return error


def _is_enough(outcome: Outcome) -> bool:
    """Whether the other parts cannot change the answer: this one is risky, or WeChat refuses its user."""
    return outcome.is_risky if isinstance(outcome, Verdict) else isinstance(outcome, OpenidRefused)
