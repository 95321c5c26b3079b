"""What changed between two versions of a text."""

from propositions.comparison import Piece, compare, paragraphs_of


def test_paragraphs_are_read_from_rendered_blocks():
    html = "<div><p>One &amp; <em>two</em></p><ul><li>Three</li></ul></div><h2>Four<br>five</h2><p>  </p>"

    assert paragraphs_of(html) == ["One & two", "Three", "Four five"]


def test_changed_words_stand_beside_what_they_replace():
    found = compare(["Depots open at noon on weekdays."], ["Depots open at dawn on weekdays."])

    assert found == [
        [
            Piece("same", "Depots open at "),
            Piece("gone", "noon "),
            Piece("new", "dawn "),
            Piece("same", "on weekdays."),
        ]
    ]


def test_new_and_removed_paragraphs_are_whole():
    before = ["The gate is locked.", "Nobody remembers why the yard was closed."]
    after = ["The gate is locked.", "A rota of neighbours keeps the key now."]

    found = compare(before, after)

    assert found == [
        [Piece("same", "The gate is locked.")],
        [Piece("new", "A rota of neighbours keeps the key now.")],
        [Piece("gone", "Nobody remembers why the yard was closed.")],
    ]


def test_later_text_can_be_read_off_a_comparison():
    before = ["One two three.", "Four five six seven eight.", "Nine."]
    after = ["One two.", "Nought.", "Four five six seven eight nine ten."]

    found = compare(before, after)

    kept = ["".join(p.text for p in pieces if p.kind != "gone").strip() for pieces in found]
    assert [text for text in kept if text] == after
