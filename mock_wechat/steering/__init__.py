"""What the control plane can do: one function per control call, from its fields to its answer."""

from .accounts import confirm, revoke, set_account
from .clock import move_clock
from .faults import add_fault, forget_faults, show_faults
from .judgement import check_signature, set_words, show_words
from .overview import forget_calls, reset, show_calls, show_state
from .people import issue_code, set_openid, set_user, show_users
from .push import (
    add_push_fault,
    check_push_url,
    deliver_verdicts,
    forget_push_faults,
    show_push_faults,
    show_pushes,
)
from .scenarios import apply_scenario, show_scenarios
from .steer import Steer

TABLE: dict[str, dict[str, Steer]] = {
    "/reset": {"POST": reset},
    "/state": {"GET": show_state},
    "/clock": {"POST": move_clock},
    "/faults": {"GET": show_faults, "POST": add_fault, "DELETE": forget_faults},
    "/calls": {"GET": show_calls, "DELETE": forget_calls},
    "/verify": {"GET": check_signature},
    "/words": {"GET": show_words, "POST": set_words},
    "/accounts": {"POST": set_account},
    "/confirm": {"POST": confirm},
    "/revoke": {"POST": revoke},
    "/users": {"GET": show_users, "POST": set_user},
    "/openids": {"POST": set_openid},
    "/codes": {"POST": issue_code},
    "/scenarios": {"GET": show_scenarios, "POST": apply_scenario},
    "/push": {"POST": deliver_verdicts},
    "/push/check": {"POST": check_push_url},
    "/push/faults": {"GET": show_push_faults, "POST": add_push_fault, "DELETE": forget_push_faults},
    "/pushes": {"GET": show_pushes},
}

__all__ = [
    "TABLE",
    "Steer",
    "add_fault",
    "add_push_fault",
    "apply_scenario",
    "check_push_url",
    "check_signature",
    "confirm",
    "deliver_verdicts",
    "issue_code",
    "revoke",
    "set_account",
    "set_openid",
    "set_user",
    "set_words",
]
