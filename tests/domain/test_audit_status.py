"""spec/audit.md, "Status of a lead", "Contact": one row a sentence."""

from __future__ import annotations

import pytest
from audit_world import MARGIN, World, at, margin_lead

from huiyin.domain.conversation import TranscriptState
from huiyin.domain.lead import ContactKind, ContactReason, LeadStatus

TALK = ("A 上次您问的两融，资产够五十万就能办", "C 那两融利率多少")
OTHER = ("A 提醒您更新一下身份证", "C 好的，我明天弄")


def test_opens_when_the_client_said_it_and_is_due_on_the_second_trading_day() -> None:
    lead = margin_lead().lead("03-02 12:00")
    assert lead.opened_at == at("03-02 10:00").replace(second=10)
    assert lead.due_at == at("03-04 18:00")
    assert (lead.status, lead.in_window, lead.response_minutes) == (LeadStatus.PENDING, None, None)
    assert lead.evidence[0].conversation_id == "open"
    assert lead.contacts == ()


@pytest.mark.parametrize(
    ("as_of", "status"),
    [("03-04 18:00", LeadStatus.PENDING), ("03-04 18:01", LeadStatus.MISSED)],
)
def test_pending_until_it_is_past_due(as_of: str, status: LeadStatus) -> None:
    assert margin_lead().lead(as_of).status is status


@pytest.mark.parametrize(
    ("when", "status"),
    [("03-04 18:00", LeadStatus.FOLLOWED_UP), ("03-04 18:01", LeadStatus.LATE), ("03-20 09:00", LeadStatus.LATE)],
)
def test_followed_up_at_or_before_due_late_after(when: str, status: LeadStatus) -> None:
    assert margin_lead().call("c", when, *TALK).lead("03-31 18:00").status is status


def test_a_contact_later_than_as_of_is_invisible() -> None:
    world = margin_lead().call("c", "03-05 10:00", *TALK)
    lead = world.lead("03-05 09:59")
    assert (lead.status, lead.contacts) == (LeadStatus.MISSED, ())


def test_response_minutes_run_from_opening_to_the_first_on_topic_contact() -> None:
    world = margin_lead().call("x", "03-02 11:00", *OTHER).call("c", "03-02 12:00", *TALK)
    assert world.lead("03-31 18:00").response_minutes == pytest.approx(119.83)


@pytest.mark.parametrize(
    ("id", "contact", "kind", "status"),
    [
        ("not answered", {"answered": False, "state": TranscriptState.NOT_ANSWERED}, "attempt", "unreached"),
        ("no recording", {"state": TranscriptState.NO_RECORDING}, "unknown", "unverified"),
        ("missing file", {"state": TranscriptState.MISSING_FILE}, "unknown", "unverified"),
        ("unreadable", {"state": TranscriptState.UNREADABLE}, "unknown", "unverified"),
        ("not transcribed yet", {"state": TranscriptState.PENDING}, "unknown", "unverified"),
        ("recogniser failed", {"state": TranscriptState.FAILED}, "unknown", "unverified"),
        ("silent", {"state": TranscriptState.SILENT}, "attempt", "unreached"),
        ("nothing written down", {"state": TranscriptState.GIVEN}, "unknown", "unverified"),
        (
            "client's own call unanswered",
            {"answered": False, "direction": "inbound", "state": TranscriptState.NOT_ANSWERED},
            "client_only",
            "missed",
        ),
        ("no direction known", {"answered": False, "direction": None}, "attempt", "unreached"),
    ],
)
def test_calls_without_words(id: str, contact: dict[str, object], kind: str, status: str) -> None:
    lead = margin_lead().call("c", "03-03 10:00", **contact).lead("03-09 18:00")  # type: ignore[arg-type]
    assert [(c.id, c.kind) for c in lead.contacts] == [("c", kind)]
    assert lead.status == status


@pytest.mark.parametrize(
    ("lines", "kind", "status"),
    [
        (TALK, "on_topic", "followed_up"),
        (("A 喂？喂？听得到吗", "A 信号不好，那先挂了"), "attempt", "unreached"),
        (("A 您好", "C [听不清]"), "unknown", "unverified"),
        (("A 您好", "C ……"), "unknown", "unverified"),
        (OTHER, "reached", "off_topic"),
        (("A 您好，我是小李", "O 您拨打的电话正在通话中"), "attempt", "unreached"),
    ],
)
def test_calls_with_words(lines: tuple[str, ...], kind: str, status: str) -> None:
    lead = margin_lead().call("c", "03-03 10:00", *lines).lead("03-09 18:00")
    assert [c.kind for c in lead.contacts] == [kind]
    assert lead.status == status


def test_an_inbound_call_that_was_answered_reaches() -> None:
    lead = margin_lead().call("c", "03-03 10:00", *TALK, direction="inbound").lead("03-09 18:00")
    assert (lead.status, lead.contacts[0].direction) == (LeadStatus.FOLLOWED_UP, "inbound")


def test_unknown_goes_before_off_topic_and_off_topic_before_attempts() -> None:
    world = margin_lead().missed_call("n", "03-03 09:00").call("o", "03-03 10:00", *OTHER)
    assert world.lead("03-09 18:00").status is LeadStatus.OFF_TOPIC
    world.call("u", "03-03 11:00", state=TranscriptState.NO_RECORDING)
    assert world.lead("03-09 18:00").status is LeadStatus.UNVERIFIED
    assert [c.id for c in world.lead("03-09 18:00").contacts] == ["n", "o", "u"]


def test_pending_goes_before_what_the_contacts_were() -> None:
    world = margin_lead().call("o", "03-03 10:00", *OTHER)
    assert world.lead("03-03 12:00").status is LeadStatus.PENDING


def test_contacts_count_whoever_of_the_firm_made_them_but_only_for_the_same_client() -> None:
    world = margin_lead().call("c", "03-03 10:00", *TALK, client="K2").call("d", "03-03 11:00", *TALK, advisor="A9")
    lead = world.lead("03-09 18:00")
    assert [(c.id, c.advisor_id) for c in lead.contacts] == [("d", "A9")]


def test_the_conversation_that_opened_the_lead_is_never_its_contact() -> None:
    world = World().call("open", "03-02 10:00", "A 您好", "C 我想开两融", "A 两融要五十万", "C 哦五十万")
    lead = world.tag("open", "permission_intent", MARGIN).lead("03-09 18:00")
    assert (lead.contacts, lead.status) == ((), LeadStatus.MISSED)


# --- chats -----------------------------------------------------------------------------------------------------------


def test_a_chat_in_which_only_the_firm_wrote_is_an_attempt() -> None:
    lead = margin_lead().chat("w", "03-03 10:00", "A 两融的材料", "10:30 A 您看到了吗").lead("03-09 18:00")
    assert (lead.contacts[0].kind, lead.contacts[0].time) == (ContactKind.ATTEMPT, at("03-03 10:00"))
    assert lead.status is LeadStatus.UNREACHED


def test_a_chat_in_which_only_the_client_wrote_is_listed_and_counts_as_neither() -> None:
    lead = margin_lead().chat("w", "03-03 10:00", "C 两融怎么样了").lead("03-09 18:00")
    assert lead.contacts[0].kind is ContactKind.CLIENT_ONLY
    assert (lead.status, lead.in_window) == (LeadStatus.MISSED, None)


@pytest.mark.parametrize(
    ("lines", "time"),
    [
        (("10:00 A 两融给您问了", "10:20 C 两融利率多少"), "03-03 10:00"),
        (("10:00 C 两融怎么样了", "10:10 A 两融可以开", "10:20 C 好的"), "03-03 10:10"),
        (("10:00 C 两融怎么样了", "10:10 A 两融可以开"), "03-03 10:10"),
        (("10:00 A 您好", "10:05 A 两融可以开", "10:20 C 两融好的", "11:00 A 不客气"), "03-03 10:00"),
    ],
)
def test_a_chat_begins_with_the_firms_first_message_that_the_client_answers(lines: tuple[str, ...], time: str) -> None:
    contact = margin_lead().chat("w", "03-03 10:00", *lines).lead("03-09 18:00").contacts[0]
    assert (contact.kind, contact.time) == (ContactKind.ON_TOPIC, at(time))


def test_an_answer_that_comes_after_as_of_is_not_there_yet() -> None:
    world = margin_lead().chat("w", "03-03 10:00", "A 两融给您问了", "15:00 C 两融利率多少")
    assert world.lead("03-03 14:59").contacts[0].kind is ContactKind.ATTEMPT
    assert world.lead("03-03 15:00").contacts[0].kind is ContactKind.ON_TOPIC


def test_a_chat_that_was_running_counts_from_the_opening_on() -> None:
    world = margin_lead().chat(
        "w", "03-02 09:00", "A 两融考虑吗", "C 两融啊，再说", "15:00 A 两融的利率能谈", "15:10 C 两融多少"
    )
    contact = world.lead("03-09 18:00").contacts[0]
    assert (contact.kind, contact.time, contact.turns) == (ContactKind.ON_TOPIC, at("03-02 15:00"), (2, 3))


def test_of_a_running_chat_what_was_said_before_is_no_contact() -> None:
    world = margin_lead().chat("w", "03-02 09:00", "A 两融考虑吗", "C 两融啊，再说")
    assert world.lead("03-09 18:00").contacts == ()


def test_a_recalled_message_is_no_contact() -> None:
    world = margin_lead().chat("w", "03-03 10:00", "A 两融的材料", recalled=(0,))
    assert world.lead("03-09 18:00").contacts == ()


def test_what_a_message_quotes_is_not_its_own_word() -> None:
    world = margin_lead().chat("w", "03-03 10:00", "A 您好", "C 引用：两融利率\n收到", "A 好的")
    talk = world.conversations[-1]
    turns = list(talk.turns)
    assert world.lead("03-09 18:00").status is LeadStatus.FOLLOWED_UP
    turns[1] = turns[1].model_copy(update={"quoted": ((0, 7),)})
    world.conversations[-1] = talk.model_copy(update={"turns": tuple(turns)})
    assert world.lead("03-09 18:00").status is LeadStatus.OFF_TOPIC


@pytest.mark.parametrize(
    ("text", "kind"),
    [("[语音通话] 通话时长 3:15", ContactKind.UNKNOWN), ("[语音通话] 未接听", ContactKind.ATTEMPT)],
)
def test_a_call_inside_a_chat_has_no_words(text: str, kind: ContactKind) -> None:
    world = margin_lead().chat("w", "03-03 10:00", f"A {text}", kinds={0: "voiptext"})
    assert world.lead("03-09 18:00").contacts[0].kind is kind


def test_a_chat_off_topic_with_a_call_inside_cannot_be_told() -> None:
    lines = ("A 您好，方便语音吗", "C 方便", "A [语音通话] 通话时长 3:15")
    world = margin_lead().chat("w", "03-03 10:00", *lines, kinds={2: "voiptext"})
    assert world.lead("03-09 18:00").status is LeadStatus.UNVERIFIED


# --- activities ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("note", "kind", "status"),
    [
        ("电话沟通两融开通条件，客户考虑中", "on_topic", "followed_up"),
        ("祝客户生日快乐", "reached", "off_topic"),
        ("", "reached", "off_topic"),
        (None, "reached", "off_topic"),
    ],
)
def test_activities_reach_and_their_notes_tell_of_what(note: str | None, kind: str, status: str) -> None:
    lead = margin_lead().event("activity", "03-03 10:00", note=note).lead("03-09 18:00")
    assert ([c.kind for c in lead.contacts], lead.status) == ([kind], status)


def test_education_is_no_contact_for_a_permission() -> None:
    assert margin_lead().event("education_sent", "03-03 10:00").lead("03-09 18:00").contacts == ()


# --- suppressed ------------------------------------------------------------------------------------------------------


def refuse(world: World, when: str, id: str = "dnc") -> World:
    return world.call(id, when, "A 您好", "C 别再给我打电话了").tag(id, "do_not_contact")


def test_suppressed_when_the_client_refuses_contact_before_it_is_due() -> None:
    lead = refuse(margin_lead(), "03-03 10:00").lead("03-03 12:00")
    assert lead.status is LeadStatus.SUPPRESSED
    assert lead.suppressed_at == at("03-03 10:00").replace(second=10)


def test_not_suppressed_by_a_refusal_after_it_was_due() -> None:
    assert refuse(margin_lead(), "03-04 18:00").lead("03-09 18:00").status is LeadStatus.OFF_TOPIC


def test_not_suppressed_once_it_was_followed_up() -> None:
    world = refuse(margin_lead().call("c", "03-03 09:00", *TALK), "03-03 10:00")
    assert world.lead("03-09 18:00").status is LeadStatus.FOLLOWED_UP


def test_suppressed_stays_so_though_somebody_calls() -> None:
    world = refuse(margin_lead(), "03-03 10:00").call("c", "03-03 15:00", *TALK)
    assert world.lead("03-09 18:00").status is LeadStatus.SUPPRESSED


def test_a_refusal_holds_for_later_leads_until_the_client_asks_for_contact() -> None:
    world = refuse(World(), "03-02 10:00")
    world.call("b", "03-03 10:00", "A 您好", "C 手上有点闲钱", direction="inbound").tag("b", "idle_funds")
    assert world.lead("03-03 12:00").status is LeadStatus.SUPPRESSED
    world.call("c", "03-04 10:00", "A 您好", "C 周五打给我吧", "A 好", "C 我想开两融", direction="inbound")
    world.tag("c", "contact_time", {"kind": "callback", "window": ["2026-03-06T10:00", "2026-03-06T12:00"]})
    world.tag("c", "permission_intent", MARGIN, turns=(3,))
    statuses = {f.tag: f.status for f in world.audit("03-04 12:00")}
    assert statuses == {
        "idle_funds": LeadStatus.SUPPRESSED,
        "contact_time": LeadStatus.PENDING,
        "permission_intent": LeadStatus.PENDING,
    }


def test_a_suppressed_lead_is_closed_so_the_same_tag_opens_a_new_one() -> None:
    world = refuse(margin_lead(), "03-02 15:00")
    world.call("again", "03-03 10:00", "A 您好", "C 我还是想开两融").tag("again", "permission_intent", MARGIN)
    assert [f.status for f in world.audit("03-03 12:00")] == [LeadStatus.SUPPRESSED, LeadStatus.SUPPRESSED]


def test_every_contact_says_why_and_shows_the_turns() -> None:
    world = margin_lead().call("c", "03-03 10:00", "A 您好", *TALK, "C 好的")
    contact = world.lead("03-09 18:00").contacts[0]
    assert contact.reason is ContactReason.TOPIC_WORDS
    assert (contact.turns, contact.weak, contact.why) == ((1, 2), False, "一方提起此事，另一方有回应")
