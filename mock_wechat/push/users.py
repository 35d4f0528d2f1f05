"""Pushes users' messages and events, which change who follows and whom an account may answer."""

from collections import deque
from dataclasses import replace
from functools import partial

from ..fields import Fields, WrongField, one_of, text, whole
from ..state import State
from ..state.accounts import Account, known_account
from ..state.clock import MAX_SECONDS
from ..state.messages import UserMessage, UserMessages
from ..state.pushes import Outcome, Push
from ..state.users import User
from .attempts import PushJob, Sender, missing_url, push_settings
from .files import add_files
from .kinds import MESSAGES, OFFICIAL_EVENTS, read_content
from .messages import original_id
from .replies import read_reply

NOTICE = "该公众号提供的服务出现故障，请稍后再试"
"""What a phone shows if an official account's server does not answer, or answers what WeChat cannot use."""
PLATFORM = User("push service of the platform", "", "")
"""FromUserName of events about an authorization; the user is their OpenID (授权用户信息变更)."""
OF_PLATFORM = ("user_info_modified", "user_authorization_revoke", "user_authorization_cancellation")
UNFOLLOWED = ("subscribe", "unsubscribe", "TEMPLATESENDJOBFINISH")
"""Events of official accounts that a user causes without following."""
WRAPPER = "SubscribeMsgPopupEvent"
"""An element of the XML form; in JSON its content stands one level higher (小程序订阅消息)."""
ID_SECONDS = 300
"""The upper half of a MsgId counts intervals of this length, as in all captured ones from 2020 to 2026 (above 2^53)."""
CODE_SECONDS = 2592000
"""Validity of a code that is made for a scene: the longest one of a temporary code."""


class MessageSender:
    """Sends what users write and do to the accounts' servers."""

    def __init__(self, state: State, sender: Sender) -> None:
        self._state = state
        self._sender = sender

    def send(self, given: Fields) -> UserMessage:
        """Push a message, with the fields of a control call; returns it with its reply. Raises WrongField.

        Without a push_url nothing is pushed: WeChat shows such a message to the account's operators.
        """
        with self._state.lock:
            account = known_account(self._state.accounts, given)
            kind = given.may("type", text, "text")
            openid = self._openid(account, given)
            account = replace(account, **push_settings(given))
            message = self._message(kind, account, openid, given)
            self._act(kind, account, openid, message)
            job = PushJob(message, account, self._state.random.getrandbits(64))
            at = self._state.clock()
            messages, pushes = self._state.messages, self._state.push_queue.pushes  # a reset replaces them
        return self._deliver(job, openid, at, messages, pushes)

    def _openid(self, account: Account, given: Fields) -> str:
        """The openid in the field `openid`, or of the field `user`, else of the phone holder."""
        users = self._state.users
        name = given.may("user", one_of(*users.people), users.holder.name)
        openid = given.may("openid", text, users.people[name].openid(account.appid))
        if not users.is_known(account.appid, openid):
            raise WrongField("openid", f"no user of {account.appid} has the openid {openid}: see GET /_mock/users")
        return openid

    def _message(self, kind: str, account: Account, openid: str, given: Fields) -> dict[str, object]:
        created = given.may("create_time", whole(0, MAX_SECONDS), int(self._sender.clock()))
        content = read_content(kind, _with_code(self._state, kind, given.rest(), account.appid), account, openid)
        in_chat = (
            account.kind == "official" and (kind in MESSAGES or kind in OFFICIAL_EVENTS) and kind not in UNFOLLOWED
        )
        if in_chat and not self._state.followers.find(account.appid, openid):
            raise WrongField("type", f"{openid} does not follow {account.appid}: send subscribe first")
        if content.get("MsgId") == 0:
            content["MsgId"] = (created // ID_SECONDS << 32) + self._state.random.getrandbits(32)
        add_files(self._state, account.appid, kind, content)
        if account.form == "json" and isinstance(answers := content.pop(WRAPPER, None), dict):
            content |= answers
        sender = PLATFORM.openid(account.appid) if kind in OF_PLATFORM else openid
        return {"ToUserName": original_id(account.appid), "FromUserName": sender, "CreateTime": created, **content}

    def _act(self, kind: str, account: Account, openid: str, message: dict[str, object]) -> None:
        """Record the message's effect at WeChat: follow, unfollow, and the right to answer."""
        now = self._state.clock()
        if kind == "subscribe":
            code = self._state.qrcodes.find(str(message.get("Ticket", "")), now)
            scene = code.scene if code else str(message["EventKey"]).removeprefix("qrscene_")
            ids = (scene, "") if isinstance(scene, int) else (0, scene)
            how = "ADD_SCENE_QR_CODE" if "Ticket" in message else "ADD_SCENE_SEARCH"
            self._state.followers.follow(account.appid, openid, now, how, *ids)
        elif kind == "unsubscribe":
            self._state.followers.unfollow(account.appid, openid)
        self._state.conversations.heard(account.appid, openid, now, kind)

    def _deliver(self, job: PushJob, openid: str, at: float, messages: UserMessages, log: deque[Push]) -> UserMessage:
        account, message = job.account, job.message
        pushes: list[Push] = []
        outcome: Outcome = "unsent"
        problem: str | None = missing_url(account).error
        reply = None
        if account.push_url:
            read = partial(read_reply, pushed=message, account=account)
            pushes = self._sender.deliver(replace(job, read=read), log)
            last = pushes[-1]
            outcome, problem = last.outcome, last.detail or f"HTTP status {last.status}"
            if outcome == "accepted":
                problem, reply = None, read((last.answer or "").encode())
        breaks = outcome in ("refused", "timeout", "unreachable") and message.get("Event") != "unsubscribe"
        with self._state.lock:
            sent = UserMessage(
                id=messages.next_id(),
                at=at,
                appid=account.appid,
                openid=openid,
                message=message,
                pushes=pushes,
                reply=reply,
                outcome=outcome,
                problem=problem,
                notice=NOTICE if breaks and account.kind == "official" else None,
            )
            messages.add(sent)
        return sent


def _with_code(state: State, kind: str, given: dict[str, object], appid: str) -> dict[str, object]:
    """Complete a subscribe or SCAN: the ticket for a given scene, or the scene for a ticket. Raises WrongField.

    A scene without a code gets a new one.
    """
    if kind not in ("subscribe", "SCAN") or not given.keys() & {"scene", "ticket"}:
        return given
    fields, now = Fields(given), state.clock()
    ticket = fields.may("ticket", text, None)
    scene = fields.may("scene", lambda it: whole(0, 2**32)(it) if isinstance(it, int) else text(it), None)
    if scene is None:
        code = state.qrcodes.find(ticket or "", now)
        if code is None or code.appid != appid:
            raise WrongField("ticket", f"{appid} has no code with the ticket {ticket}, or it has expired")
        scene = code.scene
    elif ticket is None:
        code = state.qrcodes.permanent(appid, scene) or state.qrcodes.issue(appid, scene, now, CODE_SECONDS)
        ticket = code.ticket
    return {**fields.rest(), "scene": str(scene), "ticket": ticket}
