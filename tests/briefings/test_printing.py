"""The briefing on paper: tagged, two pages, with its fonts in it, and nothing fetched to make it."""

import io
import json

import pdfua
import pikepdf
import pytest
from django.core.management import CommandError, call_command

from briefings import printing
from briefings.citations import point_anchor
from briefings.models import BriefingPage, Print, Series
from briefings.selectors import evidence_of
from discussion.actions import withdraw_comment
from events.models import EventPage
from gathering.models import Entry
from people.keys import author_key_of_user
from people.models import User
from tests.factories.briefings import make_comment, make_ready_briefing, point_block

pytestmark = pytest.mark.django_db

TEXT = "Somebody has to open the door, and somebody has to be told that it is open. " * 4


@pytest.fixture
def seven(db):
    ready = make_ready_briefing(points=7)
    blocks = [
        point_block(f"Who opens door {number}?", cites=ready.excerpts[number - 1], block_id=point.pk, text=TEXT)
        for number, point in enumerate(ready.points, start=1)
    ]
    ready.briefing.points = json.dumps(blocks)
    ready.publish()
    return ready


def structure(node, depth=0):
    """Every element of a PDF's structure tree as (type, depth, element)."""
    if isinstance(node, pikepdf.Array):
        for kid in node:
            yield from structure(kid, depth)
    elif isinstance(node, pikepdf.Dictionary) and "/S" in node:
        yield str(node.S), depth, node
        if "/K" in node:
            yield from structure(node.K, depth + 1)


def test_pdf_is_tagged_with_language_title_headings_lists_and_described_figures(seven):
    pdf = pikepdf.open(io.BytesIO(printing.print_briefing(seven.briefing).content))
    elements = list(structure(pdf.Root.StructTreeRoot.K))
    kinds = [kind for kind, _, _ in elements]

    with pdf.open_metadata() as metadata:
        assert metadata["pdfuaid:part"] == "1"
        assert metadata["dc:title"] == f"Briefing 4: {seven.briefing.title}"
    assert str(pdf.Root.Lang) == "en-GB"
    assert bool(pdf.Root.MarkInfo.Marked)
    assert bool(pdf.Root.ViewerPreferences.DisplayDocTitle)
    # The title; seven points, what they rest on.
    assert (kinds.count("/H1"), kinds.count("/H2")) == (1, 8)
    assert (kinds.count("/L"), kinds.count("/LI")) == (2, 7)
    assert {depth for kind, depth, _ in elements if kind == "/L"} == {min(d for k, d, _ in elements if k == "/L")}
    figures = [element for kind, _, element in elements if kind == "/Figure"]
    assert [str(figure.get("/Alt")) for figure in figures] == [
        "A square code that leads to localhost:8000/b/4.1",
    ]


def test_pdf_has_two_pages_with_every_font_in_it(seven):
    printed = printing.print_briefing(seven.briefing)
    pdf = pikepdf.open(io.BytesIO(printed.content))

    assert (printed.pages, printed.fits, printed.warning) == (2, True, "")
    fonts = {str(font.BaseFont).partition("+")[2]: font for page in pdf.pages for font in page.Resources.Font.values()}
    assert set(fonts) == {
        "Summit-Display",
        "Summit-Text",
        "Summit-Text-Italic",
        "Summit-Sans",
        "Summit-Sans-Semi-Bold",
    }
    assert all("/FontFile2" in font.DescendantFonts[0].FontDescriptor for font in fonts.values())
    assert [[round(float(side)) for side in page.MediaBox] for page in pdf.pages] == [[0, 0, 595, 842]] * 2


def test_codes_on_paper_lead_to_the_evidence_and_the_evidence_to_its_source(seven):
    html = printing.print_html(seven.briefing)

    anchors = [one.anchor for one in evidence_of(seven.briefing).citations]
    assert [html.count(f'href="#{anchor}"') for anchor in anchors] == [1, 1, 1, 1, 1, 1, 2]
    assert [html.count(f'id="{anchor}"') for anchor in anchors] == [1] * 7
    assert "http://localhost:8000/b/4.1/" in html


def test_briefing_that_is_too_long_is_set_closer_before_it_runs_over(seven):
    blocks = seven.briefing.points.get_prep_value()
    for block in blocks:
        block["value"]["discussion"] = block["value"]["discussion"].replace(TEXT, TEXT + TEXT[:36])
    seven.briefing.points = json.dumps(blocks)
    evidence = evidence_of(seven.briefing)
    roomy = printing._lay_out(printing.print_html(seven.briefing, evidence), base_url="http://localhost/")
    assert not {f"point-{number}" for number in range(1, 8)} <= set(roomy.pages[0].anchors)

    printed = printing.print_briefing(seven.briefing)

    assert (printed.pages, printed.points_on_first_page) == (2, True)


def test_little_text_is_set_larger_and_fills_its_page(seven):
    seven.briefing.points = json.dumps(
        [
            point_block(f"Question {index + 1}?", [seven.excerpts[index][0]], seven.points[index].pk, "A key is lost.")
            for index in range(5)
        ]
    )
    evidence = evidence_of(seven.briefing)
    airy, roomy = (
        printing._lay_out(printing.print_html(seven.briefing, evidence, size=size), base_url="http://localhost/")
        for size in ("airy", "roomy")
    )

    printed = printing.print_briefing(seven.briefing)

    assert (printed.pages, printed.points_on_first_page) == (2, True)
    last = [laid.pages[0].anchors["point-3"][1] for laid in (airy, roomy)]
    assert last[0] > last[1] * 1.1
    pdf = pikepdf.open(io.BytesIO(printed.content))
    places = {str(one[0]): one[1] for one in zip(*[iter(pdf.Root.Names.Dests.Names)] * 2, strict=True)}
    # Set as the airy one, measured from the foot of the page.
    height = float(pdf.pages[0].MediaBox[3])
    assert height - float(places["point-3"][3]) == pytest.approx(last[0] * 0.75, abs=1)


def test_between_roomy_and_tight_the_sources_keep_all_their_words(seven):
    blocks = seven.briefing.points.get_prep_value()
    for block in blocks:
        block["value"]["discussion"] = block["value"]["discussion"].replace(TEXT, TEXT + TEXT[:36])
    seven.briefing.points = json.dumps(blocks)
    evidence = evidence_of(seven.briefing)

    tried = {size: printing.print_html(seven.briefing, evidence, size=size) for size in ("snug", "tight")}
    laid = printing._lay_out(tried["snug"], base_url="http://localhost/")

    assert {f"point-{number}" for number in range(1, 8)} <= set(laid.pages[0].anchors)
    assert len(laid.pages) == 2
    assert "live, 14 October" in tried["snug"]
    assert "live, 14 Oct," in tried["tight"]


def test_points_that_do_not_fit_are_said_to_be_too_long(seven):
    blocks = seven.briefing.points.get_prep_value()
    blocks[0]["value"]["discussion"] = f"<p>{TEXT * 12}</p>"
    seven.briefing.points = json.dumps(blocks)

    printed = printing.print_briefing(seven.briefing)

    assert (printed.pages, printed.fits) == (3, False)
    assert printed.warning == (
        "The print runs to 3 pages instead of 2. Shorten the opening or the longest points, or choose more pages."
    )


def test_points_run_on_to_the_second_page_before_there_is_a_third(seven):
    blocks = seven.briefing.points.get_prep_value()
    for block in blocks:
        block["value"]["discussion"] = f"<p>{TEXT * 2}</p>"
    seven.briefing.points = json.dumps(blocks)

    printed = printing.print_briefing(seven.briefing)

    assert (printed.pages, printed.fits, printed.points_on_first_page) == (2, True, False)
    assert printed.warning.startswith("The points run on to the second page.")


def test_nothing_is_fetched(seven, monkeypatch):
    monkeypatch.setattr("socket.socket.connect", lambda *args: pytest.fail("something was fetched"))
    seven.briefing.opening = (
        '<p>Look: <embed embedtype="media" url="http://169.254.169.254/"/>'
        '<img src="http://127.0.0.1/x.png"><img src="file:///etc/passwd"></p>'
    )

    assert printing._print(seven.briefing, evidence_of(seven.briefing)).pages == 2


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1/",
        "https://example.org/x.css",
        "file:///etc/passwd",
        "ftp://example.org/",
        "https://static.invalid/../pyproject.toml",
        "https://static.invalid/css/../../pyproject.toml",
        "https://static.invalid//etc/passwd",
        "https://static.invalid.example.org/x",
    ],
)
def test_fetcher_refuses_all_but_static_files(address):
    with pytest.raises((ValueError, IndexError)):
        printing._fetcher().fetch(address)


def test_print_is_kept_until_something_in_it_changes(seven, monkeypatch):
    made = []
    monkeypatch.setattr(
        printing, "_print", lambda *args: made.append(args) or printing.Printed(b"%PDF", 2, points_on_first_page=True)
    )

    printing.print_briefing(seven.briefing)
    printing.print_briefing(seven.briefing)
    assert len(made) == 1
    assert printing.known_print(seven.briefing).pages == 2
    Entry.objects.filter(pk=seven.entries[0][0].pk).update(source_withdrawn_at="2026-10-20T10:00Z")
    assert printing.known_print(seven.briefing) is None
    printing.print_briefing(seven.briefing)

    assert len(made) == 2


def test_withdrawn_words_are_not_on_paper(seven):
    assert "words of 1.1" in printing.print_html(seven.briefing)
    Entry.objects.filter(pk=seven.entries[0][0].pk).update(source_withdrawn_at="2026-10-20T10:00Z")

    html = printing.print_html(seven.briefing)

    assert "words of 1.1" not in html
    assert "Withdrawn by its author." in html


def test_print_is_made_when_it_is_published_and_no_reader_waits(
    client, seven, monkeypatch, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        seven.publish()
    monkeypatch.setattr(printing, "_print", lambda *args: pytest.fail("a reader waits for the print"))

    assert client.get("/b/4.pdf").content.startswith(b"%PDF")
    assert Print.objects.count() == 1


def test_print_goes_with_the_words_that_leave_it(seven, monkeypatch, django_capture_on_commit_callbacks):
    author = User.objects.create_user("author@example.org")
    comment = make_comment(
        seven.proposition,
        "Sentence 1.1 stands ahead. These are the words of 1.1. It ends.",
        author_key=author_key_of_user(author),
    )
    Entry.objects.filter(comment=comment).delete()
    Entry.objects.filter(pk=seven.entries[0][0].pk).update(comment=comment, contribution=None)
    printing.print_briefing(seven.briefing)
    known = set(Print.objects.values_list("digest", flat=True))

    with django_capture_on_commit_callbacks(execute=True):
        withdraw_comment(comment=comment, actor=author)

    # The one without those words is made at once.
    assert Print.objects.count() == 1
    assert known.isdisjoint(Print.objects.values_list("digest", flat=True))


def test_prints_of_a_draft_do_not_pile_up(seven, monkeypatch):
    monkeypatch.setattr(printing, "_print", lambda *args: printing.Printed(b"%PDF", 2, points_on_first_page=True))
    for number in range(printing.PRINTS_KEPT + 2):
        seven.briefing.opening = f"<p>Draft {number}</p>"
        printing.print_briefing(seven.briefing)

    assert Print.objects.count() == printing.PRINTS_KEPT
    assert printing.known_print(seven.briefing) is not None


def test_print_has_the_colour_of_its_series_else_of_its_event_else_of_the_house(seven):
    def colours(briefing):
        return {colour for colour in ("#0B5A5C", "#275B35", "#83346D") if colour in printing.print_html(briefing)}

    assert colours(seven.briefing) == {"#0B5A5C"}
    EventPage.objects.update(accent_hue=150)
    assert colours(BriefingPage.objects.get()) == {"#275B35"}
    Series.objects.update(accent_hue=340)
    assert colours(BriefingPage.objects.get()) == {"#83346D"}


@pytest.mark.parametrize(("wanted", "warns"), [(1, True), (3, False)])
def test_print_is_fitted_to_the_chosen_pages(seven, wanted, warns):
    seven.briefing.pages = wanted

    printed = printing.print_briefing(seven.briefing)

    assert (printed.pages, printed.fits) == (2, not warns)
    assert printed.says == (
        "The print runs to 2 pages instead of 1. Shorten the closing or cite less, or choose more pages."
        if warns
        else "It fits: 2 pages."
    )


def test_checker_of_pdf_ua_finds_nothing(seven, tmp_path):
    target = tmp_path / "briefing.pdf"
    target.write_bytes(printing.print_briefing(seven.briefing).content)

    report = pdfua.validate(str(target))

    assert [(finding.rule_id, finding.message) for finding in report.findings] == []


def test_everything_on_paper_is_in_the_structure_or_said_to_be_decoration(seven):
    pdf = pikepdf.open(io.BytesIO(printing.print_briefing(seven.briefing).content))

    for page in pdf.pages:
        depth, shown_outside = 0, []
        for operands, operator in pikepdf.parse_content_stream(page):
            name = str(operator)
            if name in ("BDC", "BMC"):
                depth += 1
            elif name == "EMC":
                depth -= 1
            elif name in ("Tj", "TJ", "Do", "S", "f", "B") and not depth:
                shown_outside.append((name, operands))
        assert (depth, shown_outside) == (0, [])
        assert str(page.Tabs) == "/S"
    # Every link is an element of its own and says where it leads.
    links = [element for kind, _, element in structure(pdf.Root.StructTreeRoot.K) if kind == "/Link"]
    annotations = [one for page in pdf.pages for one in page.get("/Annots", []) if one.Subtype == "/Link"]
    assert len(links) == len(annotations) > 7


def test_printed_code_leads_to_the_comment_and_the_comment_back_to_its_point(client, seven):
    text = "Sentence 1.1 stands ahead. These are the words of 1.1. It ends."
    comment = make_comment(seven.proposition, text, is_listed=True, is_root=True)
    Entry.objects.filter(comment=comment).delete()
    Entry.objects.filter(pk=seven.entries[0][0].pk).update(comment=comment, contribution=None, channel="before")
    seven.publish()
    pdf = pikepdf.open(io.BytesIO(client.get("/b/4.pdf").content))
    links = [one for page in pdf.pages for one in page.get("/Annots", []) if one.Subtype == "/Link"]

    inside = {str(one.Dest) for one in links if "/Dest" in one}
    outside = ["/" + str(one.A.URI).split("/", 3)[3] for one in links if "/A" in one]
    permalink = comment.get_absolute_url()
    source = client.get(permalink)["Location"]
    address, _, fragment = source.partition("#")
    page = client.get(address).content.decode()

    assert evidence_of(seven.briefing).citations[0].anchor in inside
    assert permalink in outside
    assert f'id="{fragment}"' in page
    assert f'href="{seven.briefing.url}#{point_anchor(seven.points[0].pk)}"' in page


def test_points_that_run_on_are_set_row_by_row(seven):
    blocks = seven.briefing.points.get_prep_value()
    for block in blocks:
        block["value"]["discussion"] = f"<p>{TEXT * 2}</p>"
    seven.briefing.points = json.dumps(blocks)

    pdf = pikepdf.open(io.BytesIO(printing.print_briefing(seven.briefing).content))

    dests = pdf.Root.Names.Dests.Names
    places = {str(dests[i]): dests[i + 1] for i in range(0, len(dests), 2)}
    page_of = {name: list(pdf.pages).index(pikepdf.Page(place[0])) for name, place in places.items()}
    order = [page_of[f"point-{number}"] for number in range(1, 8)]
    assert order == sorted(order)
    assert order[-1] == 1


@pytest.mark.parametrize(
    ("title", "size", "lines"),
    [
        ("Open the door", "large", ("Open the door",)),
        ("We must stay long enough to be known", "large", ("We must stay long", "enough to be known")),
        ("Open the door before you mend the roof", "medium", ("Open the door before", "you mend the roof")),
        ("Unpronounceablelongestwordoftheparish", "long", ("Unpronounceablelongestwordoftheparish",)),
        ("", "long", ("",)),
    ],
)
def test_title_is_set_in_lines_of_equal_length(title, size, lines):
    assert printing.set_title(title) == printing.Title(size, lines)


# Addresses


def test_published_briefing_is_served_as_pdf_with_cookies_for_nobody(client, seven):
    response = client.get("/b/4.pdf")

    assert (response.status_code, response["Content-Type"]) == (200, "application/pdf")
    assert response.content.startswith(b"%PDF-1.7")
    assert not response.cookies


def test_draft_is_printed_for_its_editors_only(client, ready):
    url = f"/admin/briefings/{ready.briefing.pk}/print/"
    assert client.get(url).status_code == 302
    client.force_login(User.objects.create_user("delegate@example.org"))
    assert client.get(url).status_code == 302
    client.force_login(User.objects.create_superuser("root@example.org"))

    assert client.get(url).content.startswith(b"%PDF")
    assert client.get(url, {"length": 1}).json() == {"pages": 2, "fits": True, "says": "It fits: 2 pages."}


# From the command line


@pytest.mark.parametrize(
    ("kind", "begins"),
    [("pdf", b"%PDF-1.7"), ("docx", b"PK"), ("json", b'{\n  "$schema"'), ("html", b"<!doctype html>")],
)
def test_briefing_is_exported_to_a_file(seven, tmp_path, kind, begins):
    target = tmp_path / "briefing"

    call_command("export_briefing", seven.briefing.slug, format=kind, output=str(target), stderr=io.StringIO())

    content = target.read_bytes()
    assert content.startswith(begins)
    if kind == "html":
        assert b"static.invalid" not in content
        assert content.count(b"data:font/woff2;base64,") == 5


def test_export_names_what_there_is_when_a_slug_is_wrong(seven):
    with pytest.raises(CommandError, match=f"There is no briefing 'nope'. There are: {seven.briefing.slug}."):
        call_command("export_briefing", "nope")


def test_export_says_why_a_file_cannot_be_written(seven, tmp_path):
    with pytest.raises(CommandError, match="cannot be written: No such file or directory"):
        call_command("export_briefing", "4", format="json", output=str(tmp_path / "no" / "where"))


@pytest.mark.parametrize("closing", ["", '<p data-block-key="x1y2z"></p>'])
def test_briefing_without_a_closing_shows_no_empty_place_for_one(client, seven, closing):
    with_one = client.get(seven.briefing.url).content.decode()
    seven.briefing.closing, seven.briefing.credit = closing, ""
    briefing = seven.publish()

    page = client.get(briefing.url).content.decode()
    paper = printing.print_html(briefing)

    assert 'aria-label="In closing"' in with_one
    assert 'aria-label="In closing"' not in page
    assert 'id="closing"' not in paper
    # What it rests on opens the second page instead.
    assert '<section class="sources overleaf">' in paper
    assert printing.print_briefing(briefing).pages == 2
