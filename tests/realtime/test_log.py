"""The log: one sequence per stream, without gaps, whoever writes at once."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from realtime import log
from realtime.log import NewEvent
from realtime.models import Event, Stream
from tests.realtime.conftest import write


@pytest.mark.django_db
def test_append_takes_the_next_numbers_in_order():
    stream = Stream.objects.create()

    write(stream, "one", "two")
    write(stream, "three")

    assert [(event.seq, event.payload["word"]) for event in log.read(stream.pk, after=0)] == [
        (1, "one"),
        (2, "two"),
        (3, "three"),
    ]
    assert log.last_seq(stream.pk) == 3


@pytest.mark.django_db
def test_append_of_nothing_takes_no_number():
    stream = Stream.objects.create()

    write(stream)

    assert log.last_seq(stream.pk) == 0


@pytest.mark.django_db(transaction=True)
def test_lock_outside_a_transaction_is_refused():
    stream = Stream.objects.create()

    with pytest.raises(transaction.TransactionManagementError):
        log.lock(stream.pk)


@pytest.mark.django_db(transaction=True)
def test_transaction_that_is_rolled_back_takes_no_number():
    stream = Stream.objects.create()
    with transaction.atomic():
        log.append(stream.pk, [NewEvent("word.said", {"word": "unsaid"})])
        transaction.set_rollback(True)

    seq = write(stream, "said")

    assert seq == 1


@pytest.mark.django_db(transaction=True)
def test_writers_at_once_leave_no_gap_and_readers_miss_nothing():
    stream = Stream.objects.create()
    writers, each = 6, 20
    done = threading.Event()
    seen: list[int] = []

    def write_some(writer: int) -> None:
        try:
            for number in range(each):
                write(stream, *[f"{writer}.{number}.{part}" for part in range(1 + number % 3)])
        finally:
            connection.close()

    def read_along() -> None:
        try:
            while True:
                is_last = done.is_set()
                seen.extend(event.seq for event in log.read(stream.pk, after=seen[-1] if seen else 0))
                if is_last:
                    return
        finally:
            connection.close()

    with ThreadPoolExecutor(writers + 1) as pool:
        reading = pool.submit(read_along)
        for written in [pool.submit(write_some, writer) for writer in range(writers)]:
            written.result()
        done.set()
        reading.result()

    expected = list(range(1, sum(1 + number % 3 for number in range(each)) * writers + 1))
    assert list(Event.objects.order_by("seq").values_list("seq", flat=True)) == expected
    assert seen == expected
