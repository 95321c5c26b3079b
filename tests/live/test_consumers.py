"""Two people or more on sockets: what each receives, and what they must not."""

from asgiref.sync import sync_to_async

from live.models import Contribution
from tests.factories import live as make

a = sync_to_async


async def test_contribution_reaches_everybody_once_committed(connect):
    session = await a(make.live_session)()
    speaker = await connect(await a(make.participant)(session))
    listener = await connect(await a(make.participant)(session))
    wall = await connect(session, "wall")

    ack = await speaker.say("Keep the ferry running after dark.", client_id="6f0d8a0e-7a58-4f7c-9a32-0a7c9f1f2b11")

    stored = await Contribution.objects.aget()
    assert ack["type"] == "ack"
    assert (ack["contribution"], ack["seq"], ack["state"]) == (stored.pk, stored.seq, "shown")
    for reader in (speaker, listener, wall):
        event = (await reader.read_to(ack["seq"]))[-1]
        assert (event["kind"], event["contribution"]["body"]) == (
            "contribution.added",
            "Keep the ferry running after dark.",
        )
        assert event["contribution"]["client_id"] == "6f0d8a0e-7a58-4f7c-9a32-0a7c9f1f2b11"
