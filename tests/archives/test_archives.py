import csv
import datetime
import io
import json
import zipfile

import jsonschema
import pytest
from django.contrib.auth.models import Group
from django.core.files.base import ContentFile
from django.core.files.images import ImageFile
from django.core.management import call_command
from PIL import Image
from wagtail.contrib.redirects.models import Redirect
from wagtail.documents import get_document_model
from wagtail.models import Page, PageViewRestriction

from archives import contents
from archives.actions import ArchiveRefused, import_event
from archives.schema import schema
from archives.writing import data_of, defused, ledger_table, write_archive
from briefings.models import BriefingPage, Series
from content.models import SummitImage
from discussion.actions import hide_comment, withdraw_comment
from discussion.models import Comment, Contact
from events.models import EventPage, EventPartner, Partner
from gathering.actions import file_entries, merge_entries, place_entry, undo_decision
from gathering.exports import rows_of
from gathering.models import Entry, Excerpt
from home.models import TextPage
from live.models import Contribution, LiveSession, Vote
from news.models import NewsIndexPage, PostPage
from people.actions import erase_person
from people.models import Person
from people.personal import NAME_REMOVED, subject_of_user
from people.roles import ORGANISERS
from propositions.models import PropositionFacilitator, PropositionPage, Resource
from tests.factories import briefings as made
from tests.factories.discussion import comment, home_page, member, proposition_page
from tests.factories.wordpress import item, summit, tag, write
from tests.sweeps import places_of
from wordpress.actions import prepare_import, run_import
from wordpress.models import Batch, OldAddress, Record


def png():
    file = io.BytesIO()
    Image.new("RGB", (30, 20), "teal").save(file, "PNG")
    return file.getvalue()


@pytest.fixture
def organiser(db):
    return member(ORGANISERS)


@pytest.fixture
def event(db):
    """An event with something of everything."""
    ready = made.make_ready_briefing()
    event, proposition, session = ready.event, ready.proposition, ready.session
    image = SummitImage(title="Quay", width=30, height=20, file=ImageFile(io.BytesIO(png()), name="quay.png"))
    image._set_image_file_metadata()
    image.save()
    document = get_document_model()(title="Tides", file=ContentFile(b"high water at noon", name="tides.txt"))
    document._set_document_file_metadata()
    document.save()
    person = Person.objects.create(name="Odile Farrow", slug="odile", role="Harbour Master", portrait=image)
    PropositionFacilitator.objects.create(proposition=proposition, person=person)
    Resource.objects.create(proposition=proposition, title="Tides", document=document)
    partner = Partner.objects.create(name="The Net Makers", link="https://nets.example/", logo=image)
    EventPartner.objects.create(event=event, partner=partner, tier="principal")
    proposition = PropositionPage.objects.get(pk=proposition.pk)
    proposition.discussion_override = "open"
    picture = {"image": {"image": image.pk, "alt_text": "A quay", "decorative": False}, "caption": "Ours"}
    proposition.statement = json.dumps(
        [
            {"type": "paragraph", "value": f'<p>See <a linktype="page" id="{event.pk}">the summit</a>.</p>'},
            {"type": "picture", "value": picture},
        ]
    )
    proposition.save_revision().publish()
    proposition.refresh_from_db()
    proposition.add_child(
        instance=PostPage(title="A week on", slug="week", author=person, body=[("paragraph", "<p>Nets.</p>")])
    )
    closed = proposition.add_child(
        instance=PostPage(title="Closed", slug="closed", body=[("paragraph", "<p>Sextants below.</p>")])
    )
    PageViewRestriction.objects.create(page=closed, restriction_type="password", password="open-sesame")
    for slug, kind in (("members", "login"), ("crew", "groups")):
        page = proposition.add_child(instance=PostPage(title=slug, slug=slug, body=[("paragraph", "<p>Ours.</p>")]))
        restriction = PageViewRestriction.objects.create(page=page, restriction_type=kind)
        if kind == "groups":
            restriction.groups.set(Group.objects.filter(name=ORGANISERS) or [Group.objects.create(name=ORGANISERS)])
    second_proposition = proposition_page(event, number=2)
    first = comment(proposition, body="=1+1 is what we said.")
    reply = comment(proposition, body="And the choir?", parent=first)
    comment(proposition, body="It sang.", parent=reply)
    made.make_contribution(session, seq=1)
    second = made.make_contribution(session, seq=2)
    Contribution.objects.filter(seq=1).update(merged_into=second)
    Vote.objects.create(participant=second.participant, author_key="x", contribution=second)
    # A moment that rounding to thousandths would change.
    Vote.objects.update(created_at=datetime.datetime(2026, 3, 4, 5, 6, 7, 123, tzinfo=datetime.UTC))
    LiveSession.objects.update(spotlight=second)
    answer = Entry.objects.get(comment=reply)
    place_entry(actor=ready.editor, entry=answer, point=ready.points[0])
    merge_entries(actor=ready.editor, entries=[Entry.objects.get(comment__comment="It sang.")], into=answer)
    undo_decision(actor=ready.editor, event=EventPage.objects.get(pk=event.pk))
    merge_entries(actor=ready.editor, entries=[Entry.objects.get(comment__comment="It sang.")], into=answer)
    file_entries(actor=ready.editor, entries=[Entry.objects.get(comment=first)], proposition=second_proposition)
    ready.publish()
    return EventPage.objects.get(pk=event.pk)


def emptied(event):
    """Take an event away, and all that others of it point to."""
    EventPage.objects.get(pk=event.pk).delete()
    for model in (Entry, Comment, Contribution, Person, Partner, Series, SummitImage, get_document_model()):
        model.objects.all().delete()


def test_archive_read_into_an_empty_installation_gives_the_same_event(event, organiser, tmp_path):
    before = data_of(event)
    write_archive(event, tmp_path / "event.zip", with_print=False)
    emptied(event)

    restored = import_event(actor=organiser, path=tmp_path / "event.zip")

    assert Vote.objects.get().created_at.microsecond == 123
    after = data_of(restored)
    assert {label: len(rows) for label, rows in after["rows"].items()} == {
        label: len(rows) for label, rows in before["rows"].items()
    }
    for label, rows in before["rows"].items():
        assert after["rows"][label] == rows, label
    assert after == before


def test_restricted_pages_stay_restricted(event, organiser, tmp_path, client):
    write_archive(event, tmp_path / "event.zip", with_print=False)
    emptied(event)

    import_event(actor=organiser, path=tmp_path / "event.zip")

    for slug in ("closed", "members", "crew"):
        page = PostPage.objects.get(slug=slug)
        answer = client.get(page.url, follow=True)
        assert "Sextants" not in answer.content.decode()
        assert "Ours." not in answer.content.decode()
        assert "Sextants" not in client.get(page.get_parent().url).content.decode()
    closed = PageViewRestriction.objects.get(restriction_type="password")
    assert (closed.page.slug, closed.password) == ("closed", "open-sesame")
    assert [group.name for group in PageViewRestriction.objects.get(restriction_type="groups").groups.all()] == [
        ORGANISERS
    ]


def test_group_that_is_not_here_opens_a_page_to_nobody_else(event, organiser, tmp_path, client):
    crew = Group.objects.create(name="Crew")
    PageViewRestriction.objects.get(restriction_type="groups").groups.set([crew])
    write_archive(event, tmp_path / "event.zip", with_print=False)
    emptied(event)
    crew.delete()

    import_event(actor=organiser, path=tmp_path / "event.zip")

    client.force_login(member())
    assert client.get(PostPage.objects.get(slug="crew").url).status_code == 302


def test_restriction_above_an_event_goes_with_it(event, organiser, tmp_path, client):
    above = PageViewRestriction.objects.create(page=event.get_parent(), restriction_type="login")
    write_archive(event, tmp_path / "event.zip", with_print=False)
    emptied(event)
    above.delete()

    restored = import_event(actor=organiser, path=tmp_path / "event.zip")

    assert [one.restriction_type for one in restored.get_view_restrictions()] == ["login"]
    assert client.get(restored.url).status_code == 302


def test_event_that_was_read_works(event, organiser, tmp_path, client):
    write_archive(event, tmp_path / "event.zip", with_print=False)
    emptied(event)

    restored = import_event(actor=organiser, path=tmp_path / "event.zip")

    proposition = PropositionPage.objects.order_by("pk").first()
    page = client.get(proposition.url)
    assert "And the choir?" in page.content.decode()
    assert f'href="{restored.url}"' in page.content.decode()
    thread = Comment.objects.order_by("pk")
    assert [one.level for one in thread] == [0, 1, 2]
    assert {one.thread_id for one in thread} == {thread[0].pk}
    assert client.get(BriefingPage.objects.get().url).status_code == 200
    assert Excerpt.objects.count() == 3
    session = LiveSession.objects.get()
    assert (session.stream.seq, session.spotlight.seq) == (2, 2)
    assert client.get(restored.url).status_code == 200
    assert proposition.get_latest_revision_as_object().title == proposition.title


def test_archive_holds_what_its_schema_says(event):
    data = data_of(event)

    jsonschema.Draft202012Validator.check_schema(schema())
    jsonschema.validate(data, schema(), cls=jsonschema.Draft202012Validator)
    del data["rows"]["discussion.Comment"][0]["consent"]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(data, schema(), cls=jsonschema.Draft202012Validator)


def test_archive_holds_media_print_ledger_and_schema(event, tmp_path):
    write_archive(event, tmp_path / "event.zip")

    with zipfile.ZipFile(tmp_path / "event.zip") as archive:
        names = set(archive.namelist())
        slug = BriefingPage.objects.get().slug
        assert {"README.txt", "event.json", "schema.json", "ledger.csv"} < names
        assert {f"briefings/{slug}.pdf", f"briefings/{slug}.html"} < names
        assert archive.read(f"briefings/{slug}.pdf").startswith(b"%PDF")
        pictures = [name for name in names if name.startswith("media/images/")]
        assert [archive.read(name) for name in pictures] == [png()]
        assert any(name.startswith("media/documents/1.txt") for name in names)
        assert json.loads(archive.read("schema.json")) == schema()
        table = list(csv.DictReader(io.StringIO(archive.read("ledger.csv").decode())))
    assert len(table) == Entry.objects.count()
    assert "'=1+1 is what we said." in {row["text"] for row in table}


def test_ledger_table_gives_no_more_words_than_the_desk_does(event, organiser):
    hidden = comment(PropositionPage.objects.first(), body="Rude words of mine.")
    withdrawn = comment(PropositionPage.objects.first(), body="I take it back.")
    unquoted = comment(PropositionPage.objects.first(), body="Between us.")
    hide_comment(actor=organiser, comment=hidden, reason="Rude")
    withdraw_comment(actor=withdrawn.user, comment=withdrawn)
    Entry.objects.filter(comment=unquoted).update(consent="none")

    table = list(csv.DictReader(io.StringIO(ledger_table(event))))

    desk = list(rows_of(Entry.objects.filter(event=event)))
    assert sorted((row["text"].lstrip("'"), row["may be quoted as"]) for row in table) == sorted(
        (row["text"], row["said_by"]) for row in desk
    )
    assert not {"Rude words of mine.", "I take it back.", "Between us."} & {row["text"] for row in table}
    assert {"Hidden by a moderator", "Withdrawn by its author"} <= {row["source"] for row in table}


def test_two_archives_of_the_same_event_are_the_same(event, tmp_path):
    for name in ("one", "two"):
        write_archive(event, tmp_path / name, with_print=False)

    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_formulas_are_defused(cell):
    assert defused(cell) == f"'{cell}"
    assert defused(f"a{cell}") == f"a{cell}"


def test_addresses_and_secrets_of_people_do_not_leave(event):
    Contact.objects.create(author_key="x", email="canary@secret.example")
    first = Comment.objects.first()
    Comment.objects.update(device_key="device-secret", confirming_device_key="device-secret")
    first.user.email = "canary@secret.example"
    first.user.save()

    text = json.dumps(data_of(event))

    assert "secret" not in text
    assert "token_hash" not in text


def test_people_who_are_here_are_taken_for_the_same(event, organiser, tmp_path):
    write_archive(event, tmp_path / "event.zip", with_print=False)
    odile = Person.objects.get(slug="odile")
    EventPage.objects.get(pk=event.pk).delete()
    Entry.objects.all().delete()

    import_event(actor=organiser, path=tmp_path / "event.zip")

    assert PropositionFacilitator.objects.get().person == odile
    assert Partner.objects.count() == 1


@pytest.mark.parametrize("key_is_another", [False, True])
def test_erased_person_is_not_brought_back(event, organiser, tmp_path, settings, key_is_another):
    user = member(email="zyqx@example.org", first_name="Zyqx", last_name="Rowan")
    Person.objects.filter(user=user).delete()
    portrait = SummitImage(title="Zyqx", width=30, height=20, file=ImageFile(io.BytesIO(png()), name="zyqx.png"))
    portrait.save()
    person = Person.objects.create(
        name="Zyqx Rowan", slug="zyqx", biography="Zyqx was born", user=user, portrait=portrait
    )
    proposition = PropositionPage.objects.order_by("pk").first()
    PropositionFacilitator.objects.create(proposition=proposition, person=person)
    comment(proposition, actor=user, body="Zyqx said so.")
    OldAddress.objects.create(path="/author/zyqx", event=event, person=person)
    write_archive(event, tmp_path / "event.zip", with_print=False)
    assert "Zyqx said so." in zipfile.ZipFile(tmp_path / "event.zip").read("event.json").decode()
    erase_person(actor=user, subject=subject_of_user(user))
    EventPage.objects.get(pk=event.pk).delete()
    OldAddress.objects.all().delete()
    Entry.objects.all().delete()
    assert places_of("zyqx") == []
    if key_is_another:
        former, settings.SECRET_KEY = settings.SECRET_KEY, "another key, 0123456789abcdefghijklmnop"
        settings.SECRET_KEY_FALLBACKS = [former]

    import_event(actor=organiser, path=tmp_path / "event.zip")

    assert places_of("zyqx") == []
    assert Comment.objects.filter(comment="", state="withdrawn").count() == 1
    assert Entry.objects.exclude(erased_at=None).count() == 1
    assert Person.objects.get(name=NAME_REMOVED) in [link.person for link in PropositionFacilitator.objects.all()]


def test_archive_of_an_older_version_is_read(event, organiser, tmp_path):
    write_archive(event, tmp_path / "event.zip", with_print=False)
    emptied(event)
    with zipfile.ZipFile(tmp_path / "event.zip") as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    data = json.loads(files["event.json"])
    for row in data["rows"]["discussion.Comment"]:
        del row["is_imported"]
    files["event.json"] = json.dumps(data).encode()
    with zipfile.ZipFile(tmp_path / "older.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)

    import_event(actor=organiser, path=tmp_path / "older.zip")

    assert set(Comment.objects.values_list("is_imported", flat=True)) == {False}


def test_event_whose_address_is_taken_needs_another(event, organiser, tmp_path):
    write_archive(event, tmp_path / "event.zip", with_print=False)
    pages = Page.objects.count()

    with pytest.raises(ArchiveRefused, match="--slug"):
        import_event(actor=organiser, path=tmp_path / "event.zip")
    assert Page.objects.count() == pages


@pytest.mark.parametrize(
    "spoil", ["not a zip", "no data", "other", "version", "cut", "dangling", "unknown restriction", "huge"]
)
def test_what_is_no_archive_is_refused_and_leaves_nothing(event, organiser, tmp_path, spoil):
    write_archive(event, tmp_path / "event.zip", with_print=False)
    emptied(event)
    with zipfile.ZipFile(tmp_path / "event.zip") as archive:
        data = json.loads(archive.read("event.json"))
        files = {name: archive.read(name) for name in archive.namelist()}
    match spoil:
        case "other":
            data = {"format": "else"}
        case "version":
            data["version"] = 99
        case "cut":
            del data["rows"]["gathering.Entry"][0]["text"]
        case "unknown restriction":
            row = next(row for row in data["rows"]["news.PostPage"] if "restrictions" in row)
            row["restrictions"][0]["type"] = "riddle"
        case "dangling":
            data["rows"]["gathering.Excerpt"][0]["entry"] = "gathering.Entry:999"
    files["event.json"] = b"[" * 100_000 if spoil == "huge" else json.dumps(data).encode()
    if spoil == "no data":
        del files["event.json"]
    path = tmp_path / "spoilt.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    if spoil == "not a zip":
        path.write_bytes(b"nothing of the kind")
    pages = Page.objects.count()

    with pytest.raises(ArchiveRefused):
        import_event(actor=organiser, path=path)

    assert (Page.objects.count(), Entry.objects.count(), Person.objects.count()) == (pages, 0, 0)


@pytest.mark.parametrize("spoil", ["torn", "locked", "packed otherwise"])
def test_archive_whose_data_unpack_no_more_is_refused(organiser, tmp_path, spoil):
    path = tmp_path / "spoilt.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("event.json", json.dumps({"format": "summit event", "rows": {}}))
    content = bytearray(path.read_bytes())
    inside, listed = content.index(b"PK\x03\x04"), content.index(b"PK\x01\x02")
    match spoil:
        case "torn":
            content[45:50] = b"\xff" * 5
        case "locked":
            content[inside + 6] = content[listed + 8] = 1
        case "packed otherwise":
            content[inside + 8] = content[listed + 10] = 99
    path.write_bytes(content)

    with pytest.raises(ArchiveRefused, match=r"event\.json in the archive is broken"):
        import_event(actor=organiser, path=path)


def test_only_organisers_import(event, tmp_path):
    with pytest.raises(ArchiveRefused, match="Only organisers"):
        import_event(actor=member(), path=tmp_path / "event.zip")


def test_every_model_and_field_is_archived_or_left_out_with_a_reason():
    assert contents.problems() == []


def test_new_field_that_points_to_an_account_is_noticed(monkeypatch):
    contents.exported_fields.cache_clear()
    monkeypatch.delitem(contents.LEFT_OUT_FIELDS, "gathering.Decision.actor")
    monkeypatch.delitem(contents.LEFT_OUT_MODELS, "gathering.Wish")

    found = contents.problems()

    contents.exported_fields.cache_clear()
    assert len(found) == 2
    assert found[0].startswith("gathering.Wish:")
    assert found[1].startswith("gathering.Decision.actor:")


# What came in with the event from a blog, and what is not published yet


@pytest.fixture
def brought(organiser, tmp_path):
    """An event that a blog brought, with news and a page beside it, and old addresses."""
    home_page()
    parts = summit(
        tag("nets", "Nets"),
        item("Who we are.", id=40, type="page", slug="about", title="About"),
        item("Below.", id=41, type="page", slug="crew", title="Crew", parent=40),
        item("Not yet.", id=42, status="draft", slug="not-yet", title="Not yet"),
    )
    path = write(tmp_path, *parts)
    run_import(actor=organiser, batch=prepare_import(actor=organiser, path=path), path=path)
    return EventPage.objects.get()


def emptied_of(event):
    for model in (NewsIndexPage, TextPage):
        while page := model.objects.order_by("-path").first():
            page.delete()
    emptied(event)
    for model in (OldAddress, Redirect, Record, Batch):
        model.objects.all().delete()


def test_what_came_in_with_an_event_goes_with_it(brought, organiser, tmp_path, client):
    before = data_of(brought)
    write_archive(brought, tmp_path / "event.zip", with_print=False)
    emptied_of(brought)
    assert not PostPage.objects.exists()

    restored = import_event(actor=organiser, path=tmp_path / "event.zip")

    assert data_of(restored) == before
    news = PostPage.objects.get(slug="on-the-quay")
    assert news.get_parent().specific == NewsIndexPage.objects.get()
    assert "We met on the quay." in client.get(news.url).content.decode()
    assert client.get("/about/crew/").status_code == 200
    proposition = PropositionPage.objects.get()
    for old, to in (
        ("/?p=11", proposition.url),
        ("/proposition-4/", proposition.url),
        ("/category/news/", f"{NewsIndexPage.objects.get().url}?category=News"),
        ("/author/editor/", f"/people/{Person.objects.get(name='Summit editor').slug}/"),
    ):
        assert client.get(old).headers.get("Location") == to, old


def test_pages_beside_the_event_take_a_free_address_and_it_is_said(brought, organiser, tmp_path):
    write_archive(brought, tmp_path / "event.zip", with_print=False)
    told = []

    import_event(actor=organiser, path=tmp_path / "event.zip", slug="again", tell=told.append)

    assert "“About”: its address “about” was taken here; it is “about-2” now." in told
    assert Page.objects.get(slug="about-2").get_children().get().slug == "crew"


def test_command_says_what_belongs_to_the_site_and_stays(brought, organiser, tmp_path, capsys):
    NewsIndexPage.objects.get().add_child(instance=PostPage(title="Ours", slug="ours"))

    call_command("export_event", brought.slug, output=tmp_path / "event.zip", no_print=True)

    assert "Not in it, as they belong to the site: posts of news (1)." in capsys.readouterr().out
    assert "Ours" not in json.dumps(data_of(brought))


def test_what_is_not_published_yet_goes_with_the_event(brought, organiser, tmp_path, client):
    proposition = PropositionPage.objects.get()
    odile = Person.objects.create(name="Odile Farrow", slug="odile")
    proposition.title = "Libraries lend everything"
    proposition.proposition_facilitators = [PropositionFacilitator(person=odile)]
    proposition.save_revision(user=organiser)
    before = data_of(brought)
    write_archive(brought, tmp_path / "event.zip", with_print=False)
    jsonschema.validate(before, schema(), cls=jsonschema.Draft202012Validator)
    emptied_of(brought)

    restored = import_event(actor=organiser, path=tmp_path / "event.zip")

    assert data_of(restored) == before
    proposition = PropositionPage.objects.get()
    assert (proposition.title, proposition.has_unpublished_changes) == ("Libraries lend more than books", True)
    assert [one.name for one in proposition.facilitators] == ["Carrie Quay"]
    draft = proposition.get_latest_revision_as_object()
    assert draft.title == "Libraries lend everything"
    assert [link.person.name for link in draft.proposition_facilitators.all()] == ["Odile Farrow"]
    waiting = PostPage.objects.get(slug="not-yet")
    assert not waiting.live
    assert "Not yet." in str(waiting.get_latest_revision_as_object().body)
    draft.save_revision(user=organiser).publish()
    assert [one.name for one in PropositionPage.objects.get().facilitators] == ["Odile Farrow"]
