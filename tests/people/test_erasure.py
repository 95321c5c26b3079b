"""A person erased is found nowhere: not in any table, cache, file, feed, search or export."""

import io
import json

import pytest
from django.core import mail
from django.core.cache import caches
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from briefings.models import BriefingPage, FollowUp
from content import readers
from content.mail import send_later
from discussion import actions as discussing
from discussion import follows
from discussion.models import Comment, Contact
from gathering import actions as gathering
from gathering.models import Entry
from live import actions as live
from live.models import Contribution, Participant
from live.permissions import OPERATOR
from people import actions, roles
from people.consent import Consent
from people.exceptions import LastOrganiser, NotAllowed, NothingKept
from people.keys import author_key_of_user
from people.models import Erasure, Person, PersonalLink, User
from people.personal import Subject, everything_about, subject_of_email, subject_of_user
from tests.factories import briefings as make_briefings
from tests.factories import live as make_live
from tests.factories.discussion import comment, event_page, member, pending, proposition_page, token_in_mail
from tests.factories.people import picture
from tests.sweeps import places_of

pytestmark = pytest.mark.django_db

CANARY = "zyqx"
EMAIL = f"{CANARY}.person@example.org"


@pytest.fixture
def canary():
    """Somebody who did everything a person can do here, with a word in it that nobody else says."""
    user = member(email=EMAIL, first_name=f"{CANARY} first", last_name=f"{CANARY} last")
    portrait = picture(f"{CANARY} portrait")
    Person.objects.filter(user=user).delete()
    Person.objects.create(
        name=f"{CANARY} Name",
        slug=f"{CANARY}-name",
        role=f"{CANARY} role",
        organisation=f"{CANARY} council",
        biography=f"{CANARY} was born",
        portrait=portrait,
        user=user,
    )
    return User.objects.get(pk=user.pk)


@pytest.fixture
def trail(canary):
    """What they left: comments with an earlier text, without an account too; a session; votes; letters."""
    event = event_page()
    proposition = proposition_page(event)
    said = comment(proposition, actor=canary, body=f"{CANARY} said this first.", consent=Consent.NAMED)
    discussing.edit_comment(actor=canary, comment=said, body=f"{CANARY} said this then.")
    answer = comment(proposition, body="An answer by somebody else.", parent=said)
    other = comment(proposition, body="Of another.")
    discussing.flag_comment(actor=canary, comment=other, voter_key=author_key_of_user(canary), reason=f"{CANARY} minds")
    discussing.support_comment(actor=canary, comment=other, voter_key=author_key_of_user(canary))
    waiting = pending(proposition, name=f"{CANARY} Name", email=EMAIL, body=f"{CANARY} not confirmed")
    session = make_live.live_session(proposition)
    speaker = make_live.participant(session, user=canary, identity="name", name=f"{CANARY} Name", role=f"{CANARY} role")
    spoken = make_live.contribution(speaker, f"{CANARY} spoke in the room.")
    live.edit_contribution(participant=speaker, contribution_id=spoken.pk, body=f"{CANARY} spoke otherwise.")
    one = {"actor": OPERATOR, "session": session, "contribution_id": spoken.pk}
    live.tag_contribution(**one, tag=f"{CANARY} again")
    session.refresh_from_db()
    live.put_comment(actor=OPERATOR, session=session, version=session.version, comment_id=said.pk)
    follows.follow_page(actor=canary, page=proposition, email=EMAIL)
    send_later(mail.EmailMessage(f"For {CANARY}", f"Dear {CANARY}", to=[EMAIL]))
    entry = Entry.objects.get(comment=said)
    point = make_briefings.make_point(event, proposition, 1, "What was said?")
    editor = member(roles.EDITORS)
    gathering.place_entry(actor=editor, entry=entry, point=point)
    entry.refresh_from_db()
    excerpt = gathering.pick_excerpt(actor=editor, entry=entry, point=point, text=f"{CANARY} said this first.")
    briefing = make_briefings.make_briefing(
        event,
        proposition,
        opening=f"<p>{entry.author_label} told us that “{CANARY} said this”.</p>",
        points=[
            make_briefings.point_block(
                f"What of “{CANARY} said this first”?", [excerpt], point.pk, f"“{CANARY} said this <i>first</i>.”"
            ),
            *(make_briefings.point_block() for _ in range(2)),
        ],
    )
    briefing.save_revision()
    FollowUp.objects.create(
        briefing=briefing,
        point=point,
        promise="A bench by spring.",
        owner=f"{CANARY} Name",
        owner_email=EMAIL,
    )
    FollowUp.objects.create(
        briefing=briefing, point=point, promise="Two benches.", owner=f"{CANARY} Name, for the council", state="dropped"
    )
    client = Client()
    client.force_login(canary)
    client.get(reverse("gathering:words"))
    return {
        "proposition": proposition, "said": said, "answer": answer, "other": other, "waiting": waiting,
        "session": session, "spoken": spoken, "entry": entry, "client": client,
    }  # fmt: skip


def test_canary_is_heard_before_it_is_erased(trail):
    """The sweep must be able to find it, or finding nothing says nothing."""
    found = places_of(CANARY)

    for place in (
        "people_user.email",
        "people_person.name",
        "django_comments.comment",
        "discussion_commentversion.body",
        "discussion_pendingcomment.body",
        "discussion_flag.reason",
        "live_participant.name",
        "live_contribution.body",
        "gathering_entry.text",
        "gathering_excerpt.text",
        "briefings_briefingpage.points",
        "briefings_briefingpage.opening",
        "wagtailcore_revision.content",
        "live_contributionversion.body",
        "discussion_follower.email",
        "briefings_followup.owner_email",
    ):
        assert place in found


def test_erased_person_is_found_nowhere(canary, trail, settings, monkeypatch, django_capture_on_commit_callbacks):
    settings.READER_CACHE_SECONDS = 60
    monkeypatch.setattr(readers, "FRESH_FOR", 0)
    address = trail["proposition"].get_url()
    assert CANARY in Client().get(address).text
    portrait = Person.objects.get(user=canary).portrait.file

    with django_capture_on_commit_callbacks(execute=True):
        actions.erase_person(actor=canary, subject=subject_of_user(canary))

    assert places_of(CANARY) == []
    assert not portrait.storage.exists(portrait.name)
    for alias in caches:
        kept = getattr(caches[alias], "_cache", {})
        assert not [key for key, value in kept.items() if key.endswith(address) and CANARY.encode() in value]
    for sink in (address, "/search/?q=" + CANARY, "/people/", "/news/feed/", trail["session"].page.get_url()):
        assert CANARY not in Client().get(sink).text.replace(f"q={CANARY}", "").replace(f"“{CANARY}”", "").replace(
            f'value="{CANARY}"', ""
        )
    caches["readers"].clear()


def test_threads_and_counts_stay(canary, trail):
    actions.erase_person(actor=canary, subject=subject_of_user(canary))

    page = Client().get(trail["proposition"].get_url()).text
    assert "An answer by somebody else." in page
    trail["other"].refresh_from_db()
    assert trail["other"].support_count == 1
    assert trail["other"].supports.count() == 1
    entry = Entry.objects.get(pk=trail["entry"].pk)
    assert entry.erased_at is not None
    assert entry.author_key.startswith("erased-")
    assert Contribution.objects.get(pk=trail["spoken"].pk).state == Contribution.State.WITHDRAWN
    assert Comment.objects.get(pk=trail["said"].pk).state == "withdrawn"


def test_what_was_said_under_an_older_key_is_found_and_erased(settings):
    author = member(email=EMAIL)
    said = comment(proposition_page(event_page()), actor=author, body=f"{CANARY} said this.")
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = (
        [settings.SECRET_KEY],
        "another key, with chance in it: 0123456789abcdef",
    )

    assert CANARY in json.dumps(everything_about(subject_of_email(EMAIL)))
    actions.erase_person(actor=author, subject=subject_of_user(author))

    assert not Comment.objects.filter(pk=said.pk, comment__contains=CANARY).exists()
    assert not Entry.objects.filter(text__contains=CANARY).exists()


def test_account_is_shut(canary, trail):
    actions.erase_person(actor=canary, subject=subject_of_user(canary))

    answer = trail["client"].get(reverse("account_email"))
    assert answer.status_code == 302
    canary.refresh_from_db()
    assert not canary.is_active
    assert not canary.has_usable_password()


def test_session_on_screens_takes_it_off(canary, trail):
    trail["session"].refresh_from_db()
    before = trail["session"].stream.seq

    actions.erase_person(actor=canary, subject=subject_of_user(canary))

    kinds = list(trail["session"].stream.events.filter(seq__gt=before).values_list("kind", flat=True))
    assert kinds == ["prompt.edited", "contribution.withdrawn"]


def test_everything_can_be_taken_along(canary, trail):
    kept = everything_about(subject_of_user(canary))

    told = json.dumps(kept)
    for words in (
        "said this then",
        "said this first",
        "not confirmed",
        "spoke in the room",
        "minds",
        "was born",
        EMAIL,
    ):
        assert words in told
    assert "An answer by somebody else." not in told
    assert "Of another." not in told


def test_restored_backup_is_erased_again(canary, trail):
    actions.erase_person(actor=canary, subject=subject_of_user(canary))
    # As a backup from before would bring it back.
    canary.email, canary.is_active, canary.first_name = EMAIL, True, CANARY
    canary.save()
    Comment.objects.filter(pk=trail["said"].pk).update(author_key=author_key_of_user(canary))
    said = Comment.objects.get(pk=trail["said"].pk)
    said.comment = f"{CANARY} is back"
    said.save()
    Participant.objects.filter(session=trail["session"]).update(
        author_key=author_key_of_user(canary), name=f"{CANARY} Name"
    )
    assert places_of(CANARY)

    out = io.StringIO()
    call_command("replay_erasures", stdout=out)

    assert places_of(CANARY) == []
    assert "1 erasures on record, 1 of them made again." in out.getvalue()


def test_nothing_of_others_changes(canary, trail):
    def others():
        return {
            "comments": list(Comment.objects.exclude(pk=trail["said"].pk).values_list("comment", "user_name")),
            "users": list(User.objects.exclude(pk=canary.pk).values_list("email", "is_active")),
            "entries": list(Entry.objects.exclude(author_key=author_key_of_user(canary)).values_list("text")),
        }

    before = others()
    entries = before.pop("entries")

    actions.erase_person(actor=canary, subject=subject_of_user(canary))

    after = others()
    assert [text for text in after.pop("entries") if text[0]] == entries
    assert after == before


def test_address_without_account_is_erased_by_its_link(client, django_capture_on_commit_callbacks):
    proposition = proposition_page(event_page())
    with django_capture_on_commit_callbacks(execute=True):
        pending(proposition, name=f"{CANARY} Guest", email=EMAIL, body=f"{CANARY} has no account.")
    discussing.confirm_comment(actor=None, token=token_in_mail())
    assert Contact.objects.filter(email=EMAIL).exists()
    with django_capture_on_commit_callbacks(execute=True):
        client.post("/my-data/", {"do": "ask", "email": EMAIL.upper()})
    link = next(line for line in mail.outbox[-1].body.splitlines() if "/my-data/" in line)
    path = link.partition("://")[2].partition("/")[2]

    shown = client.get(f"/{path}")
    refused = client.post(f"/{path}", {"do": "erase"})

    assert "Comments" in shown.text
    assert refused.status_code == 422
    assert "Tick the box" in refused.text
    assert Contact.objects.exists()

    done = client.post(f"/{path}", {"do": "erase", "understood": "on"})

    assert "You are erased" in done.text
    assert places_of(CANARY) == []
    assert client.get(f"/{path}").status_code == 410


def test_whole_name_in_the_words_of_others_is_left_for_an_organiser_to_decide(canary, trail):
    page = trail["proposition"]
    page.statement = [("paragraph", f"<p>We thank {CANARY} Name for the kettle.</p>")]
    page.save()
    comment(page, body=f"As {CANARY} Name said.")
    comment(page, body="As somebody whose name is another's said.")

    told = trail["client"].post(reverse("personal"), {"do": "erase", "understood": "on"}).text

    left = Erasure.objects.get().retained
    assert sum("in the words of others" in sentence for sentence in left) == 2
    assert "Others name you in their own words" in told
    assert f"A comment on “{page.title}”" in told


def test_browser_is_told_to_forget_what_its_pages_kept(canary, trail):
    answer = trail["client"].post(reverse("personal"), {"do": "erase", "understood": "on"})

    assert answer.status_code == 200
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert answer.cookies["device"]["max-age"] == 0


def test_stranger_learns_nothing_by_asking(client, django_capture_on_commit_callbacks):
    known = member(email="known@example.org")
    mail.outbox.clear()

    with django_capture_on_commit_callbacks(execute=True):
        answers = [
            client.post("/my-data/", {"do": "ask", "email": email}) for email in (known.email, "other@example.org")
        ]

    assert [message.to for message in mail.outbox] == [[known.email]]
    first, second = (answer.text.replace(known.email, "X").replace("other@example.org", "X") for answer in answers)
    assert first == second


def test_mailbox_cannot_be_filled(client, django_capture_on_commit_callbacks):
    member(email="known@example.org")
    mail.outbox.clear()
    for _ in range(5):
        with django_capture_on_commit_callbacks(execute=True):
            client.post("/my-data/", {"do": "ask", "email": "known@example.org"})

    assert len(mail.outbox) == 3
    assert PersonalLink.objects.count() == 3


def test_next_person_at_the_browser_cannot_erase_who_signed_in_there(client, canary):
    proposition = proposition_page(event_page())
    client.force_login(canary)
    answer = client.post(
        reverse("comments-post-comment"),
        {"page": proposition.pk, "comment": f"{CANARY} from a shared computer.", "consent": "role"},
        headers={"Origin": "http://testserver"},
    )
    assert answer.status_code < 500
    client.logout()

    page = client.get("/my-data/")

    assert "Nothing is kept about anybody who uses this browser" in page.text


def test_only_the_person_or_an_organiser_may(canary, trail):
    with pytest.raises(NotAllowed):
        actions.erase_person(actor=member(), subject=subject_of_user(canary))
    erasure = actions.erase_person(actor=member(roles.ORGANISERS), subject=subject_of_user(canary))
    assert erasure.by_whom == "organiser"


def test_only_organiser_hands_over_first(canary):
    only = member(roles.ORGANISERS)
    User.objects.filter(is_superuser=True).delete()
    with pytest.raises(LastOrganiser):
        actions.erase_person(actor=only, subject=subject_of_user(only))
    member(roles.ORGANISERS)
    actions.erase_person(actor=only, subject=subject_of_user(only))


def test_nobody_cannot_be_erased():
    with pytest.raises(NothingKept):
        actions.erase_person(actor=None, subject=Subject())
    with pytest.raises(NothingKept):
        actions.erase_person(actor=None, subject=subject_of_email("nobody@example.org"))
    assert not Erasure.objects.exists()


def test_organiser_decides_about_quotations_in_print(client, django_capture_on_commit_callbacks):
    ready = make_briefings.make_ready_briefing()
    ready.briefing.save_revision().publish()
    briefing = BriefingPage.objects.get(pk=ready.briefing.pk)
    key = Entry.objects.filter(excerpts__publications__published_point__briefing=briefing).first().author_key
    organiser = member(roles.ORGANISERS, email="organiser@example.org")
    mail.outbox.clear()

    with django_capture_on_commit_callbacks(execute=True):
        erasure = actions.erase_person(actor=None, subject=Subject(author_keys=frozenset({key})))

    assert f"Briefing “{briefing.title}” cites them" in erasure.retained[0]
    assert [message.to for message in mail.outbox] == [["organiser@example.org"]]
    client.force_login(organiser)
    page = client.get(reverse("erasures:edit", args=[erasure.pk]))
    assert briefing.title in page.text
    client.post(reverse("erasures:edit", args=[erasure.pk]), {"decision": "Printed copies stay; the web is changed."})
    erasure.refresh_from_db()
    assert erasure.decision == "Printed copies stay; the web is changed."
    assert erasure.decided_at is not None
    client.force_login(member(roles.EDITORS))
    assert client.get(reverse("erasures:edit", args=[erasure.pk])).status_code in (302, 403)


def test_commands_erase_and_export_for_an_organiser(canary, trail):
    organiser = member(roles.ORGANISERS)
    out = io.StringIO()
    call_command("export_person", EMAIL, stdout=out)
    assert "spoke otherwise" in json.loads(out.getvalue())["contributions"][0]["text"]
    with pytest.raises(CommandError, match="no organiser"):
        call_command("erase_person", EMAIL, by="nobody@example.org", yes=True)
    with pytest.raises(CommandError, match="Nothing is kept"):
        call_command("erase_person", "nobody@example.org", by=organiser.email, yes=True)

    call_command("erase_person", EMAIL, by=organiser.email, yes=True, stdout=out)

    assert places_of(CANARY) == []
