"""Pages of a session and its protocol over HTTP."""

import json
import re
import uuid
from collections import Counter

import pytest
from defusedxml import ElementTree
from django.test import Client
from django.urls import reverse

from live import actions, guessing, views
from live.devices import cookie_name
from live.models import Contribution, Participant
from live.permissions import OPERATOR
from tests.factories import live as make
from tests.factories.discussion import member, moderator

pytestmark = pytest.mark.django_db

FORM = "application/x-www-form-urlencoded"
JOIN = {"identity": "role", "name": "", "role": "Lock keeper", "consent": "role"}


@pytest.fixture
def session():
    return make.live_session()


def device(person: Participant | None = None) -> Client:
    """A browser, of somebody who joined if one is given."""
    client = Client()
    if person is not None:
        client.cookies[cookie_name()] = person.device_token
    return client


def at(name: str, session, query: str = "") -> str:
    return reverse(f"live:{name}", args=[session.code]) + query


def post_json(client: Client, address: str, body) -> tuple[int, dict]:
    text = body if isinstance(body, str | bytes) else json.dumps(body)
    answer = client.post(address, text, content_type="application/json")
    return answer.status_code, answer.json()


# Joining


def test_join_by_code_however_typed_leads_to_the_session(session):
    typed = f"{session.code[:3].lower()} {session.code[3:].lower()}"

    answer = device().get("/join/", {"code": typed})

    assert (answer.status_code, answer.headers["Location"]) == (302, at("phone", session))


def test_join_makes_a_participant_and_gives_the_device_a_token(session):
    client = device()
    page = client.get(at("phone", session))
    assert page.status_code == 200
    assert not page.cookies

    answer = client.post("/join/", {"code": session.code, **JOIN})

    person = Participant.objects.get()
    cookie = answer.cookies[cookie_name()]
    assert (answer.status_code, answer.headers["Location"]) == (303, at("phone", session))
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    assert cookie.value not in str(Participant.objects.values().get())
    assert (person.label, person.consent) == ("Lock keeper", "role")
    assert "Lock keeper" in client.get(at("phone", session)).text


@pytest.mark.parametrize(
    ("identities", "consent"),
    [(["name", "role", "nothing"], "anonymous"), (["nothing"], "anonymous"), (["role"], "role")],
)
def test_join_offers_at_first_what_fits_how_one_appears(session, identities, consent):
    actions.configure_session(actor=make.organiser(), session=session, identities=identities)

    page = Client().get(f"/live/{session.code}/").content.decode()

    assert re.findall(r'name="consent" value="(\w+)" checked', page) == [consent]


def test_join_offers_nobody_a_name_where_the_session_takes_none(session):
    actions.configure_session(actor=make.organiser(), session=session, identities=["nothing"])
    client = Client()
    client.force_login(member())

    page = client.get(f"/live/{session.code}/").content.decode()

    assert re.findall(r'name="consent" value="(\w+)" checked', page) == ["anonymous"]


def test_join_over_https_keeps_the_token_to_it(session):
    answer = device().post("/join/", {"code": session.code, **JOIN}, secure=True)

    assert answer.cookies[cookie_name()]["secure"] is True


def test_join_in_production_prefixes_the_cookie(session, settings):
    settings.SESSION_COOKIE_SECURE = True

    answer = device().post("/join/", {"code": session.code, **JOIN}, secure=True)

    assert answer.cookies["__Host-device"]["secure"] is True


def test_join_with_a_mistake_keeps_what_was_typed(session):
    answer = device().post("/join/", {"code": session.code, **JOIN, "identity": "name", "role": "Harbour pilot"})

    assert answer.status_code == 422
    assert "Give a name" in answer.text
    assert "Harbour pilot" in answer.text
    assert not Participant.objects.exists()


def test_join_with_a_wrong_code_says_so_and_keeps_it():
    answer = device().get("/join/", {"code": "zzz zzz"})

    assert answer.status_code == 404
    assert "There is no session with this code." in answer.text
    assert "zzz zzz" in answer.text


def test_join_signed_in_is_the_account(session):
    client, user = device(), member()
    client.force_login(user)

    client.post("/join/", {"code": session.code, **JOIN})

    assert Participant.objects.get().user == user


def test_join_of_a_closed_session_leads_to_what_was_said():
    session = make.live_session(state="closed")

    answer = device().get(at("phone", session))

    assert (answer.status_code, answer.headers["Location"]) == (302, session.page.url)


def test_session_of_an_unpublished_page_is_not_there(session):
    session.page.unpublish()

    assert device().get(at("phone", session)).status_code == 404
    assert device().get(at("snapshot", session)).status_code == 404


# Guessing


def test_guessing_from_one_device_ends_soon(session):
    client = device()
    client.cookies[cookie_name()] = "a-device-that-guesses"

    answers = [
        client.get("/join/", {"code": f"QQQ{number:03}"}).text for number in range(guessing.WRONG_PER_DEVICE + 1)
    ]

    assert "There is no session" in answers[-2]
    assert "Too many wrong codes" in answers[-1]
    assert "Too many wrong codes" in client.get("/join/", {"code": session.code}).text


@pytest.mark.parametrize("name", ["phone", "wall", "console", "qr", "snapshot", "contribute", "command"])
def test_guessing_by_any_address_counts(session, name):
    for _ in range(guessing.WRONG_PER_ADDRESS):
        guessing.record_wrong(address="127.0.0.1", token="")
    client, address = device(), reverse(f"live:{name}", args=[session.code])

    answer = client.post(address) if name in ("contribute", "command") else client.get(address)

    assert answer.status_code in (429, 303)
    assert session.page.title not in answer.text


def test_wrong_code_counts_for_ten_minutes_also_where_the_count_before_has_just_run_out(monkeypatch):
    begun: list[int] = []

    def ran_out(key):
        raise ValueError

    monkeypatch.setattr(guessing.cache, "incr", ran_out)
    monkeypatch.setattr(guessing.cache, "add", lambda key, value, window: begun.append(window) or len(begun) % 2 == 0)
    guessing.record_wrong(address="203.0.113.7", token="")

    assert begun == [guessing.WINDOW, guessing.WINDOW] == [600, 600]


def test_ten_thousand_guesses_from_one_address_find_nothing_and_the_room_goes_on(session):
    people = [make.participant(session) for _ in range(2)]
    refused = sum(
        "Too many wrong codes" in device().get("/join/", {"code": f"X{number:05}"}).text for number in range(300)
    )

    assert refused == 300 - guessing.WRONG_PER_ADDRESS
    for person in people:
        assert device(person).get(at("phone", session)).status_code == 200


def test_five_hundred_honest_people_at_one_address_pass(session, monkeypatch):
    monkeypatch.setattr(actions, "join_session", lambda **fields: None)
    monkeypatch.setattr(views.actions, "join_session", lambda **fields: None)

    answers = {device().post("/join/", {"code": session.code, **JOIN}).status_code for _ in range(500)}

    assert answers == {303}


# Pages


def test_phone_without_javascript_says_something_and_sees_it(session):
    person = make.participant(session)
    client = device(person)
    page = client.get(at("phone", session)).text
    client_id = re.search(r'name="client_id" value="([0-9a-f-]{36})"', page)[1]

    answer = client.post(at("contribute", session), {"client_id": client_id, "body": "Lamps along the towpath."})
    again = client.post(at("contribute", session), {"client_id": client_id, "body": "Lamps along the towpath."})

    assert (answer.status_code, again.status_code) == (303, 303)
    assert Contribution.objects.count() == 1
    assert "Lamps along the towpath." in client.get(answer.headers["Location"]).text


def test_phone_without_javascript_keeps_words_that_were_refused(session):
    client = device(make.participant(session))
    actions.pause_session(actor=OPERATOR, session=session, version=session.version)

    answer = client.post(at("contribute", session), {"client_id": str(uuid.uuid4()), "body": "Words worth keeping."})

    assert answer.status_code == 409
    assert "The session is paused" in answer.text
    assert "Words worth keeping." in answer.text


def test_phone_without_javascript_keeps_words_for_a_session_that_has_closed(session):
    client = device(make.participant(session))
    actions.close_session(actor=OPERATOR, session=session, version=session.version)

    answer = client.post(at("contribute", session), {"client_id": str(uuid.uuid4()), "body": "Words worth keeping."})

    assert answer.status_code == 409
    assert "The session has closed." in answer.text
    assert re.search(r'<form class="say"[^>]*data-part="say">', answer.text), "the box is to be seen"
    assert re.search(r'data-part="sayRow" hidden>', answer.text), "and nothing to send with"
    assert "Words worth keeping.</textarea>" in answer.text


def test_phone_shows_nothing_held_or_hidden_of_others(session):
    speaker = make.participant(session)
    make.contribution(speaker, "Zwiebelfisch https://example.org")
    hidden = make.contribution(speaker, "Schusterjunge")
    actions.hide_contribution(actor=OPERATOR, session=session, contribution_id=hidden.pk, reason="It names somebody.")

    for client, address in (
        (device(make.participant(session)), at("phone", session)),
        (device(), at("wall", session)),
        (device(), at("snapshot", session, "?as=wall")),
        (device(), session.page.url),
    ):
        text = client.get(address).text
        assert "Zwiebelfisch" not in text
        assert "Schusterjunge" not in text
    assert "Zwiebelfisch" in device(speaker).get(at("phone", session)).text


def test_console_is_for_those_who_may(session):
    address = at("console", session)

    assert device().get(address).headers["Location"].startswith("/accounts/login/?next=")
    for user, status in ((member(), 403), (moderator(), 200), (make.facilitator_of(session), 200)):
        client = device()
        client.force_login(user)
        assert client.get(address).status_code == status


def test_console_without_javascript_runs_the_session(session):
    client = device()
    client.force_login(make.facilitator_of(session))

    fields = {"type": "session.pause", "as": "console", "version": session.version}
    answer = client.post(at("command", session), fields)
    late = client.post(at("command", session), {**fields, "type": "session.close"})

    session.refresh_from_db()
    assert (answer.status_code, answer.headers["Location"], session.state) == (303, at("console", session), "paused")
    assert late.status_code == 409
    assert "paused the session. Yours was not done: look, then press again." in late.text


def test_lower_case_addresses_lead_to_the_code(session):
    answer = device().get(f"/live/{session.code.lower()}/wall/")

    assert (answer.status_code, answer.headers["Location"]) == (302, at("wall", session))


def test_qr_holds_the_phone_s_address_with_its_quiet_border(session):
    answer = device().get(at("qr", session))

    assert answer.headers["Content-Type"] == "image/svg+xml"
    picture = ElementTree.fromstring(answer.content)
    assert picture.tag.endswith("svg")
    assert picture.get("viewBox")


def test_reading_a_wall_sets_no_cookie(session):
    assert not device().get(at("wall", session)).cookies


# The protocol


def test_contribute_as_json_is_acknowledged(session):
    client_id = str(uuid.uuid4())

    status, reply = post_json(
        device(make.participant(session)),
        at("contribute", session),
        {"client_id": client_id, "body": "Lamps.", "id": "9"},
    )

    stored = Contribution.objects.get()
    assert status == 200
    assert reply == {
        "type": "ack",
        "re": "9",
        "client_id": client_id,
        "contribution": stored.pk,
        "seq": stored.seq,
        "state": "shown",
        "reason": "",
    }


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ("{", 400, "bad_frame"),
        (b"\xff\xfe", 400, "bad_frame"),
        ({"client_id": "x", "body": "y"}, 400, "bad_frame"),
        ({"client_id": str(uuid.uuid4()), "body": " "}, 422, "empty"),
        ({"client_id": str(uuid.uuid4()), "body": "x" * 2001}, 422, "too_long"),
        ({"client_id": str(uuid.uuid4()), "body": "x" * 17000}, 413, "too_large"),
        ({"client_id": str(uuid.uuid4()), "body": "x", "prompt": 1}, 409, "prompt_not_open"),
        ({"client_id": str(uuid.uuid4()), "body": "x", "as": "wall"}, 403, "not_allowed"),
        ({"client_id": str(uuid.uuid4()), "body": "x", "as": ["wall"]}, 400, "bad_frame"),
    ],
)
def test_contribute_that_is_refused_says_why(session, body, status, code):
    answer = post_json(device(make.participant(session)), at("contribute", session), body)

    assert (answer[0], answer[1]["code"]) == (status, code)
    assert not Contribution.objects.exists()


def test_contribute_by_nobody_is_refused(session):
    status, reply = post_json(device(), at("contribute", session), {"client_id": str(uuid.uuid4()), "body": "x"})

    assert (status, reply["code"]) == (401, "not_joined")


def test_contribute_from_another_site_is_refused(session):
    client = Client(enforce_csrf_checks=True)
    client.cookies[cookie_name()] = make.participant(session).device_token
    fields = {"client_id": str(uuid.uuid4()), "body": "From elsewhere."}

    evil = client.post(at("contribute", session), fields, headers={"origin": "https://evil.example"})
    own = client.post(at("contribute", session), fields, headers={"origin": "http://testserver"})

    assert (evil.status_code, own.status_code) == (403, 303)


def test_command_answers_what_socket_would(session):
    speaker, voter = make.participant(session), make.participant(session)
    said = make.contribution(speaker)

    status, reply = post_json(device(voter), at("command", session), {"type": "vote.set", "contribution": said.pk})
    wrong = post_json(device(voter), at("command", session), {"type": "session.open", "version": 0})
    unknown = post_json(device(voter), at("command", session), {"type": "song.sing"})

    said.refresh_from_db()
    assert (status, reply, said.support_count) == (200, {"type": "ack"}, 1)
    assert (wrong[0], wrong[1]["code"]) == (403, "not_allowed")
    assert (unknown[0], unknown[1]["code"]) == (400, "unknown_command")


def test_seen_is_counted_for_a_phone_whose_sockets_are_blocked(session):
    reader = make.participant(session)
    said = make.contribution(make.participant(session))

    status, reply = post_json(device(reader), at("command", session), {"type": "seen", "contributions": [said.pk]})
    wrong = post_json(device(reader), at("command", session), {"type": "seen", "contributions": "all"})

    said.refresh_from_db()
    assert (status, reply, said.seen_count) == (200, {"type": "ack"}, 1)
    assert (wrong[0], wrong[1]["code"]) == (400, "bad_frame")


def test_statement_and_poll_are_answered_and_taken_back_without_javascript(session):
    def options_of(kind: str, text: str) -> list[int]:
        session.refresh_from_db()
        prompt = actions.add_prompt(
            actor=OPERATOR,
            session=session,
            version=session.version,
            kind=kind,
            text=text,
            options=["Yes, now", "Yes, later"],
            show=True,
        )
        return [option.pk for option in prompt.options.order_by("position")]

    client = device(make.participant(session))
    now, _ = options_of("statements", "Weigh these")
    actions.record_seen(session=session, contribution_ids=Counter(), option_ids=Counter({now: 3}))

    client.post(at("command", session), {"type": "vote.set", "option": now, "choice": "concern"})
    page = client.get(at("phone", session)).text
    assert "0 support, 1 concern, 0 passed, of 3 who saw it" in page
    assert 'name="type" value="vote.clear" data-choice="concern" aria-pressed="true"' in page
    # The pressed button's own `type` comes after the form's.
    client.post(at("command", session), f"type=vote.set&option={now}&type=vote.clear", FORM)
    assert "of 3 who saw it" not in re.sub("(?s)<template.*", "", client.get(at("phone", session)).text)

    _, second = options_of("poll", "Which?")
    assert "0 votes" not in client.get(at("phone", session)).text
    client.post(at("command", session), {"type": "vote.set", "option": second, "choice": "support"})
    page = client.get(at("phone", session)).text
    assert page.index("Yes, now") < page.index("0 votes") < page.index("Yes, later") < page.index("1 vote<")
    assert '<rect width="1000" height="6"/>' in page
    client.post(at("command", session), {"type": "vote.clear", "option": second, "choice": "support"})
    assert "1 vote<" not in client.get(at("phone", session)).text


def test_snapshot_is_for_those_who_may(session):
    assert device().get(at("snapshot", session)).status_code == 401
    assert device().get(at("snapshot", session, "?as=wall")).status_code == 200
    assert device().get(at("snapshot", session, "?as=console")).status_code == 403
    assert device(make.participant(session)).get(at("snapshot", session)).json()["you"]["role"] == "participant"


def test_snapshot_gives_earlier_ones(session, monkeypatch):
    monkeypatch.setattr("live.selectors.NEWEST", 2)
    seqs = [make.contribution(make.participant(session), f"Thought {number}.").seq for number in range(5)]

    earlier = device().get(at("snapshot", session, f"?as=wall&before={seqs[3]}")).json()

    assert [one["body"] for one in earlier["contributions"]] == ["Thought 1.", "Thought 2."]
    assert earlier["earlier"] == 1
