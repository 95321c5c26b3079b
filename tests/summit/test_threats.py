"""Threats to the site as a whole: forged forms, ways off it, letters that are turned into others, files that are not
what they say.

Which test answers which threat stands in `docs/security.md`; the last test here holds that page to it.
"""

import io
import itertools
import re
import zipfile
from urllib.parse import urljoin, urlsplit

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse
from PIL import Image
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.models import Collection

from people.models import User
from people.roles import EDITORS
from summit.middleware import SameOriginCsrfMiddleware
from tests.factories.discussion import member, proposition_page
from tests.summit.addresses import addresses

ROOT = settings.BASE_DIR
HOST = "testserver"
EVIL = "evil.example"


# Forged forms

# What other servers and mail programs post, without an origin and without a cookie. Nothing there is done in anybody's
# name: a notice is only looked at later, and the link in a letter is its own proof.
FROM_ELSEWHERE = {"mentions/webmention/", "mentions/pingback/", "comments/stop/<str:token>/"}


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_forged_request_is_refused_at_every_address(method: str) -> None:
    asked, let_through = 0, set()
    for route, pattern in addresses():
        request = RequestFactory().generic(method, "/", headers={"origin": f"https://{EVIL}"})
        check = SameOriginCsrfMiddleware(lambda request: HttpResponse())
        check.process_request(request)
        asked += 1
        if check.process_view(request, pattern.callback, (), {}) is None:
            let_through.add(route)

    assert asked > 400
    # What the library of Wagtail's choosers answers is read, and only read: see the next test.
    assert {route for route in let_through if not route.startswith("admin/api/main/")} == FROM_ELSEWHERE


def test_library_that_checks_no_forms_takes_none(admin_client: Client) -> None:
    """Wagtail's choosers ask an API whose library leaves Django's check out."""
    for address in ("pages", "images", "documents"):
        answers = [
            admin_client.generic(method, f"/admin/api/main/{address}/{number}")
            for method in ("POST", "PUT", "PATCH", "DELETE")
            for number in ("", "1/")
        ]
        assert {answer.status_code for answer in answers} <= {403, 404, 405}, address


# Ways off the site

SCHEMES = ("", "https:", "HTTP:", "ftp:", "javascript:")
SLASHES = ("//", "///", "\\\\", "/\\", "/\t/", "\n//")
HOSTS = (
    EVIL,
    f"{EVIL}:80/",
    f"{HOST}@{EVIL}/",
    f"{HOST}.{EVIL}/",
    f"{EVIL}#{HOST}",
    f"{EVIL}?{HOST}",
    f"{EVIL}%2f{HOST}/",
)
WAYS_OFF = ["".join(parts) for parts in itertools.product(SCHEMES, SLASHES, HOSTS)]


def stays_here(location: str) -> bool:
    """Where a browser would go: it drops tabs, line ends and slashes too many, and takes a backslash for a slash."""
    cleaned = re.sub(r"[\t\r\n]", "", location.strip("".join(map(chr, range(33))))).replace("\\", "/")
    cleaned = re.sub(r"^((?i:https?:)?)/{2,}", r"\1//", cleaned)
    there = urlsplit(urljoin(f"http://{HOST}/accounts/", cleaned))
    return there.scheme == "http" and there.netloc == HOST


def test_check_of_ways_off_knows_one() -> None:
    assert len(WAYS_OFF) >= 200
    assert [way for way in WAYS_OFF if stays_here(way)] == []
    assert stays_here("/people/?q=1")
    assert stays_here("people/")


@pytest.mark.django_db
def test_no_next_leads_off_the_site(settings) -> None:
    settings.ACCOUNT_RATE_LIMITS = False
    user = member()
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    signed_in, stranger = Client(), Client()
    signed_in.force_login(user)
    led = []
    for way in WAYS_OFF:
        for client, method, address in (
            (signed_in, "get", "/accounts/login/"),
            (signed_in, "get", "/accounts/signup/"),
            (stranger, "get", "/accounts/logout/"),
            (stranger, "get", "/accounts/editing/"),
        ):
            answer = getattr(client, method)(address, {"next": way})
            if answer.status_code in (301, 302, 303, 307, 308):
                led.append((address, way, answer["Location"]))
    # The page that asks for the code carries it on, in a form of our own.
    for way in WAYS_OFF[:: len(WAYS_OFF) // 10]:
        page = stranger.get("/accounts/login/", {"next": way})
        assert not re.search(rf'(?:href|action)="[^"?]*{re.escape(EVIL)}', page.text), way

    assert len(led) >= 3 * len(WAYS_OFF)
    assert [one for one in led if not stays_here(one[2])] == []


@pytest.mark.django_db
def test_signing_in_with_a_code_leads_nowhere_else(settings) -> None:
    settings.ACCOUNT_RATE_LIMITS = False
    user = User.objects.create_user("maud.penrose@example.org")
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    for way in WAYS_OFF[:: len(WAYS_OFF) // 20]:
        client = Client()
        client.post("/accounts/login/", {"login": user.email, "next": way})
        code = re.search(r"^ {4}(\S+)$", mail.outbox[-1].body, re.MULTILINE)
        answer = client.post("/accounts/login/code/confirm/", {"code": code[1], "next": way})

        assert answer.status_code == 302
        assert stays_here(answer["Location"]), way


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path", [f"//{EVIL}", f"//{EVIL}/..", f"/\\{EVIL}", f"///{EVIL}/%2e%2e", f"//{EVIL}/people", f"/%0d%0aX: {EVIL}"]
)
def test_address_that_looks_like_another_site_leads_to_none(path: str) -> None:
    answer = Client().get(path)

    assert answer.status_code == 404 or stays_here(answer.get("Location", "/"))
    assert "X" not in answer.headers


# Letters

BREAKS = ("\n", "\r\n", "\r", "%0a", "\u2028", "\x85", "\x0b", "\\n")
HEADERS = ("Bcc: victim@evil.example", "To: victim@evil.example", "Subject: Won", "Content-Type: text/html\n\n<b>")


@pytest.mark.django_db
def test_nothing_that_is_typed_makes_a_letter_another(settings, django_capture_on_commit_callbacks) -> None:
    settings.ACCOUNT_RATE_LIMITS = False
    page = proposition_page(title="Libraries\nBcc: victim@evil.example")
    known = member(email="known@example.org", first_name="Mara\nBcc: victim@evil.example")
    EmailAddress.objects.create(user=known, email=known.email, verified=True, primary=True)
    for number, (line_end, header) in enumerate(itertools.product(BREAKS, HEADERS)):
        for email in (f"mara{number}@example.org{line_end}{header}", f"known@example.org{line_end}{header}"):
            client = Client(headers={"origin": f"http://{HOST}"})
            with django_capture_on_commit_callbacks(execute=True):
                client.post("/accounts/login/", {"login": email})
                client.post("/accounts/signup/", {"email": email})
                client.post("/my-data/", {"do": "ask", "email": email})
                client.post(reverse("comments-follow", args=[page.pk]), {"email": email, "frequency": "at_once"})
    with django_capture_on_commit_callbacks(execute=True):
        address = reverse("comments-follow", args=[page.pk])
        Client(headers={"origin": f"http://{HOST}"}).post(address, {"email": known.email, "frequency": "at_once"})

    assert mail.outbox
    for letter in mail.outbox:
        written = letter.message()
        assert len(letter.recipients()) == 1
        assert not re.search(r"[\r\n]|victim", letter.recipients()[0])
        assert {"to", "from", "subject"} <= {name.lower() for name in written}
        assert written["Bcc"] is None
        assert len(written.get_all("To")) == len(written.get_all("Subject")) == 1
        assert not re.search(r"[\r\n](?![ \t])", str(written["Subject"]))


# Files


def picture(size: tuple[int, int] = (40, 30), mode: str = "RGB") -> bytes:
    drawn = io.BytesIO()
    Image.new(mode, size).save(drawn, "PNG")
    return drawn.getvalue()


SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>'
HTML = b"<!doctype html><script>alert(document.cookie)</script>"


def zipped(**files: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


@pytest.fixture
def editor(db) -> Client:
    client = Client()
    client.force_login(member(EDITORS))
    return client


def upload(client: Client, kind: str, name: str, content: bytes, content_type: str) -> HttpResponse:
    file = SimpleUploadedFile(name, content, content_type)
    address = reverse("wagtailimages:add" if kind == "image" else "wagtaildocs:add")
    return client.post(address, {"title": "Harbour", "file": file, "collection": Collection.get_first_root_node().pk})


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("drawing.svg", SVG),
        ("drawing.png", SVG),
        ("drawing.svg.png", SVG),
        ("page.jpg", HTML),
        ("page.gif", b"GIF89a" + HTML),
        ("archive.webp", zipped(x=HTML)),
        ("nothing.png", b""),
        ("half.png", picture()[:40]),
        ("picture.html", picture()),
        ("picture.php", picture()),
        # Seven kilobytes that unpack to more pixels than anybody shows.
        ("many.png", picture(size=(8000, 7000), mode="1")),
    ],
)
def test_what_is_no_picture_is_taken_for_none(editor: Client, name: str, content: bytes) -> None:
    answer = upload(editor, "image", name, content, "image/png")

    assert answer.status_code == 200
    assert answer.context["form"].errors.keys() == {"file"}
    assert not get_image_model().objects.exists()


def test_picture_that_is_also_a_page_is_drawn_anew(editor: Client, settings, tmp_path) -> None:
    """Neither of what is kept and what readers are given has a page behind the picture.

    A page inside a note of the picture goes as notes do: see `content/test_pictures.py`.
    """
    settings.MEDIA_ROOT = tmp_path
    upload(editor, "image", "both.png", picture() + HTML, "image/png")

    image = get_image_model().objects.get()
    rendition = image.get_rendition("width-20|format-webp")

    with image.file.open() as original, rendition.file.open() as shown:
        assert b"<script" not in original.read()
        assert b"<script" not in shown.read()


@pytest.mark.parametrize("name", ["page.html", "drawing.svg", "run.js", "page.xhtml", "page.xml", "page.pdf.html", "x"])
def test_document_that_a_browser_would_run_is_refused(editor: Client, name: str) -> None:
    answer = upload(editor, "document", name, HTML, "text/plain")

    assert answer.context["form"].errors.keys() == {"file"}
    assert not get_document_model().objects.exists()


@pytest.mark.parametrize("name", ["words.txt", "words.pdf", "words.csv", "words.zip"])
def test_documents_are_handed_out_as_files_and_never_opened_in_our_name(
    editor: Client, settings, tmp_path, name: str
) -> None:
    settings.MEDIA_ROOT = tmp_path
    upload(editor, "document", name, HTML, "text/html")

    answer = Client().get(get_document_model().objects.get().url)

    assert answer.status_code == 200
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "default-src 'none'"
    assert "html" not in answer["Content-Type"]
    answer.close()


def test_proxy_runs_nothing_of_what_was_uploaded_and_leaves_documents_to_the_site() -> None:
    site = (ROOT / "deploy" / "nginx" / "summit.conf").read_text()
    media = re.search(r"location /media/ \{(.*?)\}", site, re.DOTALL)[1]

    assert "nosniff" in media
    assert "sandbox" in media
    # A document may be for some only: the site asks who wants it, the proxy cannot.
    assert re.search(r"location /media/documents/ \{\s*return 404;", site)


def test_proxy_lets_nobody_crowd_where_monitors_wait_for_no_turn() -> None:
    site = (ROOT / "deploy" / "nginx" / "summit.conf").read_text()

    assert re.search(r"location /health/ \{\s*limit_req zone=health ", site)
    assert "limit_req_zone $binary_remote_addr zone=health:" in site


def test_large_uploads_are_refused_by_proxy_and_site(editor: Client, settings) -> None:
    settings.WAGTAILDOCS_MAX_UPLOAD_SIZE = 1000

    answer = upload(editor, "document", "long.txt", b"x" * 1001, "text/plain")

    assert answer.context["form"].errors.keys() == {"file"}
    assert "client_max_body_size 25m;" in (ROOT / "deploy" / "nginx" / "summit.conf").read_text()


# The page about it


def test_every_threat_is_answered_by_tests_that_there_are() -> None:
    page = (ROOT / "docs" / "security.md").read_text()
    rows = re.findall(r"^\| \d+ \|.*$", page, re.MULTILINE)
    named = [re.findall(r"`([\w/]+\.py)::(\w+)`", row) for row in rows]

    assert len(rows) == 20
    assert all(named)
    for path, name in itertools.chain(*named):
        assert re.search(rf"^(?:async )?def {name}\(", (ROOT / "tests" / path).read_text(), re.MULTILINE), name
