"""The XML of pingbacks."""

import xmlrpc.client

import pytest

from discussion.mentions.pingback import NotACall, read_answer, read_call, write_answer, write_call, write_fault

BOMB = """<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;">]>
<methodCall><methodName>pingback.ping</methodName><params><param><value>&d;</value></param>
<param><value>x</value></param></params></methodCall>"""
EXTERNAL = """<?xml version="1.0"?><!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>
<methodCall><methodName>pingback.ping</methodName><params><param><value>&f;</value></param>
<param><value>x</value></param></params></methodCall>"""


def test_call_of_another_implementation_is_read():
    call = xmlrpc.client.dumps(("https://a.example/?x=1&y", "https://b.example/é"), "pingback.ping").encode()

    assert read_call(call) == ("https://a.example/?x=1&y", "https://b.example/é")


def test_what_we_write_another_implementation_reads():
    assert xmlrpc.client.loads(write_call("a", "b<&>")) == (("a", "b<&>"), "pingback.ping")
    assert xmlrpc.client.loads(write_answer("thanks")) == (("thanks",), None)
    with pytest.raises(xmlrpc.client.Fault, match="no such page") as fault:
        xmlrpc.client.loads(write_fault(0x20, "no such page"))
    assert fault.value.faultCode == 0x20


def test_values_without_a_type_are_text():
    call = (
        b"<methodCall><methodName> pingback.ping </methodName><params><param><value> https://a.example/ </value>"
        b"</param>"
        b"<param><value><string>https://b.example/</string></value></param></params></methodCall>"
    )

    assert read_call(call) == ("https://a.example/", "https://b.example/")


@pytest.mark.parametrize(
    "call",
    [
        b"",
        b"source=a&target=b",
        b"<methodCall>",
        BOMB.encode(),
        EXTERNAL.encode(),
        b'<!DOCTYPE methodCall SYSTEM "http://127.0.0.1/x.dtd"><methodCall/>',
        xmlrpc.client.dumps(("a", "b"), "system.listMethods").encode(),
        xmlrpc.client.dumps(("a",), "pingback.ping").encode(),
        xmlrpc.client.dumps(("a", "b", "c"), "pingback.ping").encode(),
        xmlrpc.client.dumps(("a", "b" * 17_000), "pingback.ping").encode(),
        b"<methodResponse/>",
        b'<?xml version="1.0" encoding="no-such"?><methodCall/>',
        b"\xff\xfe\x00",
        b"<a>" * 5000,
    ],
)
def test_anything_else_is_no_call(call):
    with pytest.raises(NotACall):
        read_call(call)


def test_answers_are_read():
    assert read_answer(write_answer("Thank you.")) == (None, "Thank you.")
    assert read_answer(write_fault(48, "Known.")) == (48, "Known.")
    assert read_answer(BOMB.encode())[0] == 0
    assert read_answer(b"<html>")[0] == 0
    assert read_answer(b"<methodResponse><fault><value>odd</value></fault></methodResponse>") == (0, "")
