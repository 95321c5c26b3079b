"""Work about people that must not make a request slower, or tell by its time what is known."""

from django.tasks import task

from people import actions


@task
def send_personal_link(email: str) -> None:
    actions.send_personal_link(email=email)
