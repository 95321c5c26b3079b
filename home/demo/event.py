"""The summit, last year's, and the five propositions with what their facilitators wrote."""

from dataclasses import dataclass

from home.demo.shapes import Post

HOME_TITLE = "Society of Public Stewards"
HOME_INTRODUCTION = (
    "<p>We are people who run public services, and every year we put a few propositions to one another. Anybody may "
    "answer. What is said becomes a handful of short briefings, and you can follow your own words into them.</p>"
)

HOST = "Society of Public Stewards"
EVENT_SLUG = "northgate-summit"
EVENT_TITLE = "The Northgate Summit"
STRAPLINE = "<p>deciding <i>in good company</i></p>"
VENUE = "The Weigh House, Northgate, Aldersea"
EVENT_INTRODUCTION = (
    "<p>Three days for people who make decisions that other people live with. Five propositions have been argued over "
    "for a month. What is said here will be printed in five briefings of two pages each, and nothing you say "
    "disappears on the way.</p>"
)

PAST_SLUG = "saltings-summit"
PAST_TITLE = "The Saltings Summit"
PAST_STRAPLINE = "<p>leaving things <i>better labelled</i></p>"
PAST_VENUE = "The Rope Walk, Great Saltings"
PAST_INTRODUCTION = (
    "<p>Last year’s summit asked what one holder of a public post owes to the next. Two propositions were put; the "
    "briefing on the first is below.</p>"
)

# Name, address, tier, and how the logo is drawn: serif or sans, roman or italic, spaced or not.
PARTNERS = (
    ("The Tolbooth Foundation", "https://tolbooth.example/", "principal", "serif"),
    ("Hexham & Lisle", "https://hexhamlisle.example/", "supporting", "italic"),
    ("Marlpit Mutual", "https://marlpit.example/", "supporting", "caps"),
    ("University of Aldersea", "https://aldersea-university.example/", "supporting", "sans"),
    ("Weigh House Trust", "https://weighhouse.example/", "in_kind", "serif"),
    ("Aldersea Trams", "https://trams.example/", "in_kind", "caps"),
    ("The Quire Press", "https://quire.example/", "in_kind", "italic"),
)
PAST_PARTNERS = (
    ("The Tolbooth Foundation", "https://tolbooth.example/", "principal", "serif"),
    ("The Quire Press", "https://quire.example/", "in_kind", "italic"),
)


@dataclass(frozen=True)
class Proposition:
    number: int
    slug: str
    title: str
    category: str
    summary: str
    facilitator: str
    statement: tuple[object, ...]
    statement_before: tuple[object, ...] = ()
    document: str = ""
    document_title: str = ""
    coming_soon: str = ""
    posts: tuple[Post, ...] = ()


# A string is a paragraph block; ("heading" | "quotation" | "footnotes", …) another kind.

WAITING = Proposition(
    number=1,
    slug="every-waiting-list-is-a-decision",
    title="Every waiting list is a decision",
    category="Access",
    summary="A queue has an author. We should sign it, print its rules, and answer for whoever it calls last.",
    facilitator="ifeoma",
    statement=(
        "<p>We talk about waiting lists as if they were weather: they lengthen, they ease, they are worse in winter. "
        "Yet somebody chose the order in which names are called, the rule by which a name drops off, and the moment "
        "at which the clock starts. In my own department that order was settled eleven years ago, in a spreadsheet, "
        "by a colleague who has since retired. Until this spring nobody had asked whether she would still stand by "
        "it.</p>",
        "<p>The proposition is that a waiting list, whether for a hip, a home, a school place or a planning "
        "permission, is a decision of the body that keeps it, made again every morning that nobody changes it. It "
        "should be treated as one. A named person or committee should make it. Its rules should be in words that a "
        "person on the list can read. Beside each rule should stand the number of people whom that rule leaves until "
        "last. And once a year it should be reviewed in the presence of <i>somebody who is waiting</i>.</p>",
        "<p>This has a cost, and I would rather name it than have it found. A rule in print can be learned, and the "
        "confident will learn it first. Staff who now soften a bad rule with quiet discretion will lose their cover, "
        "and some of the people they were protecting will wait longer because of us. I have done that softening "
        "myself. I am not certain that I was always fair, and nobody was in a position to tell me.</p>",
        "<p>What I would like the Summit to settle:</p>"
        "<ol><li>Which rules in your own queues would nobody be willing to sign?</li>"
        "<li>What should a person be told about their place, and how often?</li>"
        "<li>If we take away discretion that was kind, what do we put in its place?</li></ol>",
    ),
    document="queue-rules.csv",
    document_title="Twelve rules from eight queues",
    coming_soon="The signed list, first review",
    posts=(
        Post(
            "a-spreadsheet-called-final-final",
            "A spreadsheet called FINAL final",
            "ifeoma",
            24,
            (
                "<p>Several of you asked how the old list actually worked, so I sat down with the last colleague who "
                "remembers. It had a column named Priority, which took the values 1, 2, 3 and “see Janet”. There were "
                "two hundred and six people in “see Janet”. Janet moved to the coast four years ago.</p>",
                "<p>I do not tell this to mock anybody. “See Janet” was the most humane cell in the sheet: it meant "
                "that the rules did not fit, and that a person who knew the patient should be asked. What we lost "
                "when she left was the only part of the list that had an author.</p>",
                "<p>Of the two hundred and six, we have now telephoned all but nine. Thirty-one had got better by "
                "themselves, fourteen had paid for treatment, and three had died of something else. Everybody we "
                "reached asked the same first question, which was whether they were still on the list.</p>",
            ),
            summary="Two hundred and six people were filed under “see Janet”. We have now telephoned all but nine.",
        ),
        Post(
            "what-the-first-replies-say",
            "What the first replies taught me about discretion",
            "ifeoma",
            11,
            (
                "<p>I wrote the statement expecting an argument about publication. The argument you have started is "
                "about mercy, and I think it is the better one.</p>",
                "<p>Three of you, in housing, in schools and in my own trade, describe the same habit: an officer "
                "who quietly moves one name because the rule would produce something cruel. Two of you say that this "
                "habit is exactly how the articulate overtake the quiet. I notice that nobody has claimed to have a "
                "record of which of those it mostly is.</p>",
                "<p>So I shall bring a fourth question to the session. Could every exception be written down in one "
                "line, by the person who made it, without anybody having to justify it at the time? A year of those "
                "lines would tell us whether discretion is kind. My guess is that it would surprise both sides.</p>",
            ),
            summary="The argument you have started is about mercy. Could every exception be written down in one line?",
        ),
    ),
)

CONSULTING = Proposition(
    number=2,
    slug="we-should-consult-less-and-answer-more",
    title="We should consult less and answer more",
    category="Democracy",
    summary="Half as many consultations, and a reply to every person who takes part in one.",
    facilitator="gwilym",
    statement_before=(
        "<p>Last year the councils, health bodies and trusts within a bus ride of my office held 214 consultations. "
        "I read every closing report I could obtain. Thirty-one of them said what had changed. Not one of them wrote "
        "back to the people who had taken part.</p>",
        "<p>The proposition is in two halves. We should ask half as often. And whoever asks should reply to each "
        "person who answers, within a month, with a signature at the foot. No reply, no consultation: a body that "
        "has not answered the last one should lose the right to open the next.</p>",
        "<p>The cost is plain. A reply takes about four minutes if the asking was honest, and a good deal longer if it "
        "was not. A busy council would need another two people.</p>",
        "<p>Which of your consultations could have changed nothing? Who signed the reply to the last one? And what "
        "would you stop asking tomorrow?</p>",
    ),
    statement=(
        "<p>Last year the councils, health bodies and trusts within a bus ride of my office held 214 consultations. "
        "I read every closing report I could obtain. Thirty-one of them said what had changed. Not one of them wrote "
        "back to the people who had taken part.</p>",
        "<p>The proposition is in two halves. We should ask half as often, and only while there is still something "
        "that an answer could alter. And whoever asks should reply to <i>each person who answers</i>: what we heard "
        "from you, what was decided, and if we did not do as you said, why not. The reply should be signed by "
        "somebody who was in the room when the decision was taken, and its date should be announced on the day the "
        "asking begins.</p>",
        "<p>There is a cost, in money and in pride. A reply takes about four minutes where the asking was honest and "
        "a good deal longer where it was not. A middling council would need two more people, or thirty fewer "
        "questionnaires. I grant a harder objection too: asking less often may silence those who only lately began "
        "to be asked. I have changed this paragraph because delegates made me, and I am not done thinking about "
        "it.</p>",
        (
            "quotation",
            "“You wanted my opinion in March. I have been in every day since.”",
            "Told to me at the counter, Pellbridge, in November",
        ),
        "<p>So: which of your consultations could have changed nothing? Who signed the reply to the last one? And what "
        "would you stop asking tomorrow?</p>",
    ),
    document="closing-reports.csv",
    document_title="214 consultations and what their reports say",
    coming_soon="A reply in four minutes: slides",
    posts=(
        Post(
            "a-reply-timed-with-a-kitchen-clock",
            "A reply, timed with a kitchen clock",
            "gwilym",
            17,
            (
                "<p>I was asked to show my working for “about four minutes”. Very well. On Tuesday I took the 140 "
                "answers to our question about the riverside benches, set the kitchen clock on the desk, and wrote "
                "back to all of them.</p>",
                "<p>The median was three minutes fifty. The quickest was twenty seconds, to a gentleman who had "
                "written “fine”. The longest was twenty-six minutes, to a woman whose husband’s name is on a bench "
                "that we mean to move. I do not regret a second of that one.</p>",
                "<p>It came to nine hours and a quarter. I have since had eleven letters back. One of them told me, "
                "correctly, that our plan puts two benches below the flood line. No consultant had noticed.</p>",
            ),
            summary="I wrote back to 140 people with a clock on the desk. The median was three minutes fifty.",
        ),
        Post(
            "why-the-statement-has-changed",
            "Why the statement has changed",
            "gwilym",
            9,
            (
                "<p>I have rewritten the second and third paragraphs. The first version promised a reply within a "
                "month and threatened those who did not send one. Sandeep Bhullar pointed out, gently, that some "
                "questions are put by statute and cannot be forfeited, and that my month would have expired before "
                "his committee had even met.</p>",
                "<p>Fatou Ceesay’s objection is the one that cost me sleep. Her tenants were not asked anything for "
                "thirty years. To be told, two years after the questions began, that there have been too many of "
                "them is a fine joke, and it is on me. I have put her objection into the statement and left it "
                "unanswered, since I have no answer yet.</p>",
            ),
            summary="Two objections moved me: one from a committee clerk, one from a tenant. The second is unanswered.",
        ),
    ),
)

REPAIRS = Proposition(
    number=3,
    slug="tenants-should-hold-the-repairs-budget",
    title="Tenants should hold the repairs budget",
    category="Homes",
    summary="Those who live with the damp should decide what is mended first, with the money and the blame.",
    facilitator="yusra",
    statement=(
        "<p>On my estate the lift in Dunlin House was out for nine weeks while the railings round the office were "
        "painted. Nobody was wicked. The railings were in this year’s programme and the lift was in next year’s, and "
        "the person who could have swapped them had never waited for a lift with a pushchair. I am told the railings "
        "look very well.</p>",
        "<p>This proposition asks every landlord of more than two hundred homes to hand the budget for ordinary "
        "repairs to a board elected by the tenants of those homes: the whole of it, in cash, with a surveyor to "
        "advise and the right to choose the contractor. Safety stays where the law puts it. Everything after safety "
        "is a matter of what comes first, and <i>that is a judgement, not a skill</i>. We are as able to make it as "
        "anybody, and we shall be met on the stairs by the people we disappoint.</p>",
        "<p>Now the cost. Some boards will be captured by the tidy end of the estate. Some will spend on what is "
        "seen. Some of us will be lobbied in the launderette and lose friends. There will be a year in which a "
        "tenants’ board somewhere gets it badly wrong, and the newspapers will enjoy it more than they ever enjoyed "
        "the landlord’s mistakes. I think we should do it knowing that.</p>",
        "<p>I should like to hear from officers as well as tenants. What would you need to be told before you handed "
        "the money over? Who speaks for the tenant who never comes to a meeting? And when it goes wrong, who "
        "pays?</p>",
    ),
    document="one-year-of-repairs.csv",
    document_title="One year of repairs at Sandmartin",
    coming_soon="Terms of reference for a tenants’ board",
)

STOPPING = Proposition(
    number=4,
    slug="stopping-deserves-the-care-we-give-to-starting",
    title="Stopping deserves the care we give to starting",
    category="Money",
    summary="We launch with a plan, a budget and a cake. We close by letting the phone ring.",
    facilitator="anselm",
    statement=(
        "<p>In thirty years I have signed off two hundred and twelve business cases for starting something. I have "
        "signed five for stopping.[1] The other things that ended in that time were left to fade: the post was frozen, "
        "then the hours were trimmed, then the leaflet was not reprinted, and in the end a report noted with regret "
        "that demand had fallen.</p>",
        "<p>I propose that no public body should be allowed to end a service without doing for the ending what it did "
        "for the beginning. That means a date, a budget, a person in charge, a plan for those who depend on it, and an "
        "evening on which those who made it good are thanked. It also means deciding <i>openly</i> to stop, in the "
        "meeting, with the name of the thing on the agenda, while there is still enough of it left to end well.</p>",
        "<p>It will cost more. I reckon a proper ending at about a tenth of one year’s running costs,[2] and it falls "
        "in the very year when we have least. It will also be harder politically, since a thing that is starved has "
        "no anniversary and a thing that is closed does. I have come to think that this is the strongest argument in "
        "favour.</p>",
        "<p>What have you let fade that should have been ended? What should always be in the plan for a closure? And "
        "is there anything that ought to be allowed to fade in peace?</p>",
        (
            "footnotes",
            (
                "<p>The five were a ferry, two museums, a depot and a magazine that had outlived its readers.</p>",
                "<p>The tenth is my own arithmetic from those five, and ranges from four to nineteen per cent.</p>",
            ),
        ),
    ),
    document="five-endings.csv",
    document_title="What five endings cost",
    coming_soon="A closing plan on one page",
)

REASONS = Proposition(
    number=5,
    slug="somebody-must-be-able-to-say-why",
    title="Somebody must be able to say why",
    category="Judgement",
    summary="No decision about a person without a person who can explain it, and who could have decided otherwise.",
    facilitator="meera",
    statement=(
        "<p>A man was refused help with his rent in February. The letter gave a code. The code led to a paragraph, "
        "the paragraph to a policy, and the policy to a score that had come from a supplier’s model by way of a "
        "shared service. He asked five people why. Each of them was courteous, and each of them could explain only "
        "the part that they had done. When the case reached us we found that the score had his date of birth "
        "wrong.</p>",
        "<p>The proposition is short. Whenever a public body decides something about a person, there must be "
        "<i>somebody who can say why</i>, in ordinary words, to that person’s face, and who had the power to decide "
        "otherwise. If there is nobody of whom both are true, the body has not made a decision. It has only passed "
        "on a result, and it should not be allowed to act on it.</p>",
        "<p>I know what this forbids. It would stop some systems that are quicker than we are, and a few that are "
        "fairer. It would slow the payment of people who were always going to be paid. And it asks something "
        "uncomfortable of human beings, whose stated reasons are not always the real ones. I would still rather "
        "argue with a person who may be deceiving herself than with a number that cannot be.</p>",
        "<p>Where is the line between a tool and a decider? How much must the person understand before we may call "
        "it an explanation? And what do we say to somebody whom the slower, kinder way will keep waiting?</p>",
    ),
    document="refusal-letters.csv",
    document_title="Sixty refusal letters, scored for reasons",
    coming_soon="A letter that says why: before and after",
)

PROPOSITIONS = (WAITING, CONSULTING, REPAIRS, STOPPING, REASONS)

PAST_PROPOSITIONS = (
    Proposition(
        number=1,
        slug="leave-a-letter-for-whoever-comes-next",
        title="Leave a letter for whoever comes next",
        category="Handing over",
        summary="Everybody who leaves a public post should write one honest page to the person who follows.",
        facilitator="odile",
        statement=(
            "<p>When I took over the elections of a county, my predecessor’s desk held a stapler, eleven keys "
            "without labels and a note saying “good luck”. It took two years and one recount to learn what four of "
            "the keys were for.</p>",
            "<p>Everybody who leaves a public post should be given a day, paid, to write a letter to whoever comes "
            "next: what works, what only looks as if it works, whom to telephone, and what they would do "
            "differently. The letter should belong to the post and not to the file.</p>",
            "<p>It costs a day, and some candour that can be embarrassing if it is ever read out at a tribunal. I "
            "would accept both. What should the letter always say? Who else may read it? And what becomes of the one "
            "that is cruel?</p>",
        ),
    ),
    Proposition(
        number=2,
        slug="nothing-should-be-called-temporary-twice",
        title="Nothing should be called temporary twice",
        category="Handing over",
        summary="A temporary arrangement renewed once should have to be made permanent or ended.",
        facilitator="anselm",
        statement=(
            "<p>The temporary bridge at Ossing Lock carries a plate with the date of its opening. It is older than I "
            "am. We have cabins, posts, levies and traffic orders of the same kind, each renewed by somebody who "
            "assumed that somebody else had thought about it.</p>",
            "<p>A temporary arrangement should be renewable once. After that it must be made permanent, with a "
            "proper case and a maintenance budget, or be taken away. What would you lose if this were the rule? What "
            "would you find?</p>",
        ),
    ),
)
