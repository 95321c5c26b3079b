"""Live sessions for scripts."""

import io

import pytest
from django.core.management import CommandError, call_command

from live import actions
from live.exceptions import NotAllowed, NotPossible
from live.models import LiveSession
from tests.factories import live as make
from tests.factories.discussion import event_page, member, proposition_page

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> str:
    out = io.StringIO()
    call_command("create_session", *arguments, stdout=out)
    return out.getvalue()


def test_create_session_prints_the_code_and_nothing_else():
    proposition = proposition_page(slug="ferries")

    printed = run("--proposition", "ferries", "--title", "Trial run", "--prompt", "What is missing?", "--room", "Hall")

    session = LiveSession.objects.get()
    assert printed == f"{session.code}\n"
    assert list(session.page.propositions.all()) == [proposition]
    assert (session.page.title, session.page.room, session.page.live, session.state) == (
        "Trial run",
        "Hall",
        True,
        "waiting",
    )
    assert [prompt.text for prompt in session.prompts.all()] == ["What is missing?"]


def test_create_session_opens_it_if_asked():
    proposition_page(slug="ferries")

    run("--proposition", "ferries", "--title", "Trial run", "--open", "--starts-at", "2026-10-13T10:30")

    session = LiveSession.objects.get()
    assert session.state == "open"
    assert session.page.starts_at.isoformat() == "2026-10-13T09:30:00+00:00"


def test_create_session_twice_makes_two():
    proposition_page(slug="ferries")

    assert run("--proposition", "ferries", "--title", "Same") != run("--proposition", "ferries", "--title", "Same")


def test_create_session_takes_the_current_event_of_several():
    old, new = event_page(), event_page(is_current=True)
    for event in (old, new):
        proposition_page(event, slug="ferries")

    run("--proposition", "ferries", "--title", "Now")
    run("--proposition", "ferries", "--title", "Then", "--event", old.slug)

    assert [session.page.get_parent().pk for session in LiveSession.objects.order_by("pk")] == [new.pk, old.pk]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--proposition", "trains", "--title", "x"], "no proposition “trains”. Propositions: ferries"),
        (["--proposition", "ferries", "--title", " "], "A title has"),
        (["--proposition", "ferries", "--title", "x", "--starts-at", "soon"], "--starts-at: “soon” is no time"),
        (["--proposition", "ferries", "--title", "x", "--event", "elsewhere"], "no proposition “ferries”"),
    ],
)
def test_create_session_says_what_is_wrong(arguments, words):
    proposition_page(slug="ferries")

    with pytest.raises(CommandError, match=words):
        run(*arguments)

    assert not LiveSession.objects.exists()


def test_create_session_is_for_organisers():
    with pytest.raises(NotAllowed):
        actions.create_session(
            actor=member(), event=event_page(), title="x", propositions=[], starts_at="2026-10-13T10:30Z"
        )
    with pytest.raises(NotAllowed):
        actions.configure_session(actor=member(), session=make.live_session(), identities=["role"])


def test_session_is_set_up_all_at_once_beforehand():
    session = make.live_session(state="waiting")
    organiser, facilitator = make.organiser(), member()
    wishes = {
        "facilitators": [facilitator],
        "identities": ["nothing", "role"],
        "moderation": "hold",
        "new_prompts": ["What is missing?", "Where is it dark?"],
        "new_tables": ["Window"],
        "table_count": 2,
    }

    actions.configure_session(actor=organiser, session=session, **wishes)
    again = actions.configure_session(actor=organiser, session=session, new_tables=["Window"], table_count=1)

    session.refresh_from_db()
    assert list(session.facilitators.all()) == [facilitator]
    assert (set(session.identities), session.moderation) == ({"nothing", "role"}, "hold")
    assert [prompt.text for prompt in session.prompts.all()] == ["What is missing?", "Where is it dark?"]
    assert [table.name for table in session.tables.all()] == ["Window", "Table 1", "Table 2"]
    assert (again.pk, session.version) == (session.pk, 4)
    with pytest.raises(NotPossible):
        actions.configure_session(actor=organiser, session=session, identities=["king"])


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("--room", "r" * 121), "A room has 0 to 120 characters"),
        (("--prompt", "p" * 301), "A prompt has 1 to 300 characters"),
        (("--prompt", "What is missing?", "--prompt", " \u200b"), "A prompt has 1 to 300 characters"),
    ],
)
def test_create_session_refuses_what_does_not_fit(arguments, reason):
    proposition_page(slug="ferries")

    with pytest.raises(CommandError, match=reason):
        run("--proposition", "ferries", "--title", "Trial run", *arguments)

    assert not LiveSession.objects.exists()


def test_create_session_keeps_a_title_to_one_line():
    proposition_page(slug="ferries")

    run("--proposition", "ferries", "--title", "Trial\nrun\u202e")

    assert LiveSession.objects.get().page.title == "Trial run"
