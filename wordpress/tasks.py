"""Imports that were started in the admin run on while their organiser looks on."""

import logging

from django.tasks import task

from people.models import User
from wordpress import uploads
from wordpress.actions import run_import, try_chosen
from wordpress.choices import BatchState
from wordpress.exceptions import ImportBusy, ImportRefused
from wordpress.models import Batch

logger = logging.getLogger(__name__)


@task
def run_uploaded_import(batch_id: int, user_id: int) -> None:
    """Bring in what was uploaded; the batch tells how far it is and what came of it. The upload goes afterwards.

    While another import runs it is put back as it was chosen, with its upload, and says why.

    One that does not wait any more is left alone: it was chosen anew, thrown away, or begun when “Import” was first
    pressed, and its upload is being read.
    """
    batch = Batch.objects.filter(pk=batch_id, state=BatchState.WAITING).first()
    if batch is None:
        return
    try:
        run_import(actor=User.objects.get(pk=user_id), batch=batch, path=uploads.path_of(batch))
    except ImportBusy as refusal:
        Batch.objects.filter(pk=batch_id, state=BatchState.FAILED).update(
            state=BatchState.READY, failure="", finished_at=None, trial={"failure": refusal.message}
        )
        return
    except ImportRefused as error:
        logger.warning("Import %s was not made: %s", batch_id, error.message)
    except BaseException:
        uploads.forget(batch)
        raise
    uploads.forget(batch)


@task
def try_uploaded_import(batch_id: int, user_id: int) -> None:
    """Try what was chosen for an upload. The upload stays, to be brought in."""
    batch = Batch.objects.filter(pk=batch_id).first()
    if batch is not None:
        try_chosen(actor=User.objects.get(pk=user_id), batch=batch, path=uploads.path_of(batch))
