"""What other sites wrote about the propositions, as their pages stood when they were looked at."""

from dataclasses import dataclass

from home.demo.shapes import When


@dataclass(frozen=True)
class Elsewhere:
    """A page of another site that links to a proposition. `{link}` stands where its link does."""

    proposition: int
    address: str
    kind: str
    title: str
    site: str
    text: str
    link: str
    when: When
    released: bool = False
    hidden: str = ""


MENTIONS = (
    Elsewhere(
        1,
        "https://waiting-room-notes.example/the-order-of-the-list/",
        "webmention",
        "The order of the list",
        "Notes from a Waiting Room",
        "I have sat in three of these rooms this year and nobody in any of them could tell me who would be called "
        "next, or why. So I was glad to read that {link}, and gladder that the person who says it keeps one. I do not "
        "yet believe that the rule will be printed on the door.",
        "every waiting list is a decision",
        When(24, "20.05"),
        released=True,
    ),
    Elsewhere(
        1,
        "https://clerks-weekly.example/2/propositions-for-the-autumn",
        "pingback",
        "Five propositions for the autumn",
        "The Clerk’s Weekly",
        "Of the five put to the Summit this year we expect most heat from {link}, which asks every public body to "
        "print the order in which it serves people.",
        "the first",
        When(21, "09.30"),
        released=True,
    ),
    Elsewhere(
        3,
        "https://tenants-of-brook-row.example/news/our-money",
        "webmention",
        "Our repairs, our money?",
        "Tenants of Brook Row",
        "We talked about {link} on Tuesday, eleven of us and a baby. Nine were for it. The two who were not had both "
        "been treasurers of something.",
        "the repairs budget",
        When(3, "19.12"),
    ),
    Elsewhere(
        2,
        "https://quick-money-now.example/p/88121",
        "pingback",
        "Consult less answer more best rates",
        "quick-money-now.example",
        "Read {link} and get instant payday loans online same day for everybody. Apply in two minutes.",
        "this article",
        When(2, "03.41"),
    ),
    Elsewhere(
        4,
        "https://cheap-endings.example/a",
        "pingback",
        "Endings",
        "cheap-endings.example",
        "Endings, beginnings, {link}, replica watches, handbags, endings.",
        "stopping",
        When(8, "04.02"),
        hidden="Advertising",
    ),
)
