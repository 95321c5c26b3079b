import pytest

from home.models import HomePage
from people.roles import ORGANISERS
from tests.factories.discussion import home_page, member


@pytest.fixture
def home(db) -> HomePage:
    return home_page()


@pytest.fixture
def organiser(home):
    return member(ORGANISERS, first_name="Odile", last_name="Farrow")
