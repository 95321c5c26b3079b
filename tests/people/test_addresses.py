"""One spelling for each address."""

import pytest

from people.addresses import AddressUnusable, key_form, plain_address
from people.keys import author_key_of_address, author_key_of_email, author_key_of_user
from tests.factories import discussion as make


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        ("victim@example.org", "victim@example.org"),
        # As it always was: the keys of such addresses do not change.
        ("Victim.Two+x@Example.ORG", "Victim.Two+x@Example.ORG"),
        ("victim@\uff45xample.org", "victim@example.org"),
        ("victim@example\u3002org", "victim@example.org"),
        ("victim@EX\u00c4MPLE.org", "victim@xn--exmple-cua.org"),
        ("victim@exa\u0308mple.org", "victim@xn--exmple-cua.org"),
        ("victim@xn--exmple-cua.org", "victim@xn--exmple-cua.org"),
    ],
)
def test_address_is_written_as_mail_is_sent_to_it(typed, plain):
    assert plain_address(typed) == plain
    assert key_form(typed) == plain.lower()
    assert author_key_of_address(typed) == author_key_of_address(plain)


@pytest.mark.parametrize(
    "typed", [f"victim@{'\u00e4' * 64}.org", "victim@\u00e4..org", "victim@\u06ddx.org", "\u017fam@example.org"]
)
def test_address_that_no_mail_reaches_is_refused(typed):
    with pytest.raises(AddressUnusable):
        plain_address(typed)
    assert key_form(typed) == typed.lower()


@pytest.mark.django_db
def test_account_is_found_by_either_spelling_of_its_address():
    plain = make.member(email="one@xn--exmple-cua.org")
    typed = make.member(email="two@ex\u00e4mple.org")

    assert author_key_of_email("one@EX\u00c4MPLE.org") == author_key_of_user(plain)
    assert author_key_of_email("two@ex\u00e4mple.org") == author_key_of_user(typed)
