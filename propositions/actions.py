"""Every write about propositions."""

import hashlib

from django.db import transaction
from django.template.loader import render_to_string
from wagtail.log_actions import log

from people.models import User
from propositions.comparison import paragraphs_of
from propositions.models import PropositionPage, StatementVersion


@transaction.atomic
def record_statement_version(*, proposition: PropositionPage, actor: User | None) -> StatementVersion | None:
    """Keep the statement as it is published now, if its words differ from the last version kept; else answer None.

    Called for every publication, whoever or whatever published. The right to publish has been checked there, so
    `actor` is for the log only; it is None for a scheduled publication. Locks the proposition's row, so that two
    publications at once make two versions in order.
    """
    PropositionPage.objects.select_for_update().get(pk=proposition.pk)
    html = render_to_string("propositions/statement.html", {"page": proposition})
    text_hash = _hash_of(proposition.title, html)
    latest = proposition.statement_versions.order_by("-number").first()
    if latest and latest.text_hash == text_hash:
        return None
    version = StatementVersion.objects.create(
        proposition=proposition,
        number=latest.number + 1 if latest else 1,
        title=proposition.title,
        html=html,
        text_hash=text_hash,
    )
    log(
        instance=proposition,
        action="propositions.record_statement_version",
        user=actor,
        data={"number": version.number},
    )
    return version


def _hash_of(title: str, html: str) -> str:
    """A hash of the words alone: emphasis and links may change without making a version."""
    return hashlib.sha256("\n".join([title, *paragraphs_of(html)]).encode()).hexdigest()
