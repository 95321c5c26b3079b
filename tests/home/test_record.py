"""Who did what: one page and one file for organisers, out of every record there is."""

import csv
import datetime
from io import StringIO

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from wagtail.log_actions import log
from wagtail.models import ModelLogEntry

from discussion import actions as discussing
from events.models import EventPage
from gathering import actions as gathering
from gathering.models import Entry
from home import record
from home.record import Wanted
from live import actions as live
from people import roles
from people.actions import erase_person
from people.models import User
from people.personal import subject_of_user
from people.retention import forget_what_is_old
from tests.factories import live as make_live
from tests.factories.briefings import make_briefing, make_point
from tests.factories.discussion import comment, member, proposition_page

pytestmark = pytest.mark.django_db

ADDRESS = "/admin/reports/who-did-what/"


@pytest.fixture
def organiser():
    return member(roles.ORGANISERS, first_name="Odile", last_name="Farrow")


@pytest.fixture
def history(organiser):
    """One deed of each kind, by people who may."""
    page = proposition_page()
    said = comment(page, actor=member(first_name="Only", last_name="Delegate"))
    entry = Entry.objects.get(comment=said)
    judge = member(roles.MODERATORS, first_name="Maud", last_name="Penrose")
    editor = member(roles.EDITORS, first_name="Edith", last_name="Lorne")
    gathering.place_entry(actor=editor, entry=entry, point=make_point(page.event, page, 1, "What was said?"))
    discussing.hide_comment(actor=judge, comment=said, reason="It names a child.")
    session = make_live.live_session(page, state="waiting")
    runner = make_live.facilitator_of(session, first_name="Rhoda", last_name="Quill")
    session = live.open_session(actor=runner, session=session, version=session.version)
    shown = make_live.contribution(make_live.participant(session), "The ferry.")
    live.hide_contribution(actor=runner, session=session, contribution_id=shown.pk, reason="It names a child.")
    page.save_revision(user=editor).publish(user=organiser)
    gone = member(first_name="Gone", last_name="Person")
    comment(page, actor=gone)
    erase_person(actor=organiser, subject=subject_of_user(gone))
    client = Client()
    client.force_login(organiser)
    client.get(f"/live/{session.code}/export/csv/")
    return {"organiser": organiser, "judge": judge, "editor": editor, "runner": runner, "client": client}


def deeds(**wanted):
    return [(one.who, one.did, one.kind) for one in record.read(record.record(Wanted(**wanted)))]


def test_every_kind_of_deed_stands_in_one_record(history):
    found = deeds()

    for who, did, kind in (
        ("Edith Lorne", "Placed it under a point", record.DECISIONS),
        ("Maud Penrose", "Hidden: It names a child.", record.MODERATION),
        ("Rhoda Quill", "Opened the session", record.LIVE),
        ("Rhoda Quill", "Hid a contribution", record.MODERATION),
        ("Odile Farrow", "Erased somebody: An organiser", record.ERASURES),
        ("Odile Farrow", "Signed in", record.PEOPLE),
        ("Odile Farrow", "Took a file: What was said, as CSV", record.FILES),
    ):
        assert (who, did, kind) in found
    assert any(kind == record.PUBLISHING and who == "Odile Farrow" for who, _, kind in found)
    assert any(did.startswith("Given a role") for _, did, _ in found)
    assert "Only Delegate" not in {who for who, _, _ in found}


@pytest.mark.parametrize("kind", record.KINDS)
def test_record_is_narrowed_by_kind_and_each_deed_has_one(history, kind):
    found = deeds(kind=kind)

    assert {one[2] for one in found} <= {kind}
    assert found == [one for one in deeds() if one[2] == kind]


def test_record_is_narrowed_by_person_and_day(history):
    runner, today = history["runner"], timezone.localdate()

    assert {who for who, _, _ in deeds(person=runner.pk)} == {"Rhoda Quill"}
    assert {did for _, did, _ in deeds(person=runner.pk)} >= {"Opened the session", "Hid a contribution"}
    assert deeds(since=today, until=today) == deeds()
    assert deeds(until=today - datetime.timedelta(days=1)) == []
    assert deeds(since=today + datetime.timedelta(days=1)) == []


def test_record_is_newest_first_and_costs_the_same_with_many(history, django_assert_max_num_queries):
    times = [one.at for one in record.read(record.record(Wanted()))]

    assert times == sorted(times, reverse=True)
    with django_assert_max_num_queries(8):
        record.read(record.record(Wanted())[:50])


def test_erased_persons_deeds_stay_and_name_nobody(history):
    editor = history["editor"]
    email = editor.email
    erase_person(actor=history["organiser"], subject=subject_of_user(editor))

    page = history["client"].get(ADDRESS).text

    assert "Edith" not in page
    assert "Lorne" not in page
    assert email not in page
    assert "@erased.invalid" not in page
    assert "Somebody who was erased" in page
    assert ("Somebody who was erased", "Placed it under a point", record.DECISIONS) in deeds()


def test_page_and_file_show_what_was_asked_for(history):
    client = history["client"]

    page = client.get(ADDRESS, {"kind": record.MODERATION, "person": history["judge"].pk})
    file = client.get(ADDRESS, {"kind": record.MODERATION, "export": "csv"})
    rows = list(csv.reader(StringIO(b"".join(file.streaming_content).decode())))

    assert [one.who for one in page.context["deeds"]] == ["Maud Penrose"]
    assert page.context["deeds"][0].about.startswith("Comment ")
    assert "mends nets" not in page.text
    assert "Hidden: It names a child." in page.text
    assert rows[0] == ["When", "Who", "Did", "About", "Kind"]
    assert {row[4] for row in rows[1:]} == {record.MODERATION}
    assert len(rows) == 1 + len(deeds(kind=record.MODERATION))
    assert file["Content-Disposition"].startswith("attachment")
    # Who takes the record stands in it.
    assert ("Odile Farrow", "Took a file: The record of who did what, as CSV", record.FILES) in deeds()


def test_file_that_a_command_took_stands_with_whoever_ran_it(history, tmp_path, monkeypatch):
    monkeypatch.setenv("SUDO_USER", "ferryman")
    email = User.objects.get(first_name="Only").email
    event = EventPage.objects.get()
    briefing = make_briefing(event)
    briefing.unpublish()

    call_command("export_event", event.slug, output=tmp_path / "event.zip", no_print=True)
    call_command("export_wordpress", output=tmp_path / "site.xml")
    call_command("export_person", email, stdout=StringIO())
    call_command("export_briefing", briefing.slug, format="json", output=str(tmp_path / "draft"), stderr=StringIO())
    page = history["client"].get(ADDRESS, {"kind": record.FILES}).text

    assert [one[1] for one in deeds(kind=record.FILES) if one[0] == "ferryman, on the server"] == [
        "Took a file: A draft, as JSON",
        "Took a file: All that is kept about one person",
        "Took a file: Posts and comments for WordPress",
        "Took a file: The event as an archive",
    ]
    assert "ferryman, on the server" in page
    # Whose data it was, the record does not keep.
    assert email not in page


def test_formulas_in_the_file_are_defused(history):
    page = proposition_page(title="=HYPERLINK(1)")
    log(instance=page, action="wagtail.edit", user=history["organiser"])

    told = "".join(record.table(Wanted()))

    assert ",=HYPERLINK" not in told
    assert "HYPERLINK" in told


@pytest.mark.parametrize(
    "query",
    ["?person=x&kind=y&since=z", "?p=0", "?p=99999999", "?since=9999-12-31&until=0001-01-01", "?until=9999-12-31"],
)
def test_nonsense_asks_for_nothing_in_particular(history, query):
    assert history["client"].get(ADDRESS + query).status_code == 200


@pytest.mark.parametrize("role", [roles.EDITORS, roles.MODERATORS, roles.FACILITATORS])
def test_record_is_for_organisers(client, role):
    client.force_login(member(role))

    assert client.get(ADDRESS).status_code == 302
    assert "Who did what" not in client.get("/admin/", follow=True).text


def test_roles_are_recorded_with_who_gave_them(organiser):
    somebody = member()
    client = Client()
    client.force_login(organiser)
    editors = member(roles.EDITORS).groups.get()
    form = {
        "email": somebody.email,
        "first_name": "M",
        "last_name": "Q",
        "is_active": "on",
        "groups": [editors.pk],
    }
    client.post(reverse("wagtailusers_users:edit", args=[somebody.pk]), form)
    recorded = ModelLogEntry.objects.filter(action="people.give_role", object_id=str(somebody.pk))

    somebody.groups.add(editors)
    somebody.groups.remove(editors)

    assert [entry.message for entry in ModelLogEntry.objects.filter(action="people.take_role")] == [
        "Taken a role: Editors"
    ]
    for entry in recorded:
        assert entry.message == "Given a role: Editors"


def test_record_ends_as_the_privacy_page_says(history):
    ModelLogEntry.objects.filter(action="people.sign_in").update(timestamp=timezone.now() - datetime.timedelta(days=91))
    ModelLogEntry.objects.exclude(action="people.sign_in").update(
        timestamp=timezone.now() - datetime.timedelta(days=89)
    )

    gone = forget_what_is_old()

    assert gone["sign-ins in the record"] >= 1
    assert gone["the record of who did what"] == 0
    assert record.FILES in {kind for _, _, kind in deeds()}
    assert "Signed in" not in {did for _, did, _ in deeds()}
