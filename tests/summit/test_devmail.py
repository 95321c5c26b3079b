import pytest
from django.core.mail import EmailMultiAlternatives, send_mail
from django.test import override_settings
from django.urls import include, path

from summit import devmail
from summit.urls import urlpatterns as site_urlpatterns

urlpatterns = [path("mail/", include("summit.devmail")), *site_urlpatterns]

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


@pytest.fixture(autouse=True)
def folder(tmp_path):
    backend = "django.core.mail.backends.filebased.EmailBackend"
    with override_settings(MAILERS={"default": {"BACKEND": backend, "OPTIONS": {"file_path": str(tmp_path)}}}):
        yield tmp_path


def test_empty_folder_is_said_to_be_empty(client):
    assert "Nothing has been sent yet" in client.get("/mail/").text


def test_messages_are_listed_newest_first(client, folder):
    send_mail("Your code", "It is 1234.", "summit@example.org", ["one@example.org"])
    send_mail("Somebody replied", "Read it.", "summit@example.org", ["two@example.org"])

    shown = client.get("/mail/").text

    assert [kept.message["to"] for kept in devmail.read_messages(folder)] == ["one@example.org", "two@example.org"]
    assert shown.index("Somebody replied") < shown.index("Your code")


def test_message_shows_its_text_with_links_and_nothing_of_it_as_markup(client, folder):
    text = "Open https://summit.example.org/c/é/\n<script>x</script>"
    send_mail("<b>Confirm</b>", text, "a@example.org", ["b@example.org"])
    name = devmail.read_messages(folder)[0].name

    shown = client.get(f"/mail/{name}/").text

    assert 'href="https://summit.example.org/c/' in shown
    assert "<b>Confirm</b>" not in shown
    assert "<script>x" not in shown


def test_html_of_a_message_may_neither_run_nor_fetch(client, folder):
    message = EmailMultiAlternatives("Digest", "Text", "a@example.org", ["b@example.org"])
    message.attach_alternative("<p>As sent</p><script>x</script>", "text/html")
    message.send()
    name = devmail.read_messages(folder)[0].name

    answer = client.get(f"/mail/{name}/html/")

    assert "As sent" in answer.text
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "script-src" not in answer.headers["Content-Security-Policy"]


def test_message_that_is_not_there_is_not_found(client):
    assert client.get("/mail/../settings/").status_code == 404
    assert client.get("/mail/nothing/").status_code == 404


def test_mail_is_not_shown_where_it_is_sent(client, settings):
    settings.ROOT_URLCONF = "summit.urls"

    assert client.get("/mail/").status_code == 404
