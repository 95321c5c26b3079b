import re

import pytest
from django.utils.html import strip_tags

from content.templatetags.typography import linked_notes, quoted


@pytest.mark.parametrize("typed", ["Keep the van.", "“Keep the van.”", '"Keep the van."', " 'Keep the van.' "])
def test_quotation_has_one_pair_of_marks(typed):
    assert quoted(typed) == "“Keep the van.”"


def notes(*texts):
    items = "".join(f"<li><p>{text}</p></li>" for text in texts)
    return f'<section class="block footnotes" aria-label="Footnotes">\n  <ol>\n    {items}\n  </ol>\n</section>'


def words(html):
    return "".join(strip_tags(html).replace("↑", "").split())


@pytest.mark.parametrize(("first", "second"), [("[1]", "[2]"), ("¹", "²")])
def test_marks_lead_to_their_footnotes_and_back(first, second):
    html = f"<p>Ferries{first} are <b>roads</b>.{second}</p>" + notes("Counted.", "In March.")

    linked = linked_notes(html)

    assert re.findall(r'<a class="note-mark" id="note-mark-(\d)" href="#note-(\d)"[^>]*>(.*?)</a>', linked) == [
        ("1", "1", first),
        ("2", "2", second),
    ]
    assert re.findall(r'<li id="note-(\d)">.*?href="#note-mark-(\d)"', linked) == [("1", "1"), ("2", "2")]
    assert words(linked) == words(html)


@pytest.mark.parametrize(
    "text",
    [
        "<p>Nine m² of deck and 3 km².</p>",
        "<p>Clause [2] and [14].</p>",
        '<p><a href="/x/">See [1]</a></p>',
        '<p title="[1]">Tides</p>',
    ],
)
def test_what_only_looks_like_a_mark_stays(text):
    linked = linked_notes(text + notes("Counted."))

    assert linked.startswith(text + "<section")
    assert "note-mark" not in linked


def test_text_without_footnotes_stays_as_it_is():
    assert linked_notes("<p>Ferries[1]</p>") == "<p>Ferries[1]</p>"
