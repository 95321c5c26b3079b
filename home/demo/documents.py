"""The papers that lie beside the propositions: small tables, always the same."""

import csv
import io
from random import Random

Row = tuple[object, ...]


def _table(head: Row, rows: list[Row]) -> bytes:
    stream = io.StringIO()
    csv.writer(stream).writerows([head, *rows])
    # Spreadsheets take a file for UTF-8 only if it begins with the mark.
    return stream.getvalue().encode("utf-8-sig")


def _queue_rules() -> bytes:
    return _table(
        ("queue", "rule", "written down", "signed by", "people it leaves until last"),
        [
            ("Hip and knee", "Two letters eleven days apart, then removed", "yes", "nobody", 340),
            ("Hip and knee", "“See Janet”", "no", "Janet", 206),
            ("Hip and knee", "Clock starts again after a missed appointment", "yes", "nobody", 118),
            ("Occupational therapy", "Assessed in the order received", "yes", "head of service", 0),
            ("Occupational therapy", "Private referrals enter at the date of the private letter", "no", "nobody", 71),
            ("Housing transfers", "No points for damp walls", "yes", "cabinet, 2011", 164),
            ("Housing transfers", "One refusal, then a year’s wait", "yes", "cabinet, 2011", 39),
            ("Home adaptations", "Under £7,000 before over £7,000", "no", "nobody", 95),
            ("School places", "Distance in a straight line, to the metre", "yes", "governors, yearly", 27),
            ("Allotments", "Residents before neighbours", "yes", "town clerk", 12),
            ("Home safety visits", "Whoever rings again", "no", "nobody", 410),
            ("Planning enforcement", "Letters from members first", "no", "nobody", 58),
        ],
    )


def _closing_reports() -> bytes:
    draw = Random(214)  # noqa: S311 invented figures, the same at every loading
    bodies = (
        "Aldersea City Council",
        "Dunmoor County Council",
        "Corrie Borough Council",
        "Stannerby District Council",
        "Fenmarch Hospitals",
        "Vale of Arrell Health Board",
        "Saltway Fire and Rescue",
        "Harbour Row Housing",
    )
    subjects = (
        "parking",
        "library hours",
        "a local plan",
        "adult care charges",
        "bus routes",
        "a fees schedule",
        "school admissions",
        "street trading",
        "day services",
        "a leisure strategy",
        "flood defences",
        "tenancies",
    )
    changed = set(draw.sample(range(214), 31))
    return _table(
        ("body", "subject", "answers", "report found", "report says what changed", "replied to each person"),
        [
            (
                draw.choice(bodies),
                draw.choice(subjects),
                round(draw.lognormvariate(4.8, 1.1)),
                "yes" if number in changed or draw.random() < 0.8 else "no",
                "yes" if number in changed else "no",
                "no",
            )
            for number in range(214)
        ],
    )


def _repairs() -> bytes:
    draw = Random(19)  # noqa: S311 invented figures, the same at every loading
    places = ("Dunlin House", "Curlew House", "Sanderling Court", "Block C", "Garages", "Estate office")
    jobs = (
        ("lift", 4200),
        ("leak", 180),
        ("stairwell light", 60),
        ("damp", 640),
        ("door", 210),
        ("railings", 9300),
        ("repainting", 5200),
        ("window", 330),
        ("heating", 410),
        ("gutter", 150),
    )
    rows: list[Row] = []
    for _ in range(96):
        (job, cost), place = draw.choice(jobs), draw.choice(places)
        planned = job in {"railings", "repainting"}
        days = draw.randint(2, 20) if planned else draw.randint(3, 64)
        rows.append((place, job, "in programme" if planned else "reported", days, round(cost * draw.uniform(0.7, 1.5))))
    return _table(("place", "job", "how it arose", "days to done", "pounds"), rows)


def _endings() -> bytes:
    return _table(
        ("what ended", "years it ran", "last year’s cost", "cost of ending it", "per cent", "plan", "last day marked"),
        [
            ("Ossing ferry", 71, 310_000, 38_400, 12, "yes", "yes"),
            ("Museum of the Fen", 44, 420_000, 79_900, 19, "yes", "yes"),
            ("Dunmoor Museum", 58, 505_000, 20_200, 4, "no", "no"),
            ("Coldharbour depot", 29, 940_000, 75_200, 8, "yes", "no"),
            ("The Dunmoor Resident", 23, 88_000, 6_200, 7, "yes", "yes"),
        ],
    )


def _refusals() -> bytes:
    draw = Random(60)  # noqa: S311 invented figures, the same at every loading
    kinds = ("rent support", "school transport", "blue badge", "home care", "council tax", "housing transfer")
    rows: list[Row] = []
    for number in range(1, 61):
        machine = draw.random() < 0.4
        reason = draw.choices((0, 1, 2, 3), (5, 4, 2, 0.5) if machine else (2, 4, 3, 2))[0]
        rows.append(
            (
                number,
                draw.choice(kinds),
                "score" if machine else "officer",
                reason,
                draw.randint(90, 900),
                "yes" if reason == 3 or draw.random() < 0.15 else "no",
            )
        )
    return _table(("letter", "about", "decided by", "reasons, 0 to 3", "words", "names a person"), rows)


DOCUMENTS = {
    "queue-rules.csv": _queue_rules,
    "closing-reports.csv": _closing_reports,
    "one-year-of-repairs.csv": _repairs,
    "five-endings.csv": _endings,
    "refusal-letters.csv": _refusals,
}
