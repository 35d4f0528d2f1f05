"""Durations that tests shorten, all in seconds: `WECHAT_TIMING__LEASE_SECONDS` is `lease_seconds`."""

from typing import Annotated

from pydantic import Field, ValidationInfo, field_validator

from .values import CommaSeparated, Table

Seconds = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Steps = Annotated[CommaSeparated[Seconds], Field(min_length=1)]


class Timing(Table):
    """Durations in seconds; of several steps the last one repeats."""

    fetch_deadline_seconds: Seconds = Field(
        default=10.0, description="maximum time of one fetch: all attempts, hosts and bytes"
    )
    lease_seconds: Seconds = Field(
        default=15.0,
        validate_default=True,
        description="a process that dies while it fetches delays the others by this much at most",
        examples=["90"],
    )
    lock_wait_seconds: Seconds = Field(
        default=5.0, description="a caller waits this long for the fetch of another thread or process"
    )
    unlimited_wait_seconds: Seconds = Field(
        default=2.0,
        description="all threads of a worker may wait for a credential this long, then only half of them; after a "
        "failed fetch half from the start",
    )
    refresh_interval_seconds: Seconds = Field(
        default=5.0, description="interval at which each process checks all credentials, plus or minus half"
    )
    expired_cooldown_seconds: Steps = Field(
        default=(1.0, 2.0, 5.0, 10.0),
        description="no fetch for this long after the first, second, ... failed fetch of a missing credential",
    )
    stale_cooldown_seconds: Steps = Field(
        default=(5.0, 15.0, 60.0),
        description="next attempt after the first, second, ... failed refresh of a valid credential",
    )
    address_cooldown_seconds: Seconds = Field(
        default=60.0,
        description="WeChat refused this server's IP address, or waits for the administrator: no call for this long",
    )
    quota_cooldown_seconds: Steps = Field(
        default=(60.0, 300.0, 900.0, 3600.0),
        description="the day's quota is used up (45009, 48006): time until the first, second, ... probe",
    )
    media_timeout_seconds: Seconds = Field(
        default=1800.0, description="a media check without a verdict for this long counts as `timeout`"
    )
    check_deadline_seconds: Seconds = Field(
        default=30.0, description="maximum time of one moderation request at WeChat, all its parts included"
    )

    @field_validator("lease_seconds")
    @classmethod
    def _longer_than_a_fetch(cls, lease: float, info: ValidationInfo) -> float:
        if lease <= info.data.get("fetch_deadline_seconds", 0.0):
            raise ValueError("must be longer than the fetch deadline, or two processes fetch at once")
        return lease
