"""Looking through all texts, in the worker."""

from django.tasks import task

from discussion.injected.actions import run_scan


@task
def scan_texts(scan_id: int) -> None:
    run_scan(scan_id=scan_id)
