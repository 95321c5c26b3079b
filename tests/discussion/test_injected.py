"""The report of what was injected into texts, and what is done about it."""

import json

import pytest
from django.core.management import call_command
from django.urls import reverse
from wagtail.models import ModelLogEntry, Page, Revision

from discussion import spam
from discussion.exceptions import NotAllowed, StateConflict
from discussion.injected import actions
from discussion.models import Comment, SuspectText, TextScan
from news.models import NewsIndexPage, PostPage
from people.actions import erase_person
from people.personal import subject_of_user
from people.roles import EDITORS, ORGANISERS
from propositions.models import PropositionPage
from tests.factories import discussion as make

pytestmark = pytest.mark.django_db
HONEST = "<p>Half of our wards now have a warm room.</p>"
INJECTED = "<p>Half of our wards order kamagra online uk now have a warm room.</p>"


@pytest.fixture(autouse=True)
def _filter_that_lets_everything_through(monkeypatch):
    """The look through the texts finds what the advertising filter did not hold."""
    monkeypatch.setattr(spam, "judge", lambda text: spam.Judgement(0.0))


@pytest.fixture
def organiser():
    return make.member(ORGANISERS, first_name="Odile", last_name="Farrow", is_staff=True)


@pytest.fixture
def page():
    return make.proposition_page(title="Warm rooms", statement=[("paragraph", HONEST)])


def write(page, text, user=None, *, publish=True):
    """A new revision of a proposition with this statement."""
    page = PropositionPage.objects.get(pk=page.pk)
    draft = page.get_latest_revision_as_object() if page.latest_revision_id else page
    draft.statement = [("paragraph", text)]
    revision = draft.save_revision(user=user)
    if publish:
        revision.publish(user=user)
    return revision


def scanned():
    scan, is_new = actions.start_scan(actor=None)
    assert is_new
    return actions.run_scan(scan_id=scan.pk)


def statement(page):
    return str(PropositionPage.objects.get(pk=page.pk).statement)


def test_phrase_is_found_with_the_revision_in_which_it_came_and_who_made_it(page, organiser):
    write(page, HONEST, organiser)
    thief = make.member(ORGANISERS, first_name="Nobody", last_name="Known")
    came = write(page, INJECTED, thief)
    write(page, INJECTED.replace("Half", "Most"), organiser)

    scan = scanned()

    suspect = SuspectText.objects.get()
    assert (scan.found, scan.finished_at is not None) == (1, True)
    assert scan.done == scan.total == Page.objects.filter(depth__gt=1).count()
    assert (suspect.page_id, suspect.quote, suspect.kind) == (page.pk, "order kamagra online uk", "phrase")
    assert (suspect.before, suspect.after) == ("Most of our wards", "now have a warm room.")
    assert (suspect.revision_id, suspect.came_at, suspect.came_by) == (came.pk, came.created_at, "Nobody Known")
    assert (suspect.place, suspect.state, suspect.part) == ("published", "open", "statement")


def test_phrase_that_went_and_came_back_came_with_the_later_revision(page, organiser):
    write(page, INJECTED)
    write(page, HONEST)
    later = write(page, INJECTED)

    scanned()

    assert SuspectText.objects.get().revision_id == later.pk


def test_phrase_written_straight_into_the_database_came_in_no_revision(page):
    write(page, HONEST)
    raw = json.dumps([{"type": "paragraph", "value": INJECTED, "id": "7b9d9f0e-6f4e-4f0c-9d1e-0d2f5a3c1b2a"}])
    PropositionPage.objects.filter(pk=page.pk).update(statement=json.loads(raw))

    scanned()

    suspect = SuspectText.objects.get()
    assert (suspect.place, suspect.revision, suspect.came_by) == ("published", None, "")


def test_draft_and_earlier_revisions_are_looked_at_too(page):
    write(page, INJECTED)
    write(page, HONEST)
    write(page, HONEST.replace("warm", '<a href="https://best-casino.example/">warm</a>'), publish=False)

    scanned()

    assert sorted(SuspectText.objects.values_list("kind", "place")) == [("odd_link", "draft"), ("phrase", "earlier")]


def test_page_that_was_never_published_nor_revised_is_looked_at_as_a_draft(page):
    write(page, INJECTED)
    page.refresh_from_db()
    page.unpublish()
    Revision.objects.all().delete()

    scanned()

    assert SuspectText.objects.values_list("kind", "place").get() == ("phrase", "draft")


def test_every_kind_of_field_is_looked_at(page):
    news = make.home_page().add_child(instance=NewsIndexPage(title="News", slug="news-of-tests"))
    post = PostPage(title="Cheap cialis", slug="a", search_description="write my essay", body=[])
    news.add_child(instance=post)

    scanned()

    assert sorted(SuspectText.objects.values_list("page_id", "quote", "part")) == [
        (post.pk, "Cheap cialis", "title"),
        (post.pk, "write my essay", "meta description"),
    ]


def test_comment_is_looked_at_and_taking_out_hides_it(page, organiser):
    comment = make.comment(page, body="Well said. Buy cheap viagra online at once. Buy cheap viagra online.")
    scanned()
    suspect = SuspectText.objects.get()
    assert suspect.times == 2
    assert (suspect.comment_id, suspect.quote, suspect.came_by) == (
        comment.pk,
        "Buy cheap viagra online",
        comment.author_label,
    )

    taken = actions.take_out(actor=organiser, suspect=suspect)
    hidden = Comment.objects.get()
    assert (taken.state, hidden.state, hidden.body) == ("taken_out", "hidden", comment.body)
    # Editors read the history too.
    logged = ModelLogEntry.objects.filter(action="discussion.decide_suspect").get()
    assert (logged.label, "viagra" in logged.label) == (suspect.subject, False)

    actions.put_back(actor=organiser, suspect=taken)
    assert Comment.objects.get().state == "published"
    assert TextScan.objects.values_list("done", "total").get() == (Page.objects.filter(depth__gt=1).count() + 1,) * 2


def test_taking_out_is_a_new_revision_and_can_be_undone(page, organiser):
    write(page, INJECTED)
    scanned()
    revisions = Revision.objects.count()

    taken = actions.take_out(actor=organiser, suspect=SuspectText.objects.get())

    assert "Half of our wards now have a warm room." in statement(page)
    assert Revision.objects.count() > revisions
    latest = Page.objects.get(pk=page.pk).latest_revision
    assert latest.user == organiser
    scanned()
    assert SuspectText.objects.values_list("state", "place").get() == ("taken_out", "earlier")

    actions.put_back(actor=organiser, suspect=taken)

    assert "order kamagra online uk" in statement(page)
    assert SuspectText.objects.get().state == "open"


def test_what_stood_in_no_revision_can_be_put_back_too(page, organiser):
    write(page, HONEST)
    found = PropositionPage.objects.get(pk=page.pk)
    raw = json.loads(json.dumps(list(found.statement.raw_data)).replace("now have", "online casino bonus now have"))
    PropositionPage.objects.filter(pk=page.pk).update(statement=raw)
    scanned()

    taken = actions.take_out(actor=organiser, suspect=SuspectText.objects.get())
    assert "casino" not in statement(page)

    actions.put_back(actor=organiser, suspect=taken)
    assert "online casino bonus" in statement(page)


def test_draft_on_top_stays_a_draft_without_the_words(page, organiser):
    write(page, INJECTED)
    write(page, INJECTED + "<p>Not yet said.</p>", organiser, publish=False)
    scanned()

    taken = actions.take_out(actor=organiser, suspect=SuspectText.objects.get())

    now = PropositionPage.objects.get(pk=page.pk)
    draft = str(now.get_latest_revision_as_object().statement)
    assert now.has_unpublished_changes
    assert ("Not yet said" in statement(page), "Not yet said" in draft) == (False, True)
    assert ("kamagra" in statement(page), "kamagra" in draft) == (False, False)

    actions.put_back(actor=organiser, suspect=taken)

    now = PropositionPage.objects.get(pk=page.pk)
    draft = str(now.get_latest_revision_as_object().statement)
    assert now.has_unpublished_changes
    assert ("Not yet said" in statement(page), "kamagra" in statement(page)) == (False, True)
    assert ("Not yet said" in draft, "kamagra" in draft) == (True, True)


def test_putting_back_is_refused_once_the_page_was_changed(page, organiser):
    write(page, INJECTED)
    scanned()
    taken = actions.take_out(actor=organiser, suspect=SuspectText.objects.get())
    write(page, "<p>Something else.</p>")

    with pytest.raises(StateConflict):
        actions.put_back(actor=organiser, suspect=taken)

    assert "Something else" in statement(page)


def test_words_that_are_fine_are_not_reported_again(page, organiser):
    write(page, INJECTED)
    scanned()
    actions.mark_as_fine(actor=organiser, suspect=SuspectText.objects.get())

    again = scanned()

    assert (again.found, SuspectText.objects.get().state) == (0, "fine")
    assert actions.look_again(actor=organiser, suspect=SuspectText.objects.get()).state == "open"


def test_words_put_in_again_are_reported_again(page, organiser):
    write(page, INJECTED)
    scanned()
    actions.take_out(actor=organiser, suspect=SuspectText.objects.get())
    again = write(page, INJECTED)

    assert scanned().found == 1
    suspect = SuspectText.objects.get()
    assert (suspect.state, suspect.place, suspect.revision_id) == ("open", "published", again.pk)


def test_words_gone_with_their_text_are_forgotten(page):
    comment = make.comment(page, body="Buy cheap viagra online.")
    scanned()
    Comment.objects.filter(pk=comment.pk).update(comment="Nothing odd.")

    scanned()

    assert SuspectText.objects.count() == 0


def test_words_of_somebody_who_is_erased_are_in_no_report(page):
    author = make.member(first_name="Ines", last_name="Canary")
    make.comment(page, actor=author, body="Buy cheap viagra online.")
    scanned()
    assert SuspectText.objects.get().came_by == "Ines Canary"

    erase_person(actor=author, subject=subject_of_user(author))

    assert SuspectText.objects.count() == 0


def test_one_scan_goes_on_at_a_time(organiser):
    first, is_new = actions.start_scan(actor=organiser)
    assert is_new
    assert actions.start_scan(actor=organiser) == (first, False)
    TextScan.objects.update(moved_at=first.moved_at - actions.STALLED * 2)

    assert actions.start_scan(actor=organiser)[1]


def test_only_those_who_may_decide(page, organiser):
    write(page, INJECTED)
    make.comment(page, body="Buy cheap viagra online.")
    scanned()
    in_page, in_comment = SuspectText.objects.get(page=page), SuspectText.objects.get(page=None)
    for act in (actions.mark_as_fine, actions.look_again, actions.take_out, actions.put_back):
        for suspect in (in_page, in_comment):
            with pytest.raises(NotAllowed):
                act(actor=make.member(), suspect=suspect)
    with pytest.raises(NotAllowed):
        actions.start_scan(actor=make.member())
    # A moderator sees the report, and has no page to publish; an editor hides no comments.
    with pytest.raises(NotAllowed):
        actions.take_out(actor=make.moderator(), suspect=in_page)
    with pytest.raises(NotAllowed):
        actions.take_out(actor=make.member(EDITORS), suspect=in_comment)
    assert "kamagra" in statement(page)
    assert actions.take_out(actor=make.moderator(), suspect=in_comment).state == "taken_out"


def test_report_shows_scans_decides_and_undoes(page, organiser, client, django_capture_on_commit_callbacks):
    write(page, INJECTED, organiser)
    client.force_login(organiser)
    index = reverse("injected_texts:index")
    assert "have not been looked through yet" in client.get(index).content.decode()

    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("injected_texts:scan"))

    listed = client.get(index).content.decode()
    assert "<mark>order kamagra online uk</mark>" in listed
    assert "1 place to look at" in listed
    assert "order kamagra online uk" in client.get(reverse("wagtailadmin_home")).content.decode()
    suspect = SuspectText.objects.get()
    address = reverse("injected_texts:inspect", args=[suspect.pk])
    shown = client.get(address).content.decode()
    assert reverse("wagtailadmin_pages:edit", args=[page.pk]) in shown
    assert "“Half of our wards now have a warm room.”" in shown
    assert "by Odile Farrow" in shown
    compare = reverse("wagtailadmin_pages:revisions_compare", args=[page.pk, "earliest", suspect.revision_id])
    assert compare in shown
    assert client.get(compare).status_code == 200

    assert client.post(address, {"do": "take_out"}).headers["Location"] == index
    assert "kamagra" not in statement(page)
    assert "Put it back" in client.get(address).content.decode()
    client.post(address, {"do": "put_back"})
    assert "kamagra" in statement(page)
    client.post(address, {"do": "fine"})
    assert SuspectText.objects.get().state == "fine"


def test_progress_is_told_while_it_goes_on(organiser, client):
    client.force_login(organiser)
    address = reverse("injected_texts:progress")
    assert client.get(address).json() == {"running": False}
    TextScan.objects.create(total=40, done=12)

    assert client.get(address).json() == {"running": True, "done": 12, "total": 40}
    assert "Looking through 40 texts: 12 done" in client.get(reverse("injected_texts:index")).content.decode()


def test_others_see_no_report(page, client):
    write(page, INJECTED)
    scanned()
    suspect = SuspectText.objects.get()
    addresses = [reverse("injected_texts:index"), reverse("injected_texts:inspect", args=[suspect.pk])]
    addresses += [reverse("injected_texts:progress")]

    for user in (None, make.member()):
        if user:
            client.force_login(user)
        for address in addresses:
            assert client.get(address).status_code in (302, 403)
            client.post(address, {"do": "fine"})
        client.post(reverse("injected_texts:scan"))
    suspect.refresh_from_db()
    assert (suspect.state, TextScan.objects.count()) == ("open", 1)


def test_editors_read_of_comments_only_what_everybody_reads(page, client):
    public = make.comment(page, body="Buy kamagra online uk in public.")
    said = "Half of us xyzzy-before order kamagra online uk xyzzy-after."
    waiting = make.comment(page, body=said, hold_reason="Wait")
    scanned()
    ids = dict(SuspectText.objects.values_list("comment_id", "pk"))
    addresses = [
        reverse("injected_texts:index"),
        reverse("injected_texts:index") + "?q=xyzzy",
        reverse("injected_texts:index_results"),
        reverse("injected_texts:inspect", args=[ids[public.pk]]),
        reverse("injected_texts:inspect", args=[ids[waiting.pk]]),
        reverse("wagtailadmin_home"),
    ]

    def read():
        answers = [client.get(address) for address in addresses]
        return [answer.status_code for answer in answers], "".join(answer.content.decode() for answer in answers)

    client.force_login(make.member(EDITORS))
    codes, read_by_editor = read()
    client.post(addresses[4], {"do": "fine"})
    assert SuspectText.objects.get(pk=ids[waiting.pk]).state == "open"
    client.force_login(make.moderator())
    codes_of_moderator, read_by_moderator = read()
    assert codes == [200, 200, 200, 200, 404, 200]
    assert "kamagra" in read_by_editor
    assert "xyzzy-" not in read_by_editor
    assert codes_of_moderator == [200] * 6
    assert "xyzzy-before" in read_by_moderator

    # Released with other words, it stands in sight; what was found while it was held does not.
    Comment.objects.filter(pk=waiting.pk).update(state="published", comment="Other words.")
    client.force_login(make.member(EDITORS))
    assert "xyzzy-" not in read()[1]


def test_command_says_what_stands_where(page, organiser, capsys):
    write(page, INJECTED, organiser)

    call_command("find_injected")

    lines = capsys.readouterr().out.splitlines()
    came = SuspectText.objects.get().came_at
    assert lines[0] == (
        f"Warm rooms: a phrase that advertisements use: order kamagra online uk, came {came:%Y-%m-%d} by Odile Farrow"
    )
    assert lines[1].endswith("texts looked through, 1 new, 1 to be looked at.")
