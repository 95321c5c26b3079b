"""What the advertising filter catches and what it wrongly holds, on texts it has not learned from.

`python -m benchmarks.spam`: ten times over it learns from nine tenths of the shipped examples and is tried on the rest;
then it is tried on the demo's remarks and on short ones and advertising of `tests/discussion/unseen`, none of which it
has seen. Prints a table and writes var/benchmarks/spam.json.
"""

import json
import os
import time
from pathlib import Path
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "summit.settings.test")
django.setup()

from discussion import spam  # noqa: E402 Django must be set up first
from home.demo import comments as demo  # noqa: E402

UNSEEN = Path("tests/discussion/unseen")
RESULTS = Path("var/benchmarks/spam.json")


def said_in(remarks: Any) -> Any:
    for remark in remarks:
        yield remark.text
        yield from said_in(remark.replies)


def demo_remarks() -> list[spam.Example]:
    found = [value for name, value in vars(demo).items() if name.startswith("ON_")]
    threads = [thread for value in found for thread in (value.values() if isinstance(value, dict) else [value])]
    return [spam.Example(text, is_spam=False) for thread in threads for text in said_in(thread)]


def unseen(name: str, *, is_spam: bool) -> list[spam.Example]:
    return [spam.Example(line, is_spam) for line in (UNSEEN / name).read_text(encoding="utf-8").splitlines() if line]


def row(corpus: str, trial: spam.Trial) -> dict[str, Any]:
    return {
        "corpus": corpus,
        "advertising": trial.caught + trial.missed,
        "caught": trial.caught,
        "other": trial.wrongly_held + trial.let_stand,
        "wrongly_held": trial.wrongly_held,
        "precision": round(trial.precision, 3),
        "recall": round(trial.recall, 3),
    }


def main() -> None:
    examples = spam.examples_shipped()
    remarks = demo_remarks()
    start = time.process_time()
    learned = spam.train(examples)
    learning = time.process_time() - start
    start = time.process_time()
    for remark in remarks:
        learned.judge(remark.text)
    judging = (time.process_time() - start) / len(remarks)
    rows = [
        row("shipped examples, tenth by tenth", spam.cross_validate(examples)),
        row("the demo's remarks", spam.try_out(learned, remarks)),
        row("short remarks", spam.try_out(learned, unseen("remarks.txt", is_spam=False))),
        row("other advertising", spam.try_out(learned, unseen("advertising.txt", is_spam=True))),
    ]
    for line in (list(rows[0]), *(list(found.values()) for found in rows)):
        print(f"{line[0]!s:34}" + "".join(f"{cell!s:>14}" for cell in line[1:]))
    print(f"learning {learning:.2f} s, judging {judging * 1000:.3f} ms a comment (CPU)")
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(json.dumps({"rows": rows, "learning_s": learning, "judging_ms": judging * 1000}, indent=1))


if __name__ == "__main__":
    main()
