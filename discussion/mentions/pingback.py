"""Pingback: one XML-RPC call, read without what makes XML dangerous, and written."""

import xmlrpc.client
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

LONGEST_CALL = 16_384
METHOD = "pingback.ping"

# The codes that the specification names.
NO_SUCH_SOURCE = 0x10
NO_SUCH_TARGET = 0x20
NOT_A_TARGET = 0x21
ALREADY_KNOWN = 0x30
DENIED = 0x31


class NotACall(Exception):
    """What came is no call of `pingback.ping` with two addresses."""


def read_call(body: bytes) -> tuple[str, str]:
    """Source and target of a call. Entities, document types and anything long are refused before they are read."""
    if len(body) > LONGEST_CALL:
        raise NotACall("The call is too long.")
    try:
        root = fromstring(body, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        raise NotACall("This is not XML that can be read.") from None
    if root.tag != "methodCall" or (root.findtext("methodName") or "").strip() != METHOD:
        raise NotACall("Only pingback.ping is answered here.")
    values = [_string(value) for value in root.findall("params/param/value")]
    if len(values) != 2:
        raise NotACall("pingback.ping takes two addresses.")
    return values[0], values[1]


def write_call(source: str, target: str) -> bytes:
    return xmlrpc.client.dumps((source, target), METHOD, encoding="utf-8").encode()


def write_answer(words: str) -> bytes:
    return xmlrpc.client.dumps((words,), methodresponse=True, encoding="utf-8").encode()


def write_fault(code: int, words: str) -> bytes:
    return xmlrpc.client.dumps(xmlrpc.client.Fault(code, words), encoding="utf-8").encode()


def read_answer(body: bytes) -> tuple[int | None, str]:
    """The fault's code, or None if there was no fault, and the words of either."""
    try:
        root = fromstring(body[:LONGEST_CALL], forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        return 0, "The answer is not XML that can be read."
    if root.tag != "methodResponse":
        return 0, "The answer is not one of XML-RPC."
    members = {
        (member.findtext("name") or "").strip(): _string(value)
        for member in root.findall("fault/value/struct/member")
        if (value := member.find("value")) is not None
    }
    if root.find("fault") is not None:
        code = members.get("faultCode", "0")
        return int(code) if code.lstrip("-").isdecimal() and len(code) < 10 else 0, members.get("faultString", "")[:200]
    value = root.find("params/param/value")
    return None, _string(value)[:200] if value is not None else ""


def _string(value: Element) -> str:
    """A value with or without its type named."""
    inner = value[0] if len(value) else value
    return (inner.text or "").strip()
