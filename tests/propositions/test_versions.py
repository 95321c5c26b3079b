"""Statements keep their versions, so that a comment shows what it answered."""

import pytest
from wagtail.models import PageLogEntry

from propositions.actions import record_statement_version
from tests.factories.discussion import comment, member
from tests.factories.propositions import PropositionPageFactory

pytestmark = pytest.mark.django_db


def publish(proposition, html=None, title=None):
    if html:
        proposition.statement = [("paragraph", html)]
    if title:
        proposition.title = title
    user = member(is_superuser=True)
    proposition.save_revision(user=user).publish(user=user)
    return user


def numbers(proposition):
    return [version.number for version in proposition.statement_versions.all()]


def test_publishing_keeps_the_first_version():
    proposition = PropositionPageFactory(statement=[("paragraph", "<p>Silt <i>comes</i> back.</p>")])

    user = publish(proposition)

    version = proposition.statement_versions.get()
    assert (version.number, version.title) == (1, proposition.title)
    assert "<p>Silt <i>comes</i> back.</p>" in version.html
    entry = PageLogEntry.objects.get(action="propositions.record_statement_version")
    assert (entry.user, entry.data) == (user, {"number": 1})


def test_publishing_the_same_words_keeps_no_version():
    proposition = PropositionPageFactory()
    publish(proposition, "<p>Silt comes back.</p>")

    publish(proposition, "<p>Silt <i>comes</i> back.</p>")

    assert numbers(proposition) == [1]


@pytest.mark.parametrize("change", [{"html": "<p>Silt stays.</p>"}, {"title": "Dredge nothing"}])
def test_publishing_other_words_keeps_another_version(change):
    proposition = PropositionPageFactory()
    publish(proposition)

    publish(proposition, **change)

    assert numbers(proposition) == [1, 2]


def test_saving_a_draft_keeps_no_version():
    proposition = PropositionPageFactory()
    publish(proposition)

    proposition.statement = [("paragraph", "<p>Not yet said.</p>")]
    proposition.save_revision()

    assert numbers(proposition) == [1]


def test_recording_again_answers_nothing():
    proposition = PropositionPageFactory()

    first = record_statement_version(proposition=proposition, actor=None)
    second = record_statement_version(proposition=proposition, actor=None)

    assert (first.number, second) == (1, None)


def test_comment_says_which_version_it_answered(client):
    proposition = PropositionPageFactory()
    publish(proposition)
    said = comment(proposition)

    publish(proposition, "<p>Silt stays where it is wanted.</p>")

    assert said.statement_version == 1
    assert proposition.statement_version_number() == 2


def test_reader_sees_what_changed(client):
    proposition = PropositionPageFactory(statement=[("paragraph", "<p>Dredge the harbour every winter.</p>")])
    publish(proposition)
    publish(proposition, "<p>Dredge the harbour every spring.</p>")

    link = proposition.statement_changes_url()
    page = client.get(link).text

    assert f'href="{link}"' in client.get(proposition.url).text
    assert "<del>winter.</del><ins>spring.</ins>" in page
    assert "as first published" in page


def test_versions_of_an_unpublished_proposition_are_not_shown(client):
    proposition = PropositionPageFactory()
    publish(proposition)
    proposition.unpublish()

    assert client.get(proposition.statement_changes_url()).status_code == 404


def test_reader_of_a_comment_sees_the_version_it_answered_beside_that_of_today(client):
    proposition = PropositionPageFactory(statement=[("paragraph", "<p>Dredge the harbour every winter.</p>")])
    publish(proposition)
    comment(proposition)
    publish(proposition, "<p>Dredge the harbour every spring.</p>")
    publish(proposition, "<p>Dredge the harbour every autumn.</p>")

    link = proposition.statement_changes_url(1)
    page = client.get(link).text

    assert f'href="{link}"' in client.get(proposition.url).text
    assert "Dredge the harbour every winter." in page
    assert "Dredge the harbour every autumn." in page
    assert "<del>winter.</del><ins>autumn.</ins>" in page
    assert "spring" not in page
    assert "What changed in the statement" in client.get(proposition.statement_changes_url(3)).text
