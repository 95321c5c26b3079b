import io
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from wagtail.models import Page

from content.models import SummitImage
from discussion.models import Comment
from news.models import PostPage
from propositions.models import PropositionPage
from tests.factories.discussion import event_page, member, moderator
from tests.factories.wordpress import (
    LINK,
    PROPOSITION,
    author,
    category,
    comment,
    export,
    item,
    picture_bytes,
    summit,
)
from wordpress import uploads
from wordpress.models import Batch, Suspicion
from wordpress.tasks import run_uploaded_import


@pytest.fixture(autouse=True)
def var(settings, tmp_path):
    settings.VAR_DIR = tmp_path


@pytest.fixture
def admin(client, organiser):
    client.force_login(organiser)
    return client


def upload(client, text, **files):
    file = SimpleUploadedFile("blog.xml", text.encode(), "text/xml")
    return client.post(reverse("wordpress:index"), {"file": file, **files}, follow=True)


def choices_of(answer):
    return {
        field.html_name: field.initial or "" for field in answer.context["form"] if field.html_name != "is_fetching"
    }


def test_export_is_uploaded_looked_at_brought_in_and_undone(admin):
    answer = upload(admin, export(*summit()))
    batch = Batch.objects.get()
    assert batch.state == "ready"
    assert not PropositionPage.objects.exists()
    assert "This is what <strong>blog.xml</strong> holds" in answer.content.decode()
    assert choices_of(answer)["category_1"] == "proposition:4"

    answer = admin.post(reverse("wordpress:batch", args=[batch.pk]), choices_of(answer), follow=True)

    batch.refresh_from_db()
    assert (batch.state, batch.done, batch.total) == ("done", 2, 2)
    assert (PropositionPage.objects.count(), PostPage.objects.count(), Comment.objects.count()) == (1, 1, 2)
    assert "What became of it" in answer.content.decode()
    assert not uploads.path_of(batch).exists()

    admin.post(reverse("wordpress:undo", args=[batch.pk]))

    batch.refresh_from_db()
    assert batch.state == "undone"
    assert not PropositionPage.objects.exists()


def test_dry_run_is_shown_before_anything_is_made(admin):
    words = "There are even online viagra uk 12% of centenarians using the internet!"
    answer = upload(admin, export(*summit(item(words), item(type="story"))))
    assert 'name="step" value="try">See what would happen' in answer.content.decode()
    batch = Batch.objects.get()
    before = Page.objects.count()

    answer = admin.post(
        reverse("wordpress:batch", args=[batch.pk]), {**choices_of(answer), "step": "try"}, follow=True
    )  # fmt: skip

    batch.refresh_from_db()
    assert (batch.state, Page.objects.count(), batch.records.count()) == ("ready", before, 0)
    shown = answer.content.decode()
    assert "It was tried and taken back" in shown
    assert "<td>post</td><td>3</td><td>3</td><td>0</td><td>0</td><td>0</td>" in shown
    assert "1 × story: This kind is left out, by choice" in shown
    assert "<mark>online viagra uk</mark>" in shown
    tried = batch.trial["counts"]

    admin.post(reverse("wordpress:batch", args=[batch.pk]), choices_of(answer))

    assert admin.get(reverse("wordpress:report", args=[batch.pk])).json()["counts"] == tried


def test_trial_that_cannot_be_made_says_why(admin):
    answer = upload(admin, export(*summit()))
    batch = Batch.objects.get()
    uploads.path_of(batch).write_text("gone")

    answer = admin.post(
        reverse("wordpress:batch", args=[batch.pk]), {**choices_of(answer), "step": "try"}, follow=True
    )  # fmt: skip

    assert "This is no WordPress export: it is no XML." in answer.content.decode()
    assert choices_of(answer)["category_1"] == "proposition:4"


def test_trial_under_way_can_be_left_for_other_choices(admin, organiser):
    upload(admin, export(*summit()))
    batch = Batch.objects.get()
    Batch.objects.update(state="trying")
    address = reverse("wordpress:batch", args=[batch.pk])

    assert "choose anew" in admin.get(address).content.decode()
    answer = admin.get(f"{address}?choices")
    admin.post(address, choices_of(answer))

    batch.refresh_from_db()
    assert batch.state == "done"


def test_import_waits_for_a_worker_and_is_begun_once_however_often_it_is_pressed(admin, organiser, settings):
    settings.TASKS = {"default": {"BACKEND": "django.tasks.backends.dummy.DummyBackend"}}
    answer = upload(admin, export(*summit()))
    batch = Batch.objects.get()
    address, chosen = reverse("wordpress:batch", args=[batch.pk]), choices_of(answer)

    shown = [admin.post(address, chosen, follow=True).content.decode() for _ in range(2)]

    assert all("Waiting for its turn" in page and "choose anew" in page for page in shown)
    assert admin.get(reverse("wordpress:progress", args=[batch.pk])).json()["state"] == "waiting"
    Batch.objects.update(state="running")
    assert "Stop and take back" in admin.get(address).content.decode()
    run_uploaded_import.call(batch.pk, organiser.pk)
    assert uploads.path_of(batch).exists()
    Batch.objects.update(state="waiting")
    for _ in range(2):
        run_uploaded_import.call(batch.pk, organiser.pk)
    batch.refresh_from_db()
    assert (batch.state, PropositionPage.objects.count(), uploads.path_of(batch).exists()) == ("done", 1, False)


def test_import_that_comes_while_another_blogs_runs_is_put_back_with_what_was_chosen(admin, organiser, settings):
    settings.TASKS = {"default": {"BACKEND": "django.tasks.backends.dummy.DummyBackend"}}
    other = Batch.objects.create(source="other.example.org", title="Upriver", state="running", actor=organiser)
    answer = upload(admin, export(*summit()))
    batch = Batch.objects.exclude(pk=other.pk).get()
    address, chosen = reverse("wordpress:batch", args=[batch.pk]), choices_of(answer)
    admin.post(address, chosen)

    run_uploaded_import.call(batch.pk, organiser.pk)

    shown = admin.get(address)
    assert f"Import {other.pk} of “Upriver” is running, or was broken off." in shown.content.decode()
    assert choices_of(shown) == chosen
    Batch.objects.filter(pk=other.pk).update(state="done")
    admin.post(address, chosen)
    run_uploaded_import.call(batch.pk, organiser.pk)
    batch.refresh_from_db()
    assert (batch.state, PropositionPage.objects.count(), uploads.path_of(batch).exists()) == ("done", 1, False)


def test_upload_that_is_thrown_away_or_chosen_anew_while_it_waits_is_not_brought_in(admin, organiser, settings):
    settings.TASKS = {"default": {"BACKEND": "django.tasks.backends.dummy.DummyBackend"}}
    answer = upload(admin, export(*summit()))
    batch = Batch.objects.get()
    address, chosen = reverse("wordpress:batch", args=[batch.pk]), choices_of(answer)
    admin.post(address, chosen)

    admin.post(f"{address}?choices", {**chosen, "step": "try"})
    run_uploaded_import.call(batch.pk, organiser.pk)
    assert "Trying" in admin.get(address).content.decode()
    admin.post(reverse("wordpress:forget", args=[batch.pk]))
    run_uploaded_import.call(batch.pk, organiser.pk)

    assert not PropositionPage.objects.exists()


def test_choices_are_followed(admin):
    event_page(slug="regatta")
    answer = upload(admin, export(author(), category(*PROPOSITION), item(categories=[PROPOSITION]), item(type="story")))
    batch = Batch.objects.get()

    admin.post(
        reverse("wordpress:batch", args=[batch.pk]),
        {**choices_of(answer), "event": "regatta", "category_0": "post", "author_0": "-", "kind_0": "post"},
    )

    assert not PropositionPage.objects.exists()
    assert set(PostPage.objects.values_list("author", "category")) == {(None, PROPOSITION[1]), (None, "")}


def test_choice_for_what_the_file_does_not_hold_is_said_beside_its_field(admin):
    answer = upload(admin, export(*summit()))
    batch = Batch.objects.get()

    answer = admin.post(
        reverse("wordpress:batch", args=[batch.pk]),
        {**choices_of(answer), "category_0": "NOSUCH", "author_0": "nobody"},
    )

    assert set(answer.context["form"].errors) == {"category_0", "author_0"}
    assert "NOSUCH is not one of the available choices" in answer.content.decode()
    batch.refresh_from_db()
    assert (batch.state, PropositionPage.objects.exists()) == ("ready", False)


def test_repeat_suggests_what_was_chosen_before(admin):
    answer = upload(admin, export(*summit()))
    admin.post(reverse("wordpress:batch", args=[Batch.objects.get().pk]), {**choices_of(answer), "category_1": "post"})
    event_page(slug="regatta")

    answer = upload(admin, export(*summit()))

    assert choices_of(answer)["category_1"] == "post"
    admin.post(reverse("wordpress:batch", args=[Batch.objects.latest("pk").pk]), choices_of(answer))
    assert not PropositionPage.objects.exists()


def test_other_choice_for_what_stands_here_is_said_on_the_page(admin):
    for chosen in ({}, {"category_1": "post"}):
        answer = upload(admin, export(*summit()))
        batch = Batch.objects.latest("pk")
        answer = admin.post(reverse("wordpress:batch", args=[batch.pk]), choices_of(answer) | chosen, follow=True)

    shown = answer.content.decode()
    assert "came in as proposition 4 and would now be news. Nothing was changed." in shown
    assert PropositionPage.objects.count() == 1


def test_broken_file_is_said_beside_the_field(admin):
    answer = upload(admin, export(item())[:-100])

    assert "cut short" in answer.context["form"].errors["file"][0]
    assert not Batch.objects.exists()
    assert list(uploads.folder().iterdir()) == []


def test_pictures_are_uploaded_and_brought_in(admin, settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path / "media")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("uploads/net.png", picture_bytes())
    shown = f'<img src="{LINK}/wp-content/uploads/net.png" alt="A net">'

    answer = upload(admin, export(item(shown)), media=SimpleUploadedFile("uploads.zip", packed.getvalue()))
    admin.post(reverse("wordpress:batch", args=[Batch.objects.get().pk]), choices_of(answer))

    assert PostPage.objects.get().body[0].block_type == "picture"
    assert SummitImage.objects.get().width == 40


def test_pictures_that_are_no_zip_are_said_beside_the_field(admin):
    answer = upload(admin, export(item()), media=SimpleUploadedFile("uploads.zip", b"not packed"))

    assert "no zip file" in answer.context["form"].errors["media"][0]
    assert not Batch.objects.exists()
    assert list(uploads.folder().iterdir()) == []


def test_file_can_be_thrown_away(admin):
    upload(admin, export(item()))
    batch = Batch.objects.get()

    admin.post(reverse("wordpress:forget", args=[batch.pk]))

    assert not Batch.objects.exists()
    assert list(uploads.folder().iterdir()) == []


def test_suspicious_words_are_shown_in_their_place_and_decided_about(admin):
    text = "There are even online viagra uk 12% of centenarians using the internet!"
    answer = upload(admin, export(author(), item(text), item("x", comment(text))))
    batch = Batch.objects.get()
    answer = admin.post(reverse("wordpress:batch", args=[batch.pk]), choices_of(answer), follow=True)
    assert answer.content.decode().count("<mark>online viagra uk</mark>") == 2

    for suspicion in Suspicion.objects.all():
        admin.post(reverse("wordpress:settle", args=[suspicion.pk]), {"decision": "cut"})

    assert PostPage.objects.filter(live=True).count() == 2
    assert Comment.objects.get().state == "hidden"


def test_running_import_shows_how_far_it_is(admin, organiser):
    batch = Batch.objects.create(source="x", file_name="x", state="running", done=3, total=12, actor=organiser)

    assert "3 of 12" in admin.get(reverse("wordpress:batch", args=[batch.pk])).content.decode()
    assert admin.get(reverse("wordpress:progress", args=[batch.pk])).json() == {
        "running": True,
        "state": "running",
        "done": 3,
        "total": 12,
    }


def test_report_is_given_as_a_file(admin):
    answer = upload(admin, export(*summit()))
    batch = Batch.objects.get()
    admin.post(reverse("wordpress:batch", args=[batch.pk]), choices_of(answer))

    report = admin.get(reverse("wordpress:report", args=[batch.pk]))

    assert report.json()["counts"]["comment"]["imported"] == 2
    assert "attachment" in report["Content-Disposition"]


@pytest.mark.parametrize("name", ["batch", "report", "progress", "undo", "forget", "settle", "index"])
def test_others_are_kept_out(client, home, name):
    address = reverse(f"wordpress:{name}", args=[] if name == "index" else [1])
    for user in (member(), moderator()):
        client.force_login(user)
        for ask in (client.get, client.post):
            assert ask(address).status_code in (302, 403, 405)


def test_report_costs_the_same_however_many_records(admin, django_assert_max_num_queries):
    answer = upload(admin, export(*summit(*(item("x", comment(), comment()) for _ in range(12)))))
    batch = Batch.objects.get()
    admin.post(reverse("wordpress:batch", args=[batch.pk]), choices_of(answer))

    with django_assert_max_num_queries(40):
        admin.get(reverse("wordpress:batch", args=[batch.pk]))
