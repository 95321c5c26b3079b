"""The Society's news, and the pages every site owes its readers."""

from home.demo.shapes import Post

NEWS_TITLE = "News"

# A picture's name is a drawing of `home.demo.pictures`.
POSTS = (
    Post(
        "how-the-five-were-chosen",
        "How the five propositions were chosen",
        "odile",
        30,
        (
            "<p>We received ninety-four this year. Most were true, which is the usual trouble: a proposition with "
            "which everybody agrees is a poster. We looked for sentences that a sensible person could refuse.</p>",
            (
                "picture",
                "weighhouse",
                "The Weigh House from the north gate, where goods were weighed before they were taxed.",
            ),
            "<p>Each of the five is put by somebody who would have to live with it. A clinician who keeps a "
            "<a href='proposition:1'>waiting list</a> asks us to sign ours. A town clerk who likes being asked things "
            "would have us <a href='proposition:2'>ask fewer</a>. A tenant wants the "
            "<a href='proposition:3'>repairs money</a>, and the blame that comes with it. A finance director wants "
            "<a href='proposition:4'>endings</a> to have budgets. And a caseworker wants somebody, anybody, to be able "
            "to <a href='proposition:5'>say why</a>.</p>",
            ("heading", "What happens to what you say"),
            "<p>Comments are open now and stay open until the last evening. During the three days you can also speak "
            "from your phone, without an account, or through the scribe at your table. Afterwards our editor reads "
            "everything, once, and each briefing shows what it rests on. If your words were left out, you will be "
            "able to read the reason.</p>",
        ),
        summary="Ninety-four were sent in. We looked for sentences that a sensible person could refuse.",
        time="12.15",
        category="The propositions",
    ),
    Post(
        "a-note-on-being-quoted",
        "A note on being quoted",
        "bram",
        20,
        (
            "<p>Beside every comment box there are four choices: by name, by role, without either, or not at all. They "
            "mean what they say. If you choose the last, I shall read your words and count you, and nothing of yours "
            "will appear between quotation marks.</p>",
            "<p>If you choose the first, I quote you exactly. I may leave words out, and then there will be an "
            "ellipsis. I may add a word so that the sentence can be understood, and then it will stand in square "
            "brackets. I am not able to do anything else, because the machine on which I write refuses to let me, "
            "and I asked for it to be built that way.</p>",
            ("quotation", "“An editor’s temptation is always to improve.”", "The Society’s style book, first page"),
        ),
        summary="There are four choices beside every comment box, and they mean what they say.",
        category="From the editor",
    ),
    Post(
        "getting-to-the-weigh-house",
        "Getting to the Weigh House",
        "suniti",
        8,
        (
            "<p>Trams 2 and 5 stop at Northgate, and from the platform it is four minutes on the level. The main "
            "door has one step with a ramp beside it; the door in Pound Lane has none. There are eleven places to "
            "leave a bicycle and we know already that there will be forty bicycles.</p>",
            ("picture", "tramlines", "Lines 2 and 5 cross at Northgate."),
            "<p>Every session is captioned on the wall. The hearing loop in the Tolsey Room is the good one; the one "
            "in the Long Gallery hums, and a technician is looking at it. The quiet room is on the first floor, "
            "behind the portrait of the man with the herring.</p>",
            "<p>If you are coming with somebody who helps you, that person needs no ticket. Tell us their name at "
            "the door so that their lunch has one.</p>",
        ),
        summary="Four minutes from the tram, on the level. Every session is captioned, and there is a quiet room.",
        category="The Weigh House",
    ),
    Post(
        "the-herring-is-straight-again",
        "The herring is straight again",
        "suniti",
        5,
        (
            "<p>The man with the herring has been straightened. Several of you wrote. The quiet room is still behind "
            "him, and the hum in the Long Gallery was a refrigerator.</p>",
        ),
        category="The Weigh House",
        is_note=True,
        takes_comments=False,
    ),
    Post(
        "three-numbers-from-the-discussion-so-far",
        "Three numbers from the discussion so far",
        "bram",
        3,
        (
            "<p>Ninety responses to the five propositions, from thirty-odd people.[1] I have read all of them, and "
            "three numbers seemed worth passing on.</p>",
            "<ul><li><i>Seven</i> people have changed their minds in public,[2] two of them facilitators. I can’t "
            "remember a year with more than three.</li><li><i>One</i> comment in five describes something that the "
            "writer did and that failed. Those are the ones that others answer.</li><li><i>Nought</i> is the number "
            "of people who have told us what their own organisation stopped doing this year. <a "
            "href='proposition:4'>Proposition 4</a> is waiting.</li></ul>",
            ("picture", "lanterns", "The gallery stairs, lit for the first evening."),
            (
                "footnotes",
                (
                    "<p>Counted on the evening before. Words that wait for a moderator are not among them.</p>",
                    "<p>In the sense of the style book: they said so, and said what had changed it.</p>",
                ),
            ),
        ),
        summary="Seven changes of mind, one confession in five, and a silence under proposition 4.",
        category="From the editor",
    ),
    Post(
        "the-first-morning",
        "The first morning, and a reply on a beer mat",
        "odile",
        1,
        (
            "<p>Two hundred and twelve of you came through the door before half past nine, and one through the "
            "window of the cloakroom, for reasons we have agreed to forget. The first session was on "
            "<a href='proposition:2'>proposition 2</a>. "
            "It produced some eighty contributions from nine tables and a good many phones.</p>",
            ("picture", "weights", "A set of standard weights, by the door."),
            "<p>The moment that I shall keep came at the end. Gwilym Tarrant had been asked from the floor whether he "
            "would reply to everybody who had spoken. He said that he would start at lunch. By two o’clock he had "
            "answered thirty-one people, the last of them on a beer mat, because the cards had run out.</p>",
            "<p>Today: the <a href='proposition:3'>repairs money</a>, and an open conversation for those who missed "
            "the others.</p>",
        ),
        summary="Two hundred and twelve of you came through the door, and one through the cloakroom window.",
        time="17.30",
    ),
)

ABOUT = (
    "<p>The Society of Public Stewards was founded by eleven town clerks who had run out of people to ask. It has some "
    "nine hundred members now, in councils, hospitals, schools, housing and the services that come when you ring. We "
    "lobby for nothing. We hold one summit a year, and print what it made of its own propositions.</p>",
    ("heading", "How a summit works"),
    "<p>A proposition is an assertion that can be argued with. It has a number and a facilitator, and it is published "
    "weeks before anybody meets. People answer in comments, then in the room. An editor reads all of it and writes a "
    "briefing: a few things to consider, each with the words it rests on.</p>",
    ("heading", "What we promise"),
    "<p>Every contribution can be followed to what became of it, and every sentence of a briefing can be followed back "
    "to what people said. Where we left your words out, the reason stands beside them.</p>",
    ("heading", "This is a demonstration"),
    "<p>The Society, its members, their organisations and everything they say here were made up to show what Summit "
    "does. Nothing you write in the demo leaves this machine.</p>",
)

# What the Society adds to the privacy page and to the accessibility statement.
RESPONSIBLE = (
    "<p>The Clerk of the Society, Tolsey House, Pound Lane. Questions about your data go to privacy@northgate.example; "
    "we answer within a week.</p>"
)

GROUNDS = (
    "<p>You speak here because you want to, and we keep what you say as the record of a public meeting. Whoever thinks "
    "that we do it wrongly may turn to the authority for data protection.</p>"
)

BACKUPS = "<p>The machine and its backups stand in the Society’s own house. A backup is kept for fourteen days.</p>"

CONTACT = (
    "<p>Tell us at access@northgate.example, on 0555 010 22, or at the desk by the main door. We answer within two "
    "working days, and say what we shall do and by when. If our answer does not help, ask for the Clerk.</p>"
)

VENUE = (
    "<ul><li>The door in Pound Lane has no step; the main door has one, with a ramp beside it.</li><li>Every session "
    "is captioned on a screen beside the wall. The Tolsey Room and the Long Gallery have hearing loops.</li><li>Paper "
    "sheets are on every table, and what is written on them is counted as if it had been typed.</li><li>The quiet room "
    "is on the first floor, by the lift.</li></ul>"
)

LIMITS = (
    "<ul><li>The tables under the propositions are plain CSV files, as we were given them, with one line of headings "
    "and no notes. Ask, and we read them to you or write them out.</li></ul>"
)
