"""How long things may take: every wait and cooldown, in seconds."""

from dataclasses import dataclass, field
from typing import Annotated

from pydantic import Field

Seconds = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Steps = Annotated[tuple[Seconds, ...], Field(min_length=1)]


@dataclass(frozen=True, slots=True)
class Timing:
    """Durations in seconds; of several steps the last one repeats.

    Raises ValueError if the lease could run out while its holder is still fetching.
    """

    lease_seconds: Seconds = field(
        default=15.0, metadata={"meaning": "a process that died while it fetched blocks the others this long at most"}
    )
    fetch_deadline_seconds: Seconds = field(
        default=10.0, metadata={"meaning": "one fetch may take this long, all attempts, hosts and bytes included"}
    )
    lock_wait_seconds: Seconds = field(
        default=5.0, metadata={"meaning": "a caller waits this long for somebody else's fetch"}
    )
    crowd_wait_seconds: Seconds = field(
        default=2.0,
        metadata={
            "meaning": "all threads of a worker may wait for a credential this long, then only half of them; after a "
            "failed fetch half from the start"
        },
    )
    host_aside_seconds: Seconds = field(
        default=30.0,
        metadata={"meaning": "a host of WeChat that could not be reached is asked after the others this long"},
    )
    keep_warm_seconds: Seconds = field(
        default=5.0, metadata={"meaning": "each process looks after all credentials this often, give or take a half"}
    )
    pause_seconds: Steps = field(
        default=(1.0, 2.0, 5.0, 10.0),
        metadata={"meaning": "after the first, second, ... failed fetch of a missing credential: no fetch this long"},
    )
    retry_seconds: Steps = field(
        default=(5.0, 15.0, 60.0),
        metadata={"meaning": "after the first, second, ... failed refresh of a valid credential: next try"},
    )
    hold_secret_seconds: Seconds = field(
        default=60.0,
        metadata={
            "meaning": "WeChat refused AppID, secret or account, or the central server us: not asked again this long"
        },
    )
    hold_address_seconds: Seconds = field(
        default=60.0, metadata={"meaning": "WeChat refused this server's IP address, or waits for the administrator"}
    )
    hold_refused_once_seconds: Seconds = field(
        default=3600.0, metadata={"meaning": "the administrator refused this IP address (89507)"}
    )
    hold_refused_twice_seconds: Seconds = field(
        default=86400.0, metadata={"meaning": "the administrator refused this IP address twice (89506)"}
    )
    hold_quota_seconds: Steps = field(
        default=(60.0, 300.0, 900.0, 3600.0),
        metadata={"meaning": "the day's quota is used up (45009, 48006): until the first, second, ... probe"},
    )
    repeat_seconds: Seconds = field(
        default=0.3, metadata={"meaning": "before a stable token that WeChat refused, and gave again, is tried again"}
    )
    media_timeout_seconds: Seconds = field(
        default=1800.0, metadata={"meaning": "a media check without a verdict for this long counts as `timeout`"}
    )
    push_forward_seconds: Seconds = field(
        default=4.0,
        metadata={"meaning": "a forwarded push is answered within this time, or WeChat (5 s) is told to try again"},
    )

    check_deadline_seconds: Seconds = field(
        default=30.0,
        metadata={"meaning": "one moderation request may take this long at WeChat, all its parts included"},
    )
    image_turn_seconds: Seconds = field(
        default=2.0, metadata={"meaning": "an image waits this long for its turn to be decoded, then 503"}
    )

    def __post_init__(self) -> None:
        if self.lease_seconds <= self.fetch_deadline_seconds:
            raise ValueError(
                f"the lease ({self.lease_seconds:g} s) must be longer than the fetch deadline "
                f"({self.fetch_deadline_seconds:g} s), or two processes fetch at once"
            )
