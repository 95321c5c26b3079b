"""Where somebody's words went: everything they said and nothing of anybody else, and one message to those who asked."""

import re

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from discussion.devices import key_of_token
from gathering.actions import (
    create_points,
    erase_entries,
    make_link,
    merge_entries,
    pick_excerpt,
    place_entries,
    place_entry,
    set_aside_entries,
    show_ledger,
    wish_to_be_told,
)
from gathering.exceptions import WishRefused
from gathering.models import Entry, Wish, WishContact, WordsLink
from gathering.tasks import tell_contributors
from live.actions.joining import hash_of_token
from people.consent import Consent
from people.keys import author_key_of_address, author_key_of_user
from tests.factories.gathering import (
    MORNING,
    CommentFactory,
    EditorFactory,
    EntryFactory,
    EventPageFactory,
    LiveSessionFactory,
    ParticipantFactory,
    PropositionPageFactory,
    UserFactory,
    organiser,
)

pytestmark = pytest.mark.django_db

TOKEN = "A" * 43


@pytest.fixture
def event():
    return EventPageFactory(title="The Ladder Summit")


@pytest.fixture
def editor():
    return EditorFactory()


@pytest.fixture
def points(event, editor):
    points = create_points(actor=editor, event=event)
    points[2].working_title = "Who counts the ladders?"
    points[2].save()
    return points


def text_of(response):
    main = response.content.decode().partition("<main")[2].partition("</main>")[0]
    return " ".join(re.sub(r"<[^>]+>", "", re.sub(r"(</p>|</li>|</h\d>|</span>)", " ", main)).split())


def test_each_thing_said_has_its_state_its_reason_and_its_point(client, event, editor, points):
    user = UserFactory()
    key = author_key_of_user(user)
    said = [EntryFactory(event=event, author_key=key, text=f"Thing number {n}.", said_at=MORNING) for n in range(5)]
    target = EntryFactory(event=event)
    place_entries(actor=editor, entries=[target], point=points[2])
    merge_entries(actor=editor, entries=[said[2], EntryFactory(event=event)], into=target)
    pick_excerpt(actor=editor, entry=said[0], point=points[2], text="Thing number")
    place_entries(actor=editor, entries=[said[1]], point=points[0])
    set_aside_entries(actor=editor, entries=[said[3]], reason="About the venue. Passed to the organiser")
    EntryFactory(event=event, text="Nobody else's words.")
    client.force_login(user)

    response = client.get(reverse("gathering:words"))

    page = text_of(response)
    assert "You said five things as “Roofer”. This is what became of each." in page
    assert "2 used 1 merged 1 set aside 1 undecided" in page
    when = "Said live on 14 October, 10.00."
    draft = "of the draft"
    assert (
        f"3 Used in point 3 {draft} Thing number 0. {when} Quoted by role: “Roofer”. 3 Who counts the ladders?" in page
    )
    assert f"1 Used in point 1 {draft} Thing number 1. {when} Read by the editor, not quoted." in page
    assert f"Merged with 2 others Thing number 2. {when}" in page
    assert "It stands with two that say the same; together they support point 3 of the draft." in page
    assert f"Set aside Thing number 3. {when} Reason: About the venue. Passed to the organiser." in page
    assert "Undecided Thing number 4." in page
    assert "Nobody else" not in page
    assert 'mark class="excerpt-mark">Thing number</mark>' in response.content.decode()
    assert response.headers["Cache-Control"].startswith("max-age=0")


def test_account_sees_what_was_said_under_its_address_before(client, event):
    EntryFactory(event=event, text="The keys hang too high.", author_key=author_key_of_address("Odo@Example.org"))
    EntryFactory(event=event, text="Nobody else’s.", author_key=author_key_of_address("ida@example.org"))
    client.force_login(UserFactory(email="odo@example.org"))

    page = client.get(reverse("gathering:words")).content.decode()

    assert "The keys hang too high." in page
    assert "Nobody else’s." not in page


def test_device_of_a_room_and_of_comments_sees_what_it_said(client, event):
    participant = ParticipantFactory(session=LiveSessionFactory(event=event), token_hash=hash_of_token(TOKEN))
    EntryFactory(event=event, author_key=participant.author_key, text="Said in the room.")
    comment = CommentFactory(page=event, device_key=key_of_token(TOKEN), author_key="mail-key")
    EntryFactory(event=event, author_key="mail-key", comment=comment, text="Written before.")
    EntryFactory(event=event, text="Said by another.")

    assert "Nothing said from this device has come to be sorted yet." in text_of(client.get(reverse("gathering:words")))
    client.cookies["device"] = TOKEN
    page = text_of(client.get(reverse("gathering:words")))

    assert "Said in the room." in page
    assert "Written before." in page
    assert "another" not in page


def test_link_is_made_once_hashed_and_opens_without_a_device(client, event):
    user = UserFactory()
    EntryFactory(event=event, author_key=author_key_of_user(user), text="Mine alone.")
    client.force_login(user)

    response = client.post(reverse("gathering:words"), {"do": "keep"})
    client.logout()

    token = response.url.rstrip("/").rpartition("/")[2]
    assert len(token) >= 32
    assert token not in str(list(WordsLink.objects.values()))
    opened = client.get(response.url)
    assert "Mine alone." in text_of(opened)
    assert "Withdraw" not in text_of(opened)
    assert opened.headers["Referrer-Policy"] == "same-origin"
    assert (
        client.get(
            reverse("gathering:words_by_link", args=[token[:-1] + ("y" if token[-1] == "x" else "x")])
        ).status_code
        == 404
    )
    assert client.get(reverse("gathering:words_by_link", args=["x"])).status_code == 404


def test_no_link_is_made_for_nothing(client):
    response = client.post(reverse("gathering:words"), {"do": "keep"})

    assert response.url == reverse("gathering:words")
    assert not WordsLink.objects.exists()


def test_erased_words_are_gone_from_the_page_with_their_link(client, event):
    EntryFactory(event=event, author_key="me", text="Canary words.")
    token = make_link(author_keys=["me"])
    wish_to_be_told(author_keys=["me"], event=event, email="me@example.org")

    erase_entries(author_keys=["me"], actor=None)

    assert client.get(reverse("gathering:words_by_link", args=[token])).status_code == 404
    assert not Wish.objects.exists()
    assert not WishContact.objects.exists()


def test_wish_is_kept_apart_from_its_address_and_granted_once(client, event):
    proposition = PropositionPageFactory(parent=event)
    other = PropositionPageFactory(parent=event)
    EntryFactory(event=event, proposition=proposition, author_key="me", text="Count them twice.")
    address = reverse("gathering:words_by_link", args=[make_link(author_keys=["me"])])

    page = text_of(client.post(address, {"event": event.pk, "email": "me@example.org"}))
    client.post(address, {"event": event.pk, "email": "mine@example.org"})

    assert "You will be told once." in page
    assert Wish.objects.count() == 1
    assert tell_contributors.call(event.pk, other.pk, "Another briefing", "https://example.org/5") == 0
    assert tell_contributors.call(event.pk, proposition.pk, "Count before the storm", "https://example.org/4") == 1
    assert tell_contributors.call(event.pk, proposition.pk, "Count before the storm", "https://example.org/4") == 0
    [message] = mail.outbox
    assert message.to == ["mine@example.org"]
    assert message.subject == "Where your words went: The Ladder Summit"
    assert "https://example.org/4" in message.body
    assert not WishContact.objects.exists()
    link = re.search(r"/words/[\w-]+/", message.body).group()
    assert "Count them twice." in text_of(client.get(link))
    again = client.post(link, {"event": event.pk, "email": "me@example.org"})
    assert again.status_code == 422
    assert "You were told on" in text_of(again)


@pytest.mark.parametrize("email", ["", "no address", "a@b", "me@example.org\nBcc: you@example.org"])
def test_bad_address_is_said_beside_the_field(client, event, email):
    EntryFactory(event=event, author_key="me")
    address = reverse("gathering:words_by_link", args=[make_link(author_keys=["me"])])

    response = client.post(address, {"event": event.pk, "email": email})

    assert response.status_code == 422
    assert 'aria-invalid="true"' in response.content.decode()
    assert not WishContact.objects.exists()


def test_wish_for_an_event_where_one_said_nothing_is_refused(client, event):
    other = EventPageFactory()
    EntryFactory(event=event, author_key="me")
    address = reverse("gathering:words_by_link", args=[make_link(author_keys=["me"])])

    client.post(address, {"event": other.pk, "email": "me@example.org"})

    assert not Wish.objects.exists()
    with pytest.raises(WishRefused):
        wish_to_be_told(author_keys=["me"], event=other, email="me@example.org")


def test_withdrawn_words_say_so(client, event):
    user = UserFactory()
    EntryFactory(
        event=event, author_key=author_key_of_user(user), source_withdrawn_at="2026-10-14T10:00Z", text="Taken back."
    )
    client.force_login(user)

    assert "You withdrew it: it is not quoted." in text_of(client.get(reverse("gathering:words")))


def test_page_asks_as_many_questions_for_one_thing_as_for_thirty(client, event, editor, points):
    user = UserFactory()
    client.force_login(user)

    def grow(count):
        target = EntryFactory(event=event)
        for entry in EntryFactory.create_batch(count, event=event, author_key=author_key_of_user(user)):
            pick_excerpt(actor=editor, entry=entry, point=points[1], text=entry.text)
        merged = EntryFactory.create_batch(count, event=event, author_key=author_key_of_user(user))
        merge_entries(actor=editor, entries=merged, into=target)

    def queries():
        with CaptureQueriesContext(connection) as captured:
            client.get(reverse("gathering:words"))
        return len(captured)

    grow(1)
    queries()
    few = queries()
    grow(15)

    assert queries() == few


# What became of everything


def test_ledger_is_shown_only_if_the_organiser_says_so(client, event):
    EntryFactory(event=event, text="Count them twice.")
    address = reverse("gathering:ledger", args=[event.slug])

    assert client.get(address).status_code == 404
    client.force_login(EditorFactory())
    assert "Only editors see this page." in text_of(client.get(address))
    client.logout()
    show_ledger(actor=organiser(), event=event, shows=True)
    assert "Count them twice." in text_of(client.get(address))
    show_ledger(actor=organiser(), event=event, shows=False)
    assert client.get(address).status_code == 404
    assert client.get(reverse("gathering:ledger", args=["no-such-event"])).status_code == 404


def test_ledger_of_a_draft_event_is_not_found(client):
    event = EventPageFactory(live=False)
    show_ledger(actor=organiser(), event=event, shows=True)

    assert client.get(reverse("gathering:ledger", args=[event.slug])).status_code == 404


def test_ledger_shows_no_names_and_no_words_that_may_not_be_shown(client, event, editor, points):
    show_ledger(actor=organiser(), event=event, shows=True)
    secret = {"author_label": "SECRET NAME", "quote_label": "SECRET NAME"}
    EntryFactory(event=event, text="Shown words.", **secret)
    EntryFactory(event=event, text="SECRET unquotable", consent=Consent.NONE, **secret)
    EntryFactory(event=event, text="SECRET hidden", source_hidden_at="2026-10-14T10:00Z", **secret)
    EntryFactory(event=event, text="SECRET withdrawn", source_withdrawn_at="2026-10-14T10:00Z", **secret)
    EntryFactory(event=event, text="SECRET erased", erased_at="2026-10-14T10:00Z", **secret)

    page = client.get(reverse("gathering:ledger", args=[event.slug])).content.decode()

    assert "Shown words." in page
    assert "SECRET" not in page
    assert "Hidden by a moderator." in page
    assert "Withdrawn by its author." in page


def test_ledger_says_why_what_is_merged_was_set_aside_and_what_was_changed_since(client, event, editor):
    show_ledger(actor=organiser(), event=event, shows=True)
    head, merged = EntryFactory.create_batch(2, event=event)
    EntryFactory(event=event, source_edited_at="2026-10-14T10:00Z")
    set_aside_entries(actor=editor, entries=[head], reason="Off the question")
    merge_entries(actor=editor, entries=[merged], into=head)

    page = text_of(client.get(reverse("gathering:ledger", args=[event.slug])))

    assert "Merged, and set aside with the others" in page
    assert page.count("Reason: Off the question.") == 2
    assert page.count("has changed these words since.") == 1


def test_ledger_is_narrowed_by_fate_and_proposition(client, event, editor, points):
    show_ledger(actor=organiser(), event=event, shows=True)
    one = PropositionPageFactory(parent=event, number=1)
    two = PropositionPageFactory(parent=event, number=2)
    first = EntryFactory(event=event, proposition=one, text="First words.")
    EntryFactory(event=event, proposition=two, text="Second words.")
    place_entries(actor=editor, entries=[first], point=points[0])
    address = reverse("gathering:ledger", args=[event.slug])

    assert "Second words." not in text_of(client.get(address, {"became": "used"}))
    assert "First words." not in text_of(client.get(address, {"proposition": "2"}))
    everything = text_of(client.get(address, {"became": "x", "proposition": "y", "page": "z"}))
    assert "First words." in everything
    assert "Second words." in everything


def test_ledger_says_which_part_it_is_and_comes_whole_to_print(client, event, editor, points):
    show_ledger(actor=organiser(), event=event, shows=True)
    address = reverse("gathering:ledger", args=[event.slug])
    first, *_ = EntryFactory.create_batch(61, event=event)

    said = text_of(client.get(address))
    assert "61 of them are still undecided. Each will end somewhere, by an editor’s decision" in said
    assert "1 to 60 of 61, page 1 of 2. All on one page, to print" in said
    said = text_of(client.get(address, {"all": "1"}))
    assert said.count("Undecided") == text_of(client.get(address, {"page": "2"})).count("Undecided") + 60
    assert "page 1 of" not in said
    Entry.objects.filter(event=event).exclude(pk=first.pk).delete()
    place_entry(actor=editor, entry=first, point=points[0])
    assert "Each ends somewhere, by an editor’s decision" in text_of(client.get(address))


def test_ledger_asks_as_many_questions_for_one_entry_as_for_fifty(client, event, editor, points):
    show_ledger(actor=organiser(), event=event, shows=True)
    address = reverse("gathering:ledger", args=[event.slug])

    def queries():
        with CaptureQueriesContext(connection) as captured:
            client.get(address)
        return len(captured)

    target = EntryFactory(event=event)
    place_entries(actor=editor, entries=[target], point=points[0])
    merge_entries(actor=editor, entries=[EntryFactory(event=event)], into=target)
    queries()
    few = queries()
    merge_entries(actor=editor, entries=EntryFactory.create_batch(48, event=event), into=target)

    assert Entry.objects.count() == 50
    assert queries() == few
