"""The first drawing of the screens, which is all that a browser without JavaScript gets."""

import datetime

from live.templatetags.live_room import at, clock, is_long, may_change, own_mark, said_by, weighed


def contribution(**fields):
    said = {"id": 7, "state": "shown", "merged_into": None, "said_at": "2026-10-13T09:42:11.120Z"}
    return {**said, "received_at": said["said_at"], "table": "", "headcount": 1, **fields}


def snapshot(*, moderation="show", support=None, used=None):
    return {"session": {"moderation": moderation}, "tallies": {"support": support or {}}, "you": {"used": used or {}}}


def test_at_finds_a_number_under_the_text_that_json_made_of_it():
    assert at({"31": "support"}, 31) == "support"
    assert at(None, 31) is None


def test_words_stand_folded_from_a_certain_length_on():
    assert [is_long({"body": body}) for body in ("x" * 300, "x" * 301, "x\n" * 6, "x\n" * 7)] == [False, True] * 2
    assert not is_long(None)


def test_said_by_counts_the_people_of_a_table():
    assert said_by({"author": "x", "table": "Table 3", "headcount": 6}) == "Table 3, six people"
    assert said_by({"author": "x", "table": "Table 3", "headcount": 12}) == "Table 3, 12 people"
    assert said_by({"author": "x", "table": "Table 3", "headcount": 1}) == "Table 3"
    assert said_by({"author": "Lock keeper", "table": "", "headcount": 1}) == "Lock keeper"


def test_clock_is_local_and_written_with_a_point():
    assert clock("2026-07-13T09:02:11.120Z") == "10.02"
    assert clock(None) == ""


def test_own_mark_tells_what_became_of_the_words():
    assert own_mark(contribution(), snapshot())["words"] == "Shown"
    assert own_mark(contribution(), snapshot(support={"7": 12}))["words"] == "Shown, supported by 12"
    assert own_mark(contribution(merged_into=3), snapshot())["words"].startswith("Merged")
    assert own_mark(contribution(state="held"), snapshot())["words"] == "Held by the moderator"


def test_own_mark_says_for_how_many_and_where_it_was_used():
    of_table = contribution(table="Table 3", headcount=6)
    use = {"words": "Used in point 3 of briefing 4", "url": "/briefing-4/#point-3"}

    assert own_mark(of_table, snapshot())["words"] == "Shown, for six people"
    assert own_mark(contribution(state="withdrawn", table="Table 3", headcount=6), snapshot())["words"] == "Withdrawn"
    used = own_mark(of_table, snapshot(used={"7": use}))
    assert (used["words"], used["url"]) == ("Used in point 3 of briefing 4, for six people", "/briefing-4/#point-3")
    assert own_mark(contribution(), snapshot())["url"] == ""


def test_words_may_be_changed_for_a_while(monkeypatch):
    def at(minute: int) -> None:
        moment = datetime.datetime(2026, 10, 13, 9, minute, tzinfo=datetime.UTC)
        monkeypatch.setattr("django.utils.timezone.now", lambda: moment)

    session = {"state": "open", "edit_seconds": 900}
    at(57)
    assert may_change(contribution(), session)
    assert may_change(contribution(state="held"), session)
    assert not may_change(contribution(state="hidden"), session)
    assert not may_change(contribution(), {**session, "state": "closed"})
    assert not may_change(None, session)
    at(58)
    assert not may_change(contribution(), session)


def test_weighed_counts_those_who_saw_it_if_that_is_known():
    tally = {"support": 4, "concern": 1}

    assert weighed(None) == "0 support, 0 concern, 0 passed"
    assert weighed(tally) == "4 support, 1 concern, 0 passed"
    assert weighed({**tally, "seen": 61}) == "4 support, 1 concern, 0 passed, of 61 who saw it"


def test_own_mark_says_received_where_everything_waits_for_a_moderator():
    mark = own_mark(contribution(state="held"), snapshot(moderation="hold"))

    assert mark["words"] == "Received, 10.42"
    assert mark["icon"] == "components/icons/status_received.svg"
