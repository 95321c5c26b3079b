"""What becomes of what was said: released, hidden, starred, merged."""

import pytest

from live import actions
from live.exceptions import NotFound, NotPossible
from live.models import Contribution
from live.permissions import OPERATOR
from live.signals import contribution_hidden, contribution_shown, contribution_starred
from realtime.models import Event
from tests.factories import live as make
from tests.factories.discussion import moderator

pytestmark = pytest.mark.django_db


@pytest.fixture
def session():
    return make.live_session()


@pytest.fixture
def told():
    """Signals as apps above hear them: name and body."""
    heard: list[tuple[str, str]] = []

    def listener(name):
        def listen(contribution=None, contributions=(), **kwargs):
            heard.extend((name, one.body) for one in ([contribution] if contribution else contributions))

        return listen

    listeners = {signal: listener(name) for name, signal in SIGNALS.items()}
    for signal, listen in listeners.items():
        signal.connect(listen, weak=False)
    yield heard
    for signal, listen in listeners.items():
        signal.disconnect(listen)


SIGNALS = {"shown": contribution_shown, "hidden": contribution_hidden, "starred": contribution_starred}


def held(session, body="Look at https://example.org"):
    said = make.contribution(make.participant(session), body)
    assert said.state == "held"
    return said


def test_release_shows_what_was_held(session, told):
    said = held(session)

    released = actions.release_contribution(actor=moderator(), session=session, contribution_id=said.pk)

    assert (released.state, released.hold_reason) == ("shown", "")
    assert told == [("shown", said.body)]


def test_release_by_two_at_once_happens_once(session, told):
    said = held(session)

    for _ in range(2):
        actions.release_contribution(actor=moderator(), session=session, contribution_id=said.pk)

    assert Event.objects.filter(kind="contribution.released").count() == 1
    assert told == [("shown", said.body)]


def test_hide_says_why_and_can_be_taken_back(session, told):
    said = make.contribution(make.participant(session))

    hidden = actions.hide_contribution(
        actor=moderator(), session=session, contribution_id=said.pk, reason="  It names a person. "
    )
    assert (hidden.state, hidden.hide_reason) == ("hidden", "It names a person.")
    shown = actions.release_contribution(actor=moderator(), session=session, contribution_id=said.pk)
    assert (shown.state, shown.hide_reason) == ("shown", "")
    assert [name for name, _ in told] == ["shown", "hidden", "shown"]


def test_what_was_decided_is_stored_with_its_reason(session):
    said = held(session)

    actions.hide_contribution(actor=OPERATOR, session=session, contribution_id=said.pk, reason="It names a person.")
    said.refresh_from_db()
    assert (said.state, said.hold_reason, said.hide_reason) == (
        "hidden",
        "First post, with a link.",
        "It names a person.",
    )
    actions.release_contribution(actor=OPERATOR, session=session, contribution_id=said.pk)
    said.refresh_from_db()
    assert (said.state, said.hold_reason, said.hide_reason) == ("shown", "", "")


def test_each_decision_says_whose_it_was(session):
    decides = make.facilitator_of(session)
    said, other = held(session), make.contribution(make.participant(session), "Lamps.")
    one = {"actor": decides, "session": session, "contribution_id": said.pk}
    before = Event.objects.filter(stream=session.stream).count()

    actions.release_contribution(**one)
    actions.star_contribution(**one)
    actions.tag_contribution(**one, tag="lamps")
    actions.merge_contribution(**one, into_id=other.pk)
    actions.unmerge_contribution(**one)
    actions.untag_contribution(**one, tag="lamps")
    actions.hide_contribution(**one, reason="It names a person.")

    made_by = [event.payload["by"] for event in Event.objects.filter(stream=session.stream).order_by("seq")[before:]]
    assert made_by == [decides.pk] * 7


def test_hide_without_a_reason_is_refused(session):
    said = make.contribution(make.participant(session))

    with pytest.raises(NotPossible):
        actions.hide_contribution(actor=moderator(), session=session, contribution_id=said.pk, reason="  ")

    assert Contribution.objects.get().state == "shown"


def test_hide_takes_it_off_the_wall(session):
    said = make.contribution(make.participant(session))
    actions.set_spotlight(actor=OPERATOR, session=session, version=session.version, contribution_id=said.pk)

    actions.hide_contribution(actor=moderator(), session=session, contribution_id=said.pk, reason="It names a person.")

    session.refresh_from_db()
    assert session.spotlight is None
    assert list(Event.objects.order_by("-seq").values_list("kind", flat=True)[:2]) == [
        "spotlight.cleared",
        "contribution.hidden",
    ]


def test_what_its_author_took_back_is_left_alone(session):
    person = make.participant(session)
    said = make.contribution(person)
    actions.withdraw_contribution(participant=person, contribution_id=said.pk)

    with pytest.raises(NotPossible):
        actions.release_contribution(actor=OPERATOR, session=session, contribution_id=said.pk)
    with pytest.raises(NotPossible):
        actions.hide_contribution(actor=OPERATOR, session=session, contribution_id=said.pk, reason="Too late.")


def test_star_is_set_once_and_taken_away(session, told):
    said = make.contribution(make.participant(session))

    for action in (actions.star_contribution, actions.star_contribution, actions.unstar_contribution):
        action(actor=OPERATOR, session=session, contribution_id=said.pk)

    assert [name for name, _ in told] == ["shown", "starred", "starred"]
    kinds = Event.objects.filter(kind__contains="starred").order_by("seq").values_list("kind", "audience")
    assert list(kinds) == [("contribution.starred", "console"), ("contribution.unstarred", "console")]


def test_merge_folds_one_into_another_with_all_that_was_folded_into_it(session):
    one, two, three = (make.contribution(make.participant(session), f"Lamps, said {number}.") for number in range(3))

    actions.merge_contribution(actor=OPERATOR, session=session, contribution_id=one.pk, into_id=two.pk)
    actions.merge_contribution(actor=OPERATOR, session=session, contribution_id=two.pk, into_id=three.pk)

    assert set(three.merged.all()) == {one, two}
    actions.unmerge_contribution(actor=OPERATOR, session=session, contribution_id=one.pk)
    assert set(three.merged.all()) == {two}
    events = Event.objects.filter(kind__contains="merged").order_by("seq").values_list("payload", flat=True)
    assert [(event["contribution_id"], event["merged_into"]) for event in events] == [
        (one.pk, two.pk),
        (two.pk, three.pk),
        (one.pk, three.pk),
        (one.pk, None),
    ]


def test_merge_of_what_cannot_be_merged_is_refused(session):
    one, two = (make.contribution(make.participant(session), f"Lamps, said {number}.") for number in range(2))
    waiting = held(session)
    actions.merge_contribution(actor=OPERATOR, session=session, contribution_id=one.pk, into_id=two.pk)

    for pair in ((two, two), (two, one), (waiting, two), (two, waiting)):
        with pytest.raises(NotPossible):
            actions.merge_contribution(actor=OPERATOR, session=session, contribution_id=pair[0].pk, into_id=pair[1].pk)


def test_merge_and_its_end_answer_with_the_contribution_as_it_stands(session):
    head, said = make.contribution(make.participant(session)), make.contribution(make.participant(session), "Lamps.")
    wish = {"actor": OPERATOR, "session": session, "contribution_id": said.pk}

    assert actions.merge_contribution(**wish, into_id=head.pk).merged_into == head
    for _ in range(2):
        assert actions.unmerge_contribution(**wish).merged_into is None
    for tag in ("Lamps", "lamps"):
        assert actions.tag_contribution(**wish, tag=tag).tags == ["Lamps"]
    for _ in range(2):
        assert actions.untag_contribution(**wish, tag="LAMPS").tags == []
    kinds = Event.objects.filter(stream=session.stream, payload__contribution_id=said.pk).order_by("seq")
    assert [event.kind for event in kinds] == [
        "contribution.added",
        "contribution.merged",
        "contribution.unmerged",
        "contribution.tagged",
        "contribution.untagged",
    ]


def test_contribution_of_another_session_is_not_found(session):
    elsewhere = make.contribution(make.participant(make.live_session()))

    for action in (
        actions.release_contribution,
        actions.star_contribution,
        actions.unstar_contribution,
        actions.unmerge_contribution,
    ):
        with pytest.raises(NotFound):
            action(actor=OPERATOR, session=session, contribution_id=elsewhere.pk)
