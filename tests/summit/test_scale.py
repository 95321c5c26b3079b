"""What `make scale` looks for is what pages hold. All the rest of it is tried by running it."""

import re

import pytest

from scripts.scale import KEPT

pytestmark = pytest.mark.django_db


def test_page_names_its_style_sheet_as_the_trial_expects(client):
    found = re.search(KEPT["style sheet"], client.get("/people/").text)

    assert found
    assert "immutable" in client.get(found[1])["Cache-Control"]
