"""Themes of the wall: tags that a facilitator chose, how many people speak of each, and what they said."""

import pytest

from live import actions
from live.exceptions import NotPossible, StaleVersion
from live.history import changes_since
from live.models import Contribution, LiveSession
from live.permissions import OPERATOR
from live.selectors import Viewer, snapshot, themes_on_wall
from realtime.models import Event
from tests.factories import live as make

pytestmark = pytest.mark.django_db


class Desk:
    """A facilitator in an open session, and people who speak."""

    def __init__(self) -> None:
        self.session = make.live_session()
        self.actor = make.facilitator_of(self.session)

    def said(self, body: str, *tags: str, by=None) -> Contribution:
        contribution = make.contribution(by or make.participant(self.session), body)
        for tag in tags:
            self.do(actions.tag_contribution, contribution_id=contribution.pk, tag=tag)
        return contribution

    def do(self, action, **fields):
        return action(actor=self.actor, session=self.session, **fields)

    def show(self, *tags: str) -> LiveSession:
        self.session.refresh_from_db()
        return self.do(actions.set_wall_themes, version=self.session.version, tags=tags)

    def themes(self) -> list[tuple[str, int, list[str]]]:
        self.session.refresh_from_db()
        return [
            (theme["tag"], theme["people"], [one["body"] for one in theme["said"]])
            for theme in themes_on_wall(self.session)
        ]

    def counted(self) -> int:
        return Event.objects.filter(stream=self.session.stream, kind="wall.themes_counted").count()


@pytest.fixture
def desk():
    return Desk()


def test_themes_say_how_many_people_and_what_they_said_most_people_first(desk):
    talker = make.participant(desk.session)
    desk.said("Light the towpath.", "lamps", by=talker)
    desk.said("Light the lock too.", "lamps", by=talker)
    for body in ("A fund.", "A levy."):
        desk.said(body, "money")
    desk.said("Benches.", "seats")

    desk.show("lamps", "money", "buoys")

    assert desk.themes() == [
        ("money", 2, ["A levy.", "A fund."]),
        ("lamps", 1, ["Light the lock too.", "Light the towpath."]),
        ("buoys", 0, []),
    ]


def test_each_change_of_what_stands_under_a_theme_has_the_wall_read_it_again(desk):
    head, said = desk.said("Light the towpath.", "lamps"), desk.said("Put lamps there.", "lamps")
    desk.show("lamps")

    for action, fields in (
        (actions.star_contribution, {}),
        (actions.unstar_contribution, {}),
        (actions.merge_contribution, {"into_id": head.pk}),
        (actions.unmerge_contribution, {}),
        (actions.untag_contribution, {"tag": "lamps"}),
        (actions.tag_contribution, {"tag": "lamps"}),
        (actions.hide_contribution, {"reason": "It names somebody."}),
        (actions.release_contribution, {}),
    ):
        before = desk.counted()
        desk.do(action, contribution_id=said.pk, **fields)
        assert desk.counted() == before + 1, action.__name__


def test_what_was_starred_speaks_for_its_theme(desk):
    starred = desk.said("Light the towpath.", "lamps")
    for number in range(3):
        desk.said(f"Lamp {number}.", "lamps")
    desk.show("lamps")

    desk.do(actions.star_contribution, contribution_id=starred.pk)

    assert desk.themes() == [("lamps", 4, ["Light the towpath.", "Lamp 2.", "Lamp 1."])]


def test_table_counts_its_people_and_merged_words_count_theirs(desk):
    scribe = make.participant(desk.session)
    actions.seat_scribe(actor=OPERATOR, participant=scribe, table_name="Table 4", headcount=6)
    scribe.refresh_from_db()
    head = desk.said("Light the towpath.", "lamps", by=scribe)
    desk.said("And the steps.", "lamps", by=scribe)
    merged = desk.said("Put lamps along the towpath.")
    desk.show("lamps")

    desk.do(actions.merge_contribution, contribution_id=merged.pk, into_id=head.pk)
    assert desk.themes() == [("lamps", 7, ["And the steps.", "Light the towpath."])]
    desk.do(actions.unmerge_contribution, contribution_id=merged.pk)
    assert desk.themes() == [("lamps", 6, ["And the steps.", "Light the towpath."])]


def test_theme_holds_only_what_the_room_may_see_and_walls_are_told(desk):
    author = make.participant(desk.session)
    hidden, taken = desk.said("It was Mr Harbottle.", "lamps"), desk.said("I take it back.", "lamps", by=author)
    changed = desk.said("Light the towpath.", "lamps", by=author)
    desk.show("Lamps")
    before = desk.counted()

    desk.do(actions.hide_contribution, contribution_id=hidden.pk, reason="It names a person.")
    actions.withdraw_contribution(participant=author, contribution_id=taken.pk)
    actions.edit_contribution(participant=author, contribution_id=changed.pk, body="Light the steps.")

    assert desk.themes() == [("Lamps", 1, ["Light the steps."])]
    assert desk.counted() == before + 3
    desk.do(actions.release_contribution, contribution_id=hidden.pk)
    assert desk.themes() == [("Lamps", 2, ["Light the steps.", "It was Mr Harbottle."])]


def test_nothing_is_counted_again_while_the_wall_shows_no_themes(desk):
    said = desk.said("Light the towpath.", "lamps")

    desk.do(actions.star_contribution, contribution_id=said.pk)

    assert (desk.counted(), desk.themes()) == (0, [])


def test_only_walls_and_consoles_hear_of_themes(desk):
    person = make.participant(desk.session)
    desk.said("Light the towpath.", "lamps", by=person)
    desk.show("lamps")

    assert "themes" not in snapshot(Viewer(desk.session, "participant", person))
    themes = [
        {"tag": "lamps", "people": 1, "said": [{"id": Contribution.objects.get().pk, "body": "Light the towpath."}]}
    ]
    assert snapshot(Viewer(desk.session, "wall"))["themes"] == themes
    assert snapshot(Viewer(desk.session, "console", user=desk.actor))["themes"] == themes


def test_themes_are_few_short_and_each_there_once(desk):
    desk.show(" lamps ", "Lamps", "")

    assert desk.themes() == [("Lamps", 0, [])]
    with pytest.raises(NotPossible):
        desk.show("x" * 31)
    with pytest.raises(NotPossible):
        desk.show(*(f"tag {number}" for number in range(10)))


def test_second_facilitator_is_told_which_themes_the_first_put_up(desk):
    version = desk.session.version
    desk.show("lamps", "money")

    with pytest.raises(StaleVersion):
        desk.do(actions.set_wall_themes, version=version, tags=["seats"])

    assert [change["did"] for change in changes_since(desk.session, version)] == [
        "put themes on the wall: “lamps, money”"
    ]
    desk.show()
    assert changes_since(desk.session, version)[-1]["did"] == "took the themes off the wall"


def test_cleared_rehearsal_takes_its_themes_off_the_wall():
    session = make.live_session(state="waiting")
    actions.start_rehearsal(actor=OPERATOR, session=session, version=session.version)
    session.refresh_from_db()
    actions.set_wall_themes(actor=OPERATOR, session=session, version=session.version, tags=["lamps"])
    session.refresh_from_db()

    actions.clear_rehearsal(actor=OPERATOR, session=session, version=session.version)

    session.refresh_from_db()
    assert session.wall_tags == []


def test_form_with_several_boxes_ticked_puts_up_each_and_with_none_takes_them_down(desk, client):
    client.force_login(desk.actor)
    desk.said("Light the towpath.", "lamps", "money")
    address = f"/live/{desk.session.code}/command/"

    def send(*tags: str) -> int:
        desk.session.refresh_from_db()
        fields = {"type": "wall.themes", "as": "console", "version": desk.session.version, "tags": list(tags)}
        return client.post(address, fields, headers={"origin": "http://testserver"}).status_code

    assert send("lamps", "money") == 303
    page = client.get(f"/live/{desk.session.code}/console/").text
    assert page.count('name="tags" value="lamps" checked') == 1
    assert [tag for tag, _, _ in desk.themes()] == ["lamps", "money"]
    assert send() == 303
    assert desk.themes() == []
