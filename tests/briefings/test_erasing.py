"""Somebody erased: their words and their name leave a briefing in every form, and it still reads."""

import io
import json
import zipfile

import pytest
from django.utils.html import strip_tags
from wagtail.models import PageLogEntry

from briefings.actions import add_follow_up, change_follow_up
from briefings.exports import as_data
from briefings.models import BriefingPage, Print
from briefings.printing import print_html
from briefings.quotations import NAME_TAKEN_OUT, TAKEN_OUT, Said, taken_out
from gathering.models import Entry
from people.actions import erase_person
from people.consent import Consent
from people.keys import author_key_of_user
from people.models import User
from people.personal import subject_of_user
from tests.factories.briefings import make_excerpt, make_organiser, point_block

pytestmark = pytest.mark.django_db

SAID = Said(
    "The key hangs by the door, and nobody has ever asked for it. That's the fault & the cure.",
    ("nobody has ever asked for it",),
    "Ada Finch",
)


@pytest.mark.parametrize(
    ("typed", "left"),
    [
        ("<p>“Nobody has ever” asked.</p>", "<p>“Nobody has ever” asked.</p>"),
        ("<p>“The key hangs by …” the door.</p>", f"<p>“{TAKEN_OUT}” the door.</p>"),
        ("<p>“nobody has ever asked”, she said.</p>", f"<p>“{TAKEN_OUT}”, she said.</p>"),
        ("<p>‘The key hangs by the door,’ she said.</p>", f"<p>‘{TAKEN_OUT}’ she said.</p>"),
        ("<p>&quot;That&#x27;s the fault &amp; the cure&quot;</p>", f'<p>"{TAKEN_OUT}"</p>'),
        ("<p>“The key <i>hangs</i> by the door … asked for it.”</p>", f"<p>“{TAKEN_OUT}”</p>"),
        ("<p>She said nobody has\never asked for it.</p>", f"<p>She said {TAKEN_OUT}.</p>"),
        (
            "<p>Ada Finch &amp; others, not Ada Finching.</p>",
            f"<p>{NAME_TAKEN_OUT} &amp; others, not Ada Finching.</p>",
        ),
        ("<p>“the key” &amp; “the door”</p>", "<p>“the key” &amp; “the door”</p>"),
        ("<p>Nobody said “the hall is cold”.</p>", "<p>Nobody said “the hall is cold”.</p>"),
    ],
)
def test_quotations_and_the_name_are_taken_out_and_nothing_else(typed, left):
    assert taken_out(typed, [SAID]) == left


def test_words_of_another_cited_beside_them_stay():
    typed = "<p>“nobody has ever asked for it”</p>"

    assert taken_out(typed, [SAID], others=["I think nobody has ever asked for it either."]) == typed


@pytest.fixture
def quoted(ready):
    """A published briefing that quotes somebody by name, in its citation and in what its editor typed."""
    ready.author = User.objects.create_user("ada@example.org")
    said = ready.entries[0][0]
    Entry.objects.filter(pk=said.pk).update(
        author_key=author_key_of_user(ready.author),
        author_label="Ada Finch",
        quote_label="Ada Finch, caretaker",
        consent=Consent.NAMED,
    )
    excerpt = make_excerpt(said, ready.points[0], "Sentence 1.1 stands ahead.")
    blocks = ready.briefing.points.get_prep_value()
    blocks[0] = point_block(
        "Who keeps the key?", [excerpt], ready.points[0].pk, "Ada Finch put it best: “Sentence 1.1 stands ahead.”"
    )
    ready.briefing.points = json.dumps(blocks)
    ready.briefing.title = "“Sentence 1.1 stands ahead”: " + "who keeps the key must say so, " * 7
    ready.briefing.credit = "Edited by Ada Finch."
    ready.briefing.search_description = "“Sentence 1.1 stands ahead”, said Ada Finch."
    ready.publish()
    promised = add_follow_up(
        actor=make_organiser(),
        briefing=ready.briefing,
        point=ready.points[0],
        promise="See that “Sentence 1.1 stands ahead”",
        owner="Ada Finch",
        note="“Sentence 1.1 stands ahead”, as Ada Finch said.",
    )
    change_follow_up(actor=make_organiser(), follow_up=promised, note="Under way.")
    # A draft beyond what is published, with the same words.
    ready.briefing.opening = "<p>“Sentence 1.1 stands ahead”, said Ada Finch.</p>"
    ready.briefing.save_revision()
    return ready


def everywhere(client, briefing):
    """What a reader gets in each form, as text."""
    html = client.get(briefing.url).content.decode()
    entries = client.get(f"{briefing.short_path}entries/").content.decode()
    words = zipfile.ZipFile(io.BytesIO(client.get("/b/4.docx").content))
    pdf = client.get("/b/4.pdf").content
    assert bytes(Print.objects.get(briefing=briefing).content) == pdf
    return {
        "page": html,
        "entries": entries,
        "print": strip_tags(print_html(briefing)),
        "card": str(briefing.card_words()) + str(briefing.structured_data()),
        "word": "".join(words.read(name).decode() for name in words.namelist()),
        "data": client.get("/b/4.json").content.decode(),
        "drafts": json.dumps([one.content | {"": one.object_str} for one in briefing.revisions.all()]),
        "follow-ups": client.get(f"{briefing.short_path}follow-ups/").content.decode(),
        "feed": client.get(f"{briefing.short_path}follow-ups/feed/").content.decode(),
        "history": str(list(PageLogEntry.objects.filter(page=briefing.pk).values_list("label", "data"))),
    }


def test_erased_persons_words_and_name_leave_every_form_of_a_briefing(
    client, quoted, django_capture_on_commit_callbacks
):
    before = everywhere(client, quoted.briefing)
    assert [form for form, text in before.items() if "Sentence 1.1" not in " ".join(text.split())] == []
    latest = quoted.briefing.latest_revision_id

    with django_capture_on_commit_callbacks(execute=True):
        erasure = erase_person(actor=make_organiser(), subject=subject_of_user(quoted.author))

    briefing = BriefingPage.objects.get(pk=quoted.briefing.pk)
    for form, text in everywhere(client, briefing).items():
        assert "Sentence 1.1" not in " ".join(text.split()), form
        assert "Finch" not in text, form
    assert briefing.title.startswith(f"“{TAKEN_OUT}”: who keeps the key")
    assert len(briefing.title) <= 255
    assert briefing.draft_title == briefing.title
    assert f"{NAME_TAKEN_OUT} put it best: “{TAKEN_OUT}”" in client.get(briefing.url).content.decode()
    assert as_data(briefing)["points"][0]["citations"][0]["gone"] == "Erased at the author’s wish."
    assert briefing.latest_revision_id == latest
    assert briefing.live
    assert [one.number for one in briefing.published_points.all()] == [1, 2, 3]
    assert "cites them as 1a" in erasure.retained[0]
    assert erasure.changed["quotations"] == 4
    assert "Took words out" in client_history(client, briefing)


def client_history(client, briefing):
    client.force_login(make_organiser())
    return client.get(f"/admin/pages/{briefing.pk}/history/").content.decode()
