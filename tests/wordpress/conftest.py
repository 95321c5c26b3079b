import pytest

from home.models import HomePage
from people.roles import ORGANISERS
from tests.factories.discussion import home_page, member
from tests.factories.wordpress import write
from wordpress.actions import Choices, prepare_import, run_import
from wordpress.reports import report_of


@pytest.fixture
def home(db) -> HomePage:
    return home_page()


@pytest.fixture
def organiser(home):
    return member(ORGANISERS, first_name="Odile", last_name="Farrow")


@pytest.fixture
def bring(organiser, tmp_path):
    """Import an export made of the given records, and answer the report."""

    def run(*parts, fields=None, actor=None, **choices):
        path = write(tmp_path, *parts, **(fields or {}))
        batch = prepare_import(actor=actor or organiser, path=path, choices=Choices(**choices))
        report = report_of(run_import(actor=actor or organiser, batch=batch, path=path))
        for kind, counts in report["counts"].items():
            found, *outcomes = counts.values()
            assert found == sum(outcomes), kind
        return report

    return run
