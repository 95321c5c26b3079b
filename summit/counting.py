"""Counters of this process. Apart from what reads the database, since logging needs them before there are any apps."""

import logging

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector

REGISTRY = CollectorRegistry()
ProcessCollector(registry=REGISTRY)

ANSWERS = Counter("summit_answers", "Pages and other answers over HTTP.", ["status"], registry=REGISTRY)
SECONDS = Histogram(
    "summit_answer_seconds",
    "How long they took in this process.",
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
    registry=REGISTRY,
)
RECORDS = Counter("summit_log_records", "Warnings and errors in the log.", ["level"], registry=REGISTRY)


class CountingHandler(logging.Handler):
    """Counts what is logged, whatever becomes of the log."""

    def emit(self, record: logging.LogRecord) -> None:
        RECORDS.labels(record.levelname.lower()).inc()
