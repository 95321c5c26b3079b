"""Addresses follow what they were given for: points and citations, wherever they move; prints, whatever has moved."""

import io
import json
import re

import pikepdf
import pytest
from django.utils.html import strip_tags
from wagtail.models import Page

from briefings import selectors
from briefings.citations import point_anchor, short_id
from briefings.exports import as_data
from briefings.models import BriefingPage, Edition
from briefings.printing import print_html
from gathering.models import Entry
from tests.factories.briefings import make_briefing, make_event, make_excerpt, point_block

pytestmark = pytest.mark.django_db


def squeezed(html):
    return " ".join(strip_tags(html.replace("<", " <")).split())


def printed_address(client, address="/b/4.pdf"):
    """Where the QR of a print leads: read from the link beside it, which says the same."""
    pdf = pikepdf.open(io.BytesIO(client.get(address).content))
    links = [one for page in pdf.pages for one in page.get("/Annots", []) if one.Subtype == "/Link" and "/A" in one]
    found = {str(one.A.URI) for one in links if "/b/" in str(one.A.URI)}
    return found.pop().removeprefix("http://localhost:8000")


@pytest.fixture
def moved(ready, client):
    """A briefing that was printed, and then published again with its points in another order."""
    ready.publish()
    ready.printed = printed_address(client)
    ready.first = selectors.evidence_of(ready.briefing)
    ready.briefing.points = json.dumps(list(reversed(ready.briefing.points.get_prep_value())))
    ready.publish()
    return ready


def test_address_of_a_point_follows_it(client, ready):
    briefing = ready.publish()
    address = f"/b/4/{short_id(ready.points[0].pk)}/"
    page = client.get(briefing.url).content.decode()
    assert f'href="{address}"' in page
    assert client.get(address)["Location"] == f"{briefing.url}#{point_anchor(ready.points[0].pk)}"
    heading = re.search(rf'id="{point_anchor(ready.points[0].pk)}".*?point__heading">([^<]*)<', page, re.DOTALL)
    assert heading[1] == "Question 1?"

    briefing.points = json.dumps(list(reversed(briefing.points.get_prep_value())))
    ready.publish()

    page = client.get(client.get(address)["Location"].partition("#")[0]).content.decode()
    heading = re.search(rf'id="{point_anchor(ready.points[0].pk)}".*?point__heading">([^<]*)<', page, re.DOTALL)
    assert heading[1] == "Question 1?"
    assert 'id="point-3"' in heading[0]


def test_address_of_a_citation_follows_it(client, moved):
    former = {one.anchor: (one.code, one.text) for one in moved.first.citations}
    now = {one.anchor: (one.code, one.text) for one in selectors.evidence_of(moved.briefing).citations}

    assert [code for code, _ in former.values()] == ["1a", "2a", "3a"]
    assert {anchor: (code[::-1] and text) for anchor, (code, text) in former.items()} == {
        anchor: text for anchor, (_, text) in now.items()
    }
    assert [now[anchor][0] for anchor in former] == ["3a", "2a", "1a"]
    page = client.get(moved.briefing.url).content.decode()
    for anchor in former:
        assert [page.count(f'id="{anchor}"'), page.count(f'href="#{anchor}"')] == [1, 1]


def test_print_leads_to_the_briefing_while_its_codes_stand(client, ready):
    briefing = ready.publish()
    address = printed_address(client)
    assert address == "/b/4.1/"
    assert client.get(address)["Location"] == briefing.url

    # Other words, and one more citation at the end: every code of the print still leads where it led.
    blocks = briefing.points.get_prep_value()
    blocks[0] = point_block("Asked anew?", [ready.excerpts[0][0], ready.excerpts[1][0]], ready.points[0].pk)
    briefing.points = json.dumps(blocks)
    ready.publish()

    assert client.get(address)["Location"] == briefing.url
    assert printed_address(client) == "/b/4.2/"


def test_code_on_an_older_print_leads_to_what_it_stood_for(client, moved):
    response = client.get(moved.printed)

    assert response.status_code == 200
    html = response.content.decode()
    rows = dict(re.findall(r'<div class="excerpt[^"]*" id="(\w+)">(.*?)</div>\s*</div>', html, re.DOTALL))
    assert {code: "These are the words of 3.1." in row for code, row in rows.items()} == {
        "1a": False,
        "2a": False,
        "3a": True,
    }
    now = selectors.evidence_of(moved.briefing).citations[0]
    assert f'href="{moved.briefing.url}#{now.anchor}">In the briefing now as 1a<' in rows["3a"]
    assert "as 2a, as in your copy" in rows["2a"]
    assert "3 Question 3? Now point 1." in squeezed(html)
    # The newest print is another edition, and leads straight to the page.
    assert printed_address(client) == "/b/4.2/"
    assert client.get("/b/4.2/")["Location"] == moved.briefing.url
    assert client.get("/b/4.3/").status_code == 404


def test_edition_shows_nothing_that_may_not_be_shown_any_more(client, moved):
    Entry.objects.filter(pk=moved.entries[2][0].pk).update(source_withdrawn_at="2026-10-20T10:00Z")

    html = client.get(moved.printed).content.decode()

    assert "words of 3.1." not in html
    assert "Withdrawn by its author." in html
    assert "words of 2.1." in html


def test_point_that_left_says_where_it_stood(client, ready):
    ready.publish()
    blocks = ready.briefing.points.get_prep_value()
    excerpt = make_excerpt(ready.entries[0][1], ready.points[0])
    ready.briefing.points = json.dumps([blocks[0], blocks[2], point_block("Another?", [excerpt])])
    ready.publish()

    response = client.get(f"/b/4/{short_id(ready.points[1].pk)}/")

    assert response.status_code == 410
    assert "It was point 2 of the edition of" in response.content.decode()
    assert 'href="/b/4.1/#point-2"' in response.content.decode()
    assert "No longer in the briefing" in client.get("/b/4.1/").content.decode()
    assert "No longer cited" in client.get("/b/4.1/").content.decode()
    assert client.get("/b/4/00000000/").status_code == 404


def test_number_of_a_point_asks_back_once_it_has_been_two(client, ready):
    briefing = ready.publish()
    assert client.get("/b/4/2/")["Location"] == f"{briefing.url}#{point_anchor(ready.points[1].pk)}"
    assert [client.get(f"/b/4/{number}/").status_code for number in (0, 9)] == [404, 404]

    blocks = briefing.points.get_prep_value()
    briefing.points = json.dumps([blocks[1], blocks[0], blocks[2]])
    ready.publish()

    response = client.get("/b/4/2/")
    assert response.status_code == 300
    html = response.content.decode()
    for index in (0, 1):
        assert f'href="{briefing.url}#{point_anchor(ready.points[index].pk)}">Question {index + 1}?<' in html
    assert client.get("/b/4/3/")["Location"] == f"{briefing.url}#{point_anchor(ready.points[2].pk)}"


def test_draft_carries_no_edition_until_its_codes_are_those_that_were_published(ready):
    assert "localhost:8000/b/4<" in print_html(ready.briefing)
    assert as_data(ready.briefing)["edition"] is None
    ready.publish()
    assert "localhost:8000/b/4.1<" in print_html(ready.briefing)

    ready.briefing.points = json.dumps(list(reversed(ready.briefing.points.get_prep_value())))
    draft = ready.briefing.save_revision().as_object()

    assert "localhost:8000/b/4<" in print_html(draft)
    assert "localhost:8000/b/4.1<" in print_html(BriefingPage.objects.get())
    assert as_data(BriefingPage.objects.get())["edition"] == 1


def test_publishing_again_with_the_same_numbers_makes_no_edition(ready):
    ready.publish()
    ready.briefing.title = "Open the door first"
    ready.publish()
    ready.briefing.unpublish()
    ready.publish()

    assert list(Edition.objects.values_list("number", flat=True)) == [1]


def test_address_of_a_briefing_that_was_printed_is_never_given_to_another(client, ready):
    ready.publish()
    assert ready.briefing.short_address == "4"
    Page.objects.get(pk=ready.event.pk).delete()

    assert client.get("/b/4/").status_code == 404
    assert make_briefing(make_event("The next"), number=4).short_address.startswith("4-")


def test_address_of_a_draft_that_nobody_saw_is_free_again(ready):
    BriefingPage.objects.get(pk=ready.briefing.pk).delete()

    assert make_briefing(ready.event, number=4).short_address == "4"
