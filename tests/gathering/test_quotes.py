"""The quote gate: what stands in the source may be quoted, nothing else."""

import re
import time
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from gathering.quotes import (
    MAX_QUOTE_LENGTH,
    QuoteRefused,
    find_quotation,
    quotation_from_spans,
    text_of_spans,
)

SOURCE = """The keys to the depot were in Maureen’s coat. Nobody else knew which door stuck – not even the foreman.

When she left we spent a winter learning it again... at the public's expense. See note [2] for the bill."""


@pytest.mark.parametrize(
    ("quoted", "shown"),
    [
        ("Nobody else knew which door stuck", "Nobody else knew which door stuck"),
        ("“Nobody else knew which door stuck”", "Nobody else knew which door stuck"),
        ("in Maureen's coat", "in Maureen’s coat"),
        ("which door stuck - not even", "which door stuck – not even"),
        ("not  even\tthe\nforeman. When she", "not even the foreman. When she"),
        ("The keys … were in", "The keys … were in"),
        ("The keys ... were in", "The keys … were in"),
        ("The keys [...] were in", "The keys … were in"),
        ("… a winter learning it …", "a winter learning it"),
        ("learning it again... at the", "learning it again … at the"),
        ("[n]obody else knew", "[n]obody else knew"),
        ("she left [us] we spent", "she left [us] we spent"),
        ("the foreman [himself].", "the foreman [himself]."),
        ("[Only] the foreman", "[Only] the foreman"),
        ("See note [2] for the bill", "See note [2] for the bill"),
        ("See note [no. 1] [2] for", "See note [no. 1] [2] for"),
    ],
)
def test_words_of_the_source_are_quoted_in_its_own_characters(quoted, shown):
    quotation = find_quotation(SOURCE, quoted)

    assert quotation.text == shown
    assert find_quotation(SOURCE, quotation.text) == quotation


@pytest.mark.parametrize(
    ("quoted", "reason"),
    [
        (
            "Nobody else knew which gate stuck",
            "“gate stuck” does not stand in the source: after “Nobody else knew which” "
            "the source says “door stuck - not …”.",
        ),
        ("Everybody knew", "“Everybody knew” does not stand in the source."),
        (
            "a winter … which door stuck",
            "“which door stuck” stands in the source, but not after “a winter”: quoted words keep their order.",
        ),
        ("The keys … to the depot", "“…” before “to the depot” leaves nothing out."),
        (
            "eys to the depot",
            "“eys to the …” begins in the middle of “keys”: quote whole words.",
        ),
        (
            "the keys to the dep",
            "Capital letters count: the source says “The keys to the dep”.",
        ),
        (
            "keys to the dep",
            "“to the dep” ends in the middle of “depot”: quote whole words.",
        ),
        ("nobody else", "Capital letters count: the source says “Nobody else”."),
        ("the for[e]man", "“[e]” is joined to a word"),
        ("the fore[x]man", "“[x]” is joined to a word"),
        ("door[s] stuck", "“[s]” is joined to a word"),
        ("the [un]public's expense", "“[un]” is joined to a word"),
        ("the [un]\u00adpublic's expense", "“[un]” is joined to a word"),
        ("the [un][p]ublic's expense", "“[un]” is joined to a word"),
        ("we spent[ no]", "“[no]” is joined to a word"),
        ("Nobody else [ever knew", "A bracket is opened and not closed."),
        ("Nobody else ]ever knew", "A bracket is closed that was never opened."),
        ("Nobody [] else", "A bracket is empty."),
        (
            "[everything]",
            "“[everything]” stands alone: a quotation needs words of the source beside it.",
        ),
        (
            "Nobody [" + "x" * 81 + "] else",
            "The words in brackets are longer than 80 characters.",
        ),
        ("", "There are no words to quote."),
        (" … “ ", "There are no words to quote."),
        (
            "for the bill. And",
            "“And” does not stand in the source: after “for the bill.” the source ends.",
        ),
        (
            "x" * (MAX_QUOTE_LENGTH + 1),
            f"A quotation has at most {MAX_QUOTE_LENGTH} characters; this one has {MAX_QUOTE_LENGTH + 1}.",
        ),
    ],
)
def test_other_words_are_refused_with_the_reason(quoted, reason):
    with pytest.raises(QuoteRefused) as refusal:
        find_quotation(SOURCE, quoted)

    assert refusal.value.reason.startswith(reason)


def test_brackets_cannot_hide_a_word():
    """A bracket adds; were it to replace, "is [very] sound" could stand for "is not sound"."""
    with pytest.raises(QuoteRefused):
        find_quotation("The plan is not sound.", "The plan is [very] sound.")


@pytest.mark.parametrize(
    ("source", "quoted", "word"),
    [
        ("We can’t close it.", "We can … close it", "can't"),
        ("We didn't lose a year.", "We didn", "didn't"),
        ("The rule is non-negotiable here.", "negotiable here", "non-negotiable"),
        ("We lost 3.5 years of it.", "We lost 3 … years", "3.5"),
        ("It cost 12,000 in all.", "It cost 12 … in all", "12,000"),
    ],
)
def test_no_part_of_a_word_or_number_stands_for_it(source, quoted, word):
    """Were "can't" cut at its apostrophe, "We can … close it" would say the opposite in the speaker's own letters."""
    with pytest.raises(QuoteRefused, match=f"in the middle of “{word}”: quote whole words."):
        find_quotation(source, quoted)

    marked = source.index(word[0:2] if word != "non-negotiable" else "negotiable")
    assert quotation_from_spans(source, [(marked, marked + 2)]).text.replace("’", "'") == word


def test_words_beside_a_dash_or_a_closing_mark_are_whole():
    source = "Ask the wardens—they know. He said ‘no’, then ‘yes’: at 10.30."

    for words in ("Ask the wardens", "they know", "no", "then ‘yes", "at 10.30"):
        assert find_quotation(source, words).text == words


def test_an_ellipsis_finds_the_later_place_that_leaves_something_out():
    quotation = find_quotation("we lost a year and then a year again", "we lost … a year")

    assert quotation.spans == ((0, 7), (24, 30))


words = st.lists(
    st.text(
        st.characters(categories=["Lu", "Ll", "Nd"], max_codepoint=0x24F),
        min_size=1,
        max_size=8,
    ),
    min_size=1,
    max_size=30,
)
separators = st.sampled_from(
    [
        " ",
        "  ",
        "\n\n",
        ", ",
        ". ",
        " – ",
        " ‘",
        "’ ",
        "\u00a0",
        "... ",
        " [",
        "] ",
        "; ",
    ]
)


@st.composite
def sources(draw):
    """A text, and the span of each of its words."""
    text, spans = "", []
    for word in draw(words):
        if text:
            text += draw(separators)
        spans.append((len(text), len(text) + len(word)))
        text += word
    return text, spans


@st.composite
def sources_with_marks(draw):
    """A text and some of its words, in order, as somebody would mark them."""
    text, spans = draw(sources())
    edges = sorted(draw(st.lists(st.integers(0, len(spans) - 1), min_size=2, max_size=6)))
    marks = [(spans[a][0], spans[b][1]) for a, b in zip(edges[::2], edges[1::2], strict=False)]
    assume(all(first[1] <= second[0] for first, second in pairwise(marks)))
    return text, marks


@given(sources_with_marks())
def test_marked_words_always_pass_the_gate_as_text(case):
    source, marks = case
    quotation = quotation_from_spans(source, marks)

    found = find_quotation(source, quotation.text)

    assert re.findall(r"\w+", text_of_spans(source, found.spans)) == re.findall(r"\w+", quotation.text)


@given(sources_with_marks(), st.integers(0, 3))
def test_quotations_are_made_of_whole_words_of_the_source_in_order(case, cut):
    source, marks = case
    shifted = [(start + min(cut, (end - start) // 2), end) for start, end in marks]

    quotation = quotation_from_spans(source, shifted)

    position = 0
    for start, end in quotation.spans:
        assert position <= start < end <= len(source)
        assert not (start and source[start - 1].isalnum() and source[start].isalnum())
        assert not (end < len(source) and source[end - 1].isalnum() and source[end].isalnum())
        position = end


@given(sources_with_marks(), st.sampled_from(["zyzzyva", "quixotry", "0x7f"]), st.data())
def test_a_foreign_word_is_never_let_through(case, foreign, data):
    source, marks = case
    assume(foreign.lower() not in source.lower())
    text = text_of_spans(source, marks)
    at = data.draw(st.sampled_from([index for index, c in enumerate(text) if c == " "] or [len(text)]))

    # Brackets are left aside: put in between two of the source's own it would be marked as an addition.
    assume("[" not in text and "]" not in text)
    with pytest.raises(QuoteRefused):
        find_quotation(source, f"{text[:at]} {foreign} {text[at:]}")


@given(
    sources_with_marks(),
    st.text("abcilnu'", min_size=1, max_size=3),
    st.sampled_from(["", "\u00ad", "\u200b"]),
    st.data(),
)
def test_no_bracket_is_fused_to_a_quoted_word(drawn, letters, between, data):
    source, marks = drawn
    # Without brackets of its own, in which a word is one of the source's.
    source = source.translate({ord("["): " ", ord("]"): " "})
    text = quotation_from_spans(source, marks).text
    edges = [
        (index, before)
        for index in range(len(text) + 1)
        # A first letter whose case alone is changed is the one exception.
        for before in ((True, False) if len(letters) > 1 else (False,))
        if (text[index : index + 1] if before else text[index - 1 : index][:1]).isalnum()
    ]
    at, before = data.draw(st.sampled_from(edges))
    fused = f"[{letters}]{between}" if before else f"{between}[{letters}]"

    with pytest.raises(QuoteRefused):
        find_quotation(source, text[:at] + fused + text[at:])


@given(st.text(max_size=200), st.text(max_size=200))
def test_any_two_texts_get_an_answer(source, quoted):
    try:
        quotation = find_quotation(source, quoted)
    except QuoteRefused as refusal:
        assert refusal.reason  # noqa: PT017 either answer is right, an empty one never
        return

    assert quotation.spans
    for start, end in quotation.spans:
        assert source[start:end].strip()


@given(
    st.text(max_size=80),
    st.lists(st.tuples(st.integers(-5, 90), st.integers(-5, 90)), max_size=4),
)
def test_any_spans_get_an_answer(source, spans):
    try:
        quotation = quotation_from_spans(source, spans)
    except QuoteRefused as refusal:
        assert refusal.reason  # noqa: PT017 either answer is right, an empty one never
        return

    assert quotation_from_spans(source, quotation.spans) == quotation


@pytest.mark.parametrize(
    ("source", "quoted"),
    [
        ("a " * 50_000, "… ".join(["a"] * 1200) + " b"),
        ("ab" * 50_000, "a" * 5000),
        ("a" * 100_000, "[a]" * 1200 + "a"),
        ("word " * 20_000, "word " * 900 + "other"),
        ("[" * 100_000, "[" * 5000),
    ],
)
def test_hostile_texts_are_answered_quickly(source, quoted):
    began = time.process_time()

    with pytest.raises(QuoteRefused):
        find_quotation(source, quoted)

    assert time.process_time() - began < 2


def test_spans_grow_to_whole_words():
    quotation = quotation_from_spans("Nobody had ever given her a day", [(2, 9), (16, 24)])

    assert quotation.spans == ((0, 10), (16, 25))
    assert quotation.text == "Nobody had … given her"


@pytest.mark.parametrize(
    ("spans", "reason"),
    [
        ([], "No words are marked."),
        ([(3, 4)], "No words are marked."),
        ([(0, 99)], "The marked words are outside the text."),
        ([(2, 2)], "The marked words are outside the text."),
        (
            [(4, 7), (0, 3)],
            "The marked words are not in the order in which they were said.",
        ),
    ],
)
def test_impossible_spans_are_refused(spans, reason):
    with pytest.raises(QuoteRefused) as refusal:
        quotation_from_spans("one two", spans)

    assert refusal.value.reason == reason
