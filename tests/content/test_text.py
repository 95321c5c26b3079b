"""What is taken out of people's words: what acts without being seen, and nothing else."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from content.text import clean_line, clean_text, shorten

UNSEEN = {chr(code) for code in (0, 0xAD, 0x200B, *range(0x202A, 0x202F), *range(0x2060, 0x2070), 0xFEFF)}
FAMILY = "\U0001f469\u200d\U0001f467"
SCOTLAND = "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f"


@pytest.mark.parametrize("code", [*range(0x202A, 0x202F), *range(0x2066, 0x206A)])
def test_direction_of_the_text_around_cannot_be_turned(code):
    assert clean_text(f"pay {chr(code)}000,1 now") == "pay 000,1 now"
    assert clean_line(f"Odile {chr(code)}Farrow") == "Odile Farrow"


@pytest.mark.parametrize("code", [0x00, 0x07, 0x1B, 0x7F, 0x9F, 0xAD, 0x200B, 0x2060, 0x2064, 0x180E, 0xFEFF, 0xFFF9])
def test_words_cannot_be_cut_in_two_unseen(code):
    assert clean_text(f"cas{chr(code)}ino") == "casino"


@pytest.mark.parametrize("joiner", ["\u200c", "\u200d", "\u200d\u200c\u200d"])
def test_joiners_go_where_they_join_nothing(joiner):
    assert clean_text(f"{joiner}cas{joiner}ino{joiner}") == "casino"


@pytest.mark.parametrize(
    "text",
    [
        "Zażółć gęślą jaźń – naïve “quoted” words…",
        "می\u200cخواهم",
        "क्\u200dष",
        "שלום\u200e!",
        f"The {FAMILY} reads.",
        f"{SCOTLAND} and \u2764\ufe0f",
        "Two\n\nparagraphs\tand a tab",
    ],
)
def test_what_people_write_stays_as_it_is(text):
    assert clean_text(text) == text


def test_hidden_writing_goes():
    hidden = "".join(chr(0xE0000 + ord(letter)) for letter in "buy")

    assert clean_text(f"Good point.{hidden}") == "Good point."
    assert clean_text("Good\ufe0f\ufe00\ufe01 point") == "Good\ufe0f point"


def test_line_ends_are_of_one_kind_and_accents_composed():
    assert clean_text("a\r\nb\rc\u2028d\u2029e\x85f") == "a\nb\nc\nd\n\ne\nf"
    assert clean_text("cafe\u0301") == "café"


def test_marks_do_not_climb_over_the_lines_above():
    assert clean_text("H" + "\u0336" * 200 + "i") == "H" + "\u0336" * 5 + "i"


@pytest.mark.parametrize("text", ["\u3164", "\u2800 \u200b", "\u200e\u200f", " \u00a0\u2003\n"])
def test_name_made_of_nothing_is_empty(text):
    assert clean_line(text) == ""


def test_line_is_one_line_with_single_spaces():
    assert clean_line("  Odile\n \u200fFarrow\t") == "Odile Farrow"


@given(st.text(st.one_of(st.characters(), st.sampled_from("\u202e\u2067\u200b\ufeff\u200d\ufe0f\U000e0041 a\n"))))
def test_nothing_turns_or_hides_in_what_is_left(text):
    assert not UNSEEN & set(clean_text(text))
    assert "\n" not in clean_line(text)


@pytest.mark.parametrize(
    "text", ["\u200c" * 100_000, "\ufe0f" * 100_000, "e\u0301\u200d" * 33_000, "\U000e0041" * 50_000]
)
def test_a_hundred_kilobytes_are_cleaned_in_no_time(text):
    start = time.process_time()
    clean_text(text)

    assert time.process_time() - start < 0.5


@pytest.mark.parametrize(
    ("text", "most", "beginning"),
    [
        ("They were always going to be paid. And it asks", 35, "They were always going to be paid…"),
        ("They were always going to be paid. And it asks", 33, "They were always going to be…"),
        ("They were always going to be paid, and more", 35, "They were always going to be paid…"),
        ("One word and another", 14, "One word and…"),
        ("Short.", 6, "Short."),
        ("Unbroken" * 4, 10, "UnbrokenUn…"),
    ],
)
def test_text_is_cut_behind_a_word_without_the_stop_that_stands_there(text, most, beginning):
    assert shorten(text, most) == beginning
