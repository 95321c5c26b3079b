"""The first drawing of the screens, which is all that a browser without JavaScript gets."""

from live.templatetags.live_room import at, clock, own_mark, said_by


def contribution(**fields):
    return {"id": 7, "state": "shown", "merged_into": None, "said_at": "2026-10-13T09:42:11.120Z", **fields}


def snapshot(*, moderation="show", support=None):
    return {"session": {"moderation": moderation}, "tallies": {"support": support or {}}}


def test_at_finds_a_number_under_the_text_that_json_made_of_it():
    assert at({"31": "support"}, 31) == "support"
    assert at(None, 31) is None


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


def test_own_mark_says_received_where_everything_waits_for_a_moderator():
    mark = own_mark(contribution(state="held"), snapshot(moderation="hold"))

    assert mark["words"] == "Received, 10.42"
    assert mark["icon"] == "components/icons/status_received.svg"
