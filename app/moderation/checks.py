"""Asks WeChat about texts and images of one account: all of their parts, within bounds, and not twice in a row."""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TypeVar

from ..accounts import Account, OnUnavailable
from ..credentials import CredentialProvider
from ..errors import CentralServerError, ImageTooLarge, OpenidRefused, RiskyContent
from ..wechat import CallPool, WeChatClient, deadline
from .cache import VerdictCache
from .images import Fitted, Limits, Part, fit
from .policy import Outcome, decided, refused_openid
from .texts import API_1, API_2, Text, TextCall
from .verdicts import Verdict

T = TypeVar("T")

IMAGE_API = "img_sec_check/1"

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Bounds:
    """What all checks of a process share."""

    pool: CallPool
    limits: Limits
    seconds: float
    """that a request may take at WeChat, all of its parts together"""


class Checks:
    """The checks of one account. Each takes what to answer where WeChat gives no verdict: see `policy`.

    Raises what keeps WeChat from being asked, ChecksBusy and ImagesBusy among it, or WeChatError.
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
        """Each text's verdict, or the error that there is instead."""

        def task(text: Text, on_unavailable: OnUnavailable) -> Callable[[], Outcome]:
            return lambda: _caught(lambda: self._text(text, on_unavailable))

        with self.under_way():
            return self._bounds.pool.run([task(*one) for one in texts])

    def image(self, upload: bytes, on_unavailable: OnUnavailable) -> Verdict:
        """The verdict on an image file. Raises ImageUnreadable and ImageTooLarge before anything is sent."""
        name = self._cache.name(self._account.appid, IMAGE_API, repr(self._bounds.limits), upload)
        verdict = self._cache.get(name)
        if verdict is None:
            with self._fitting(upload) as fitted:
                verdict = self._fitted(fitted, on_unavailable)
            self._cache.put(name, verdict)
        return verdict

    @contextmanager
    def under_way(self) -> Iterator[None]:
        """Within this block something is asked of WeChat that counts among the checks, as one, and has their time."""
        with self._bounds.pool.place(), deadline(self._bounds.seconds):
            yield

    def together(self, tasks: Sequence[Callable[[], T]]) -> list[T]:
        """What these tasks of a check that is under way return, in their order, side by side as far as may be."""
        return self._bounds.pool.run(tasks)

    @contextmanager
    def fitted(self, upload: bytes) -> Iterator[Fitted]:
        """Within this block, among the checks that are under way: what WeChat is to see of an image file.

        Raises ImageUnreadable, and ImageTooLarge also where the picture takes more parts than are sent.
        """
        with self._fitting(upload) as fitted:
            if fitted.too_long:
                raise ImageTooLarge("The picture is too long to be shown to WeChat in parts; send it in pieces.")
            yield fitted

    @contextmanager
    def _fitting(self, upload: bytes) -> Iterator[Fitted]:
        with self._bounds.pool.place():
            fitted = fit(upload, self._bounds.limits)
            with deadline(self._bounds.seconds):
                yield fitted

    def _text(self, text: Text, on_unavailable: OnUnavailable) -> Verdict:
        outcomes = self._calls(text.calls())
        refused = refused_openid(outcomes)
        if refused is None or any(isinstance(one, Verdict) and one.is_risky for one in outcomes):
            return decided(outcomes, API_1 if text.openid is None else API_2, on_unavailable)
        return self._without_openid(text, refused, on_unavailable)

    def _without_openid(self, text: Text, refused: OpenidRefused, on_unavailable: OnUnavailable) -> Verdict:
        match self._account.moderation.on_openid_refused:
            case "error":
                raise refused
            case "v1":
                return decided(self._calls(text.calls_without_openid()), API_1, on_unavailable)
            case "review":
                _log.warning("%s gave no verdict, the answer is review: %s", API_2, refused)
                return Verdict.unchecked("review", API_2)

    def _calls(self, calls: Sequence[TextCall]) -> list[Outcome]:
        """What comes of each call, as far as it matters; those whose verdict is known are not made."""
        names = [self._cache.name(self._account.appid, call.api, *_spelled(call.fields)) for call in calls]
        known = [verdict for name in names if (verdict := self._cache.get(name))]
        if len(known) == len(calls) or any(verdict.is_risky for verdict in known):
            return [*known]
        with self._bounds.pool.place():
            return self._bounds.pool.run([self._task(*one) for one in zip(names, calls, strict=True)], _is_enough)

    def _task(self, name: str, call: TextCall) -> Callable[[], Outcome]:
        def ask() -> Verdict:
            verdict = self._cache.get(name) or self._access_token.use(lambda token: call.ask(self._client, token))
            self._cache.put(name, verdict)
            return verdict

        return lambda: _caught(ask)

    def _fitted(self, fitted: Fitted, on_unavailable: OnUnavailable) -> Verdict:
        if fitted.too_long:
            return Verdict.unchecked("review", IMAGE_API)
        tasks = [self._part_task(part) for part in fitted.parts]
        outcomes = self._bounds.pool.run(tasks, lambda one: _is_enough(one[1]))
        verdict = decided([outcome for _, outcome in outcomes], IMAGE_API, on_unavailable)
        return _with_parts(verdict, fitted, [part for part, one in outcomes if isinstance(one, Verdict)])

    def _part_task(self, part: Part) -> Callable[[], tuple[Part, Outcome]]:
        return lambda: (part, _caught(lambda: self._part(part)))

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
    """Whether what comes of the other parts changes nothing: this one is risky, or its user is refused."""
    return outcome.is_risky if isinstance(outcome, Verdict) else isinstance(outcome, OpenidRefused)


def _spelled(fields: Mapping[str, str | int]) -> list[str]:
    return [str(text) for name in sorted(fields) for text in (name, fields[name])]


def _with_parts(verdict: Verdict, fitted: Fitted, seen: Sequence[Part]) -> Verdict:
    """With what WeChat has seen of the image."""
    sent = [
        {"bytes": len(part.content), "width": part.width, "height": part.height, "content_type": part.content_type}
        for part in seen
    ]
    if fitted.frames == 1:
        return replace(verdict, sent=sent)
    tiles = len(fitted.parts) // fitted.frames_checked
    return replace(verdict, sent=sent, frames=fitted.frames, frames_checked=-(-len(seen) // tiles))
