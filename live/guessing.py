"""Making join codes hard to guess, without locking out a room that shares one address.

Only wrong codes count: against the device where there is one, and against the address, which may have many more. Five
hundred people who know their code pass; somebody trying thousands does not.
"""

from django.core.cache import cache
from django.utils.crypto import salted_hmac

from live.exceptions import TooManyWrongCodes

WINDOW = 10 * 60
WRONG_PER_DEVICE = 12
WRONG_PER_ADDRESS = 120


def check(*, address: str, token: str) -> None:
    """Refuse to look a code up for somebody who has tried too many."""
    if token and cache.get(_device_key(token), 0) >= WRONG_PER_DEVICE:
        raise TooManyWrongCodes
    if cache.get(_address_key(address), 0) >= WRONG_PER_ADDRESS:
        raise TooManyWrongCodes


def record_wrong(*, address: str, token: str) -> None:
    keys = [_address_key(address), *([_device_key(token)] if token else [])]
    for key in keys:
        # `add` sets the window once; counting does not prolong it.
        if not cache.add(key, 1, WINDOW):
            try:
                cache.incr(key)
            except ValueError:  # it ran out in between
                cache.add(key, 1, WINDOW)


def _address_key(address: str) -> str:
    return f"live:wrong:address:{_hash(address)}"


def _device_key(token: str) -> str:
    return f"live:wrong:device:{_hash(token)}"


def _hash(value: str) -> str:
    """Keyed: there are few enough network addresses to try them all."""
    return salted_hmac("summit.live.guessing", value.encode(errors="replace"), algorithm="sha256").hexdigest()[:32]
