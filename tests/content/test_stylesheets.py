"""Stylesheets sent whole."""

import re

import pytest
from django.contrib.staticfiles import finders

from content.stylesheets import WHOLE, whole


def address(client):
    return re.search(r'<link rel="stylesheet" href="(/style/\w+/site\.css)">', client.get("/accounts/login/").text)[1]


def test_stylesheet_is_one_answer_that_browsers_keep(client, db):
    answer = client.get(address(client))

    assert answer["Content-Type"] == "text/css; charset=utf-8"
    assert answer["Cache-Control"] == "public, max-age=31536000, immutable"
    assert "@import" not in answer.text
    assert answer.text.startswith("@layer reset, tokens, base, layout, components, utilities;")


def test_every_part_stands_in_its_layer_and_medium():
    text, _ = whole("site")

    assert re.search(r"@layer tokens \{\n:root \{", text)
    assert re.search(r"@media print \{\n@layer utilities \{\n@page \{", text)
    assert text.count("{") == text.count("}")


@pytest.mark.parametrize("name", sorted(WHOLE))
def test_files_that_a_stylesheet_names_are_there(name):
    text = whole(name)[0]
    named = set(re.findall(r'url\("/static/([^"]+)"\)', text))

    assert "@import" not in text
    assert text.count("{") == text.count("}")
    assert len(named) > 3
    assert [name for name in named if not finders.find(name)] == []


def test_older_page_is_given_todays_stylesheet_for_a_minute(client, db):
    answer = client.get("/style/0123456789abcdef/site.css")

    assert answer.text == whole("site")[0]
    assert answer["Cache-Control"] == "public, max-age=60"
    assert client.get("/style/0123456789abcdef/unknown.css").status_code == 404
