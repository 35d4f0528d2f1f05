"""Who follows which official account, with remark and tags."""

from dataclasses import dataclass, field

from .users import Users


@dataclass
class Follower:
    """One user's subscription to an account; names are those of user/info. `subscribe_time` is in Unix seconds."""

    openid: str
    subscribe_time: int
    subscribe_scene: str = "ADD_SCENE_SEARCH"
    qr_scene: int = 0
    qr_scene_str: str = ""
    remark: str = ""
    tagid_list: list[int] = field(default_factory=list)


class Followers:
    """The followers of each account. Every user follows it since `since` (Unix seconds), unless they have left."""

    def __init__(self, users: Users, since: float) -> None:
        self._users = users
        self._since = int(since)
        self._followers: dict[tuple[str, str], Follower | None] = {}

    def find(self, appid: str, openid: str) -> Follower | None:
        """The subscription of this openid; None if it belongs to no user or to one who does not follow."""
        key = (appid, openid)
        if self._users.is_foreign(appid, openid):
            return None
        if key not in self._followers and self._users.is_known(appid, openid):
            self._followers[key] = Follower(openid, self._since)
        return self._followers.get(key)

    def follow(
        self, appid: str, openid: str, now: float, scene: str = "ADD_SCENE_SEARCH", qr_scene: int = 0, qr_text: str = ""
    ) -> Follower:
        """A user begins to follow, without remark and tags; a follower keeps everything.

        `scene` is a subscribe_scene; `qr_scene` or `qr_text` are those of a QR code.
        """
        follower = self.find(appid, openid)
        if follower is None:
            follower = self._followers[appid, openid] = Follower(openid, int(now), scene, qr_scene, qr_text)
        return follower

    def unfollow(self, appid: str, openid: str) -> None:
        """A user leaves the account; remark and tags are lost."""
        self._followers[appid, openid] = None

    def all(self, appid: str) -> list[Follower]:
        """All followers of an account, oldest first."""
        known = [*self._users.openids(appid), *(openid for owner, openid in self._followers if owner == appid)]
        found = [self.find(appid, openid) for openid in dict.fromkeys(known)]
        return sorted(filter(None, found), key=lambda follower: follower.subscribe_time)
