"""An event's accent can be read on every ground, whatever hue the organiser picks."""

import pytest

from events.accents import PAPER, REFUSED, accents_of, contrast, is_refused

HOUSE_TABLE = [
    # hue, in the light, in the dark, on the wall, each with its contrast
    (150, ("#275B35", 7.3), ("#8DC498", 9.1), ("#A1D5AB", 11.2)),
    (250, ("#14538B", 7.3), ("#8EBCEC", 9.2), ("#A0CCFA", 11.1)),
    (280, ("#494994", 7.2), ("#AEB3EF", 9.1), ("#BEC4FD", 11.1)),
    (340, ("#83346D", 7.2), ("#E0A5CC", 9.1), ("#EFB7DB", 11.0)),
]


@pytest.mark.parametrize(("hue", "light", "dark", "wall"), HOUSE_TABLE)
def test_accents_are_those_of_the_design(hue, light, dark, wall):
    found = accents_of(hue)

    assert [(a.colour, round(contrast(a.colour, PAPER[ground]), 1)) for ground, a in vars(found).items()] == [
        light,
        dark,
        wall,
    ]


@pytest.mark.parametrize("hue", [hue for hue in range(361) if not is_refused(hue)])
def test_every_accent_can_be_read(hue):
    found = accents_of(hue)

    assert contrast(found.light.colour, PAPER["light"]) >= 7.2
    assert contrast(found.light.colour, found.light.wash) >= 6
    assert contrast(found.dark.colour, PAPER["dark"]) >= 9
    assert contrast(found.dark.colour, found.dark.wash) >= 7
    assert contrast(found.wall.colour, PAPER["wall"]) >= 11


def test_hues_of_warnings_are_refused():
    assert [hue for hue in range(-1, 362) if is_refused(hue)] == [-1, *REFUSED, 361]
    assert (REFUSED[0], REFUSED[-1]) == (10, 125)


def test_accent_is_served_as_a_stylesheet(client):
    answer = client.get("/events/accent-150.css")

    assert answer["content-type"] == "text/css; charset=utf-8"
    assert "immutable" in answer["cache-control"]
    assert ":root { --accent: #275B35;" in answer.text


def test_refused_hue_has_no_stylesheet(client, db):
    assert client.get("/events/accent-60.css").status_code == 404
