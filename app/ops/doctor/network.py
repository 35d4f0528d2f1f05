"""Is it there, WeChat or the central server: names, connection, clock. Asked as the server itself asks."""

import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Protocol
from urllib.parse import urlsplit

from ...errors import WeChatUnavailable
from ...wechat import Hint
from .findings import Finding, Verdict

_TOLERABLE_SKEW_SECONDS = 30.0
"""nodes that share a store judge by their own clocks when a credential ends"""

_RESOLVER = Hint(
    en="Check the name in WECHAT_API_BASE or WECHAT_PROXY, and this machine's DNS (/etc/resolv.conf).",
    zh="请检查 WECHAT_API_BASE 或 WECHAT_PROXY 中的主机名，以及本机 DNS（/etc/resolv.conf）。",
)
_WAY_OUT = Hint(
    en="Let this machine reach that host: firewall, security group, or WECHAT_PROXY. If it is the certificate: does "
    "somebody intercept TLS, is this machine's clock right?",
    zh="请放通本机到该主机的网络（防火墙、安全组或 WECHAT_PROXY）。"
    "若为证书问题：是否有设备拦截 TLS？本机时间是否正确？",
)
_CENTRAL_RESOLVER = Hint(
    en="Check the name in WECHAT_CENTRAL_URL, and this machine's DNS (/etc/resolv.conf).",
    zh="请检查 WECHAT_CENTRAL_URL 中的主机名，以及本机 DNS（/etc/resolv.conf）。",
)
_CENTRAL_WAY = Hint(
    en="Does that server run, is WECHAT_CENTRAL_URL where it listens, does a firewall stand between? It is called "
    "directly, not through WECHAT_PROXY. A certificate has to come from an authority that Python's certifi knows.",
    zh="请检查该服务器是否运行、WECHAT_CENTRAL_URL 是否为其监听地址、其间是否有防火墙。"
    "访问它时不经过 WECHAT_PROXY。若为证书问题：须为 certifi 所信任的证书。",
)
_CLOCK = Hint(
    en="Set this machine's clock, and keep it right with NTP.",
    zh="请校准本机时间，并启用 NTP 同步。",
)


class Probing(Protocol):
    """Reaches a host as the server itself does."""

    def probe(self, host: str) -> str | None:
        """The Date header of whatever `host` answers. Raises WeChatUnavailable, which says what is in the way."""


@dataclass(frozen=True, slots=True, eq=False)
class Owner:
    """Whose host it is, and what to do when it has no address, or none that answers."""

    name: str
    resolver: Hint
    way_out: Hint


WECHAT = Owner("WeChat", _RESOLVER, _WAY_OUT)
CENTRAL = Owner("the central server", _CENTRAL_RESOLVER, _CENTRAL_WAY)


class Host:
    """A host that we call, `base` being scheme, name and port. `clock` gives Unix seconds."""

    def __init__(
        self, base: str, transport: Probing, proxy: str | None, clock: Callable[[], float], owner: Owner = WECHAT
    ) -> None:
        self._base = base
        self._transport = transport
        self._owner = owner
        self._proxy = proxy
        self._clock = clock
        self._subject = urlsplit(base).netloc
        self._scheme = urlsplit(base).scheme.lower()

    def check_name(self) -> Finding:
        """Whether the name leads to an address: the proxy's, if there is one, for it looks up WeChat's."""
        url = urlsplit(self._proxy or self._base)
        whose = f"the proxy {url.hostname}: " if self._proxy else ""
        try:
            found = socket.getaddrinfo(url.hostname, url.port, type=socket.SOCK_STREAM)
        except OSError as error:
            return self._failed("dns", f"{whose}{error.strerror or error}", self._owner.resolver)
        addresses = sorted({str(address[0]) for *_, address in found})
        return self._ok("dns", whose + ", ".join(addresses))

    def check_answer(self) -> Iterator[Finding]:
        """Whether the host answers, over TLS unless it is on loopback; if so, how far its clock is from ours."""
        check = "tls" if self._scheme == "https" else "http"
        before = self._clock()
        try:
            date = self._transport.probe(self._base)
        except WeChatUnavailable as error:
            yield self._failed(check, error.detail, self._owner.way_out)
            return
        after = self._clock()
        answered = f"answers in {(after - before) * 1000:.0f} ms" + (", certificate accepted" if check == "tls" else "")
        yield self._ok(check, answered)
        yield self._compared(date, (before + after) / 2)

    def _compared(self, date: str | None, now: float) -> Finding:
        seconds = _unix_seconds(date)
        if seconds is None:
            return Finding(self._subject, "clock", Verdict.SKIPPED, f"{self._owner.name} does not say what time it is")
        skew = now - seconds
        if abs(skew) <= _TOLERABLE_SKEW_SECONDS:
            return self._ok("clock", f"within {max(1, abs(skew)):.0f} s of {self._owner.name}'s")
        return self._failed(
            "clock", f"{abs(skew):.0f} s {'ahead of' if skew > 0 else 'behind'} {self._owner.name}'s", _CLOCK
        )

    def _ok(self, check: str, found: str) -> Finding:
        return Finding(self._subject, check, Verdict.OK, found)

    def _failed(self, check: str, found: str, advice: Hint) -> Finding:
        return Finding(self._subject, check, Verdict.FAILED, found, advice)


def _unix_seconds(date: str | None) -> float | None:
    try:
        return parsedate_to_datetime(date).timestamp() if date else None
    except ValueError:
        return None
