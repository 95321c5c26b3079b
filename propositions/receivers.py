"""Publishing a proposition keeps the version of its statement."""

from typing import Any

from django.dispatch import receiver
from wagtail.models import Revision
from wagtail.signals import page_published

from propositions.actions import record_statement_version
from propositions.models import PropositionPage


@receiver(page_published, sender=PropositionPage, dispatch_uid="propositions.keep_statement_version")
def keep_statement_version(instance: PropositionPage, revision: Revision | None = None, **kwargs: Any) -> None:
    record_statement_version(proposition=instance, actor=revision.user if revision else None)
