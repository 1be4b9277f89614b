"""The windows that the encoder reads: every turn is judged once, with others around it, within the limit."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from huiyin.domain.conversation import Channel, Speaker
from huiyin.taggers.learned.encode import TURN_PIECES, Marks, Pieces, windows

MARKS = Marks(begin=0, end=2, advisor=4, client=5, phone=6, wecom=7)
LIMIT = 224


def _turns(sizes: list[int]) -> list[tuple[int, Speaker, Pieces]]:
    return [
        (
            i,
            Speaker.CLIENT if i % 2 else Speaker.ADVISOR,
            Pieces(tuple(range(10, 10 + n)), tuple((k, k + 1) for k in range(n))),
        )
        for i, n in enumerate(sizes)
    ]


def test_a_short_conversation_is_one_window_with_its_marks() -> None:
    (only,) = windows(_turns([2, 1]), channel=Channel.PHONE, marks=MARKS)
    assert only.ids == (0, 6, 4, 10, 11, 5, 10, 2)
    assert only.places == ((2, 5), (5, 7))
    assert only.judged == {0, 1}


def test_a_chat_has_another_mark_than_a_call() -> None:
    (chat,) = windows(_turns([1]), channel=Channel.WECOM, marks=MARKS)
    assert chat.ids[1] == MARKS.wecom


def test_no_turns_no_windows() -> None:
    assert windows([], channel=Channel.PHONE, marks=MARKS) == ()


def test_a_border_is_read_with_turns_on_both_sides() -> None:
    first, second, *_ = windows(_turns([30] * 12), channel=Channel.PHONE, marks=MARKS)
    last_judged = max(first.judged)
    assert last_judged < first.turns[-1]
    assert second.turns[0] < min(second.judged)


@given(st.lists(st.integers(min_value=0, max_value=300), max_size=60))
def test_every_turn_is_judged_once_and_no_window_is_too_long(sizes: list[int]) -> None:
    found = windows(_turns(sizes), channel=Channel.PHONE, marks=MARKS, limit=LIMIT)
    judged = sorted(t for w in found for t in w.judged)
    assert judged == list(range(len(sizes)))
    for window in found:
        assert len(window.ids) <= LIMIT
        for turn, (start, end) in zip(window.turns, window.places, strict=True):
            assert end - start == 1 + min(sizes[turn], TURN_PIECES)
            assert window.ids[start] in (MARKS.advisor, MARKS.client)
