"""Who a WeCom user is: the firm's directory first, then the clients, then the shape of the id (domain-facts A.3)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from huiyin.domain.crm import Advisor, Client


class Role(StrEnum):
    ADVISOR = "advisor"
    CLIENT = "client"
    EXTERNAL = "external"  # outside the firm, and no client that we know
    ROBOT = "robot"


@dataclass(frozen=True)
class Person:
    """`id` is the CRM's for advisors and clients. `assumed`: the id of the archive stands in for it."""

    role: Role
    id: str
    assumed: bool = False


class Directory:
    """Looks WeCom users up, whatever the case of their ids; the first record that claims an id has it."""

    def __init__(self, *, clients: Iterable[Client], advisors: Iterable[Advisor]) -> None:
        self._advisors: dict[str, str] = {}
        self._clients: dict[str, str] = {}
        self.own_advisor: dict[str, str] = {}
        staff = tuple(advisors)
        for advisor in staff:
            if advisor.wecom_userid:
                self._advisors.setdefault(advisor.wecom_userid.lower(), advisor.advisor_id)
        for advisor in staff:  # firms that use one id for both leave wecom_userid empty
            self._advisors.setdefault(advisor.advisor_id.lower(), advisor.advisor_id)
        for client in clients:
            self.own_advisor.setdefault(client.client_id, client.advisor_id)
            if client.wecom_userid:
                self._clients.setdefault(client.wecom_userid.lower(), client.client_id)
        self.knows_advisors, self.knows_clients = bool(self._advisors), bool(self._clients)

    def who(self, userid: str) -> Person:
        key = userid.lower()
        if key in self._advisors:
            return Person(Role.ADVISOR, self._advisors[key])
        if key in self._clients:
            return Person(Role.CLIENT, self._clients[key])
        if key.startswith("wb"):
            return Person(Role.ROBOT, userid)
        if key.startswith(("wm", "wo")):
            # With no clients to look up in, the archive's own id is the only name that the client has.
            role = Role.EXTERNAL if self.knows_clients else Role.CLIENT
            return Person(role, userid, assumed=True)
        return Person(Role.ADVISOR, userid, assumed=True)
