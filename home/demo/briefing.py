"""The briefings that the editor has written: one of last year, one published this morning, one still in draft."""

from home.demo.shapes import Briefing, Promise, Thing, When

SERIES = ("The Northgate briefings", "<p>deciding <i>in good company</i></p>")
PAST_SERIES = ("The Saltings briefings", "<p>leaving things <i>better labelled</i></p>")

ANSWERING = Briefing(
    slug="whoever-asks-must-answer",
    number=2,
    title="Whoever asks must answer",
    proposition=2,
    opening=(
        "<p>Public bodies ask a great many questions and answer very few. Those who joined this discussion divided "
        "over whether to ask less; they did not divide over what should follow the asking. From what was said before "
        "and at the Summit, here are <i>seven</i> things to consider before you next ask anybody anything.</p>"
    ),
    things=(
        Thing(
            "What could an answer still change?",
            "<p>Not a tender that is already out.[[tender]] Nobody blames a body for having no choice, only for "
            "pretending to one. A director with nineteen consultations behind her has a rule: “Ask while you are "
            "still uncomfortable.”[[five-principles]] Where the law requires the asking and nothing is open, call it "
            "a notice.[[call-it-notice]]</p>",
        ),
        Thing(
            "Who will sign the reply, and on what day?",
            "<p>Asked for the best answers they had ever been given, one table produced “seven names. Not one "
            "logo.”[[seven-names]] Announce the day together with the question. A committee that meets every six "
            "weeks can keep a date, though it can’t keep a month.[[six-weeks]] A chief executive who signed 380 "
            "letters now recommends it.[[signed-380]]</p>",
        ),
        Thing(
            "What does it take to answer everybody?",
            "<p>About four minutes each; one district reckons it at twenty working days a year.[[twenty-days]] Keep "
            "the addresses, and budget for the answer with the question. Six thousand people and a bypass are beyond "
            "us still.[[bypass]] A machine might draft, if a person signed; one resident would “rather have "
            "nothing”.[[rather-nothing]]</p>",
        ),
        Thing(
            "Whom would asking less silence?",
            "<p>Here the room divided. “Halve it where it is thick,” wrote a tenant, “and leave it alone where it "
            "has only just begun to grow.”[[thick]] Others would spend the hours that are saved on first "
            "askings[[first-asking]], such as a van in another street each Thursday.[[thursday-van]] Those who "
            "object would like to see that budget first.[[saved-hours]]</p>",
        ),
        Thing(
            "What have people told us already?",
            "<p>The receptionist knows.[[receptionist]] So does a file of 61,000 reasons for ringing, which two "
            "teams have ever opened.[[recorded-reasons]] Again and again people describe the same step to the next "
            "body along. Six bodies in one town keep an ugly calendar between them; it has stopped nineteen "
            "surveys.[[one-calendar]]</p>",
        ),
        Thing(
            "How shall we say no?",
            "<p>A reasoned no is remembered kindly: “I lost. I still think she was good.”[[shadow]] It is cheaper, "
            "too. The phrase “your comments have been noted” brings a second letter four times in ten, a real no one "
            "time in nine.[[real-no]] Quote people’s own sentence back to them[[own-sentence]], give the figure, and "
            "say how to appeal against you.</p>",
        ),
        Thing(
            "Who will check that we answered?",
            "<p>One person raised this, an auditor, and we think that she is right. She would keep “a public "
            "register of what was asked, when an answer was due and when it was given”[[register]], and have it read "
            "aloud once a year. In most places it would be a short meeting and a quiet one.</p>",
        ),
    ),
    closing=(
        "<p>Nobody asked for more consultation, and nobody asked to be left alone. What people described, over and "
        "over, was somebody who came back. It takes a date, a name and about four minutes. The facilitator of this "
        "proposition has replied to everybody who spoke at his session, and would like it known that he enjoyed "
        "it.</p>"
    ),
    credit="Edited by Bram Tolliver with Gwilym Tarrant. Approved by the Society’s council.",
    seo="Seven things to consider before you next ask anybody anything.",
    promises=(
        Promise(
            point=7,
            text="Keep a public register of what the Society asks, when an answer is due and when it was given",
            owner="Odile Farrant, for the Society",
            due=21,
            steps=((When(minutes=60), "planned", "It will begin with this summit’s own five propositions."),),
        ),
    ),
)

QUEUEING = Briefing(
    slug="a-queue-should-carry-a-signature",
    number=1,
    title="A queue should carry a signature",
    proposition=1,
    opening=(
        "<p>Every list of people waiting is in some order, and somebody chose it. In the room there were few who "
        "could say who. From what was said before and at the Summit, here are <i>five</i> things to consider for "
        "those who keep a list and for those who govern them.</p>"
    ),
    things=(
        Thing(
            "Which rule would nobody sign?",
            "<p>“If you ring, you go up. Nobody wrote it. Everybody knows it.”[[ring-up]] Children who move school "
            "go to the bottom of one list, and it is children in care who move.[[children-in-care]] An auditor who "
            "looked into 23 queues found an owner for six.[[no-owner]]</p>",
        ),
        Thing(
            "What does somebody who waits need to know?",
            "<p>Where they are, first of all.[[where-am-i]] Then whom to tell if they get worse[[get-worse]], and "
            "whether getting better will count against them.[[exercises]] A bad number is easier to bear than none: "
            "“I was angry at the silence.”[[angry-silence]]</p>",
        ),
        Thing(
            "What becomes of mercy?",
            "<p>An officer moved a family up eleven places because a wall was wet.[[wet-wall]] A tenant asked, with "
            "thanks, who had gone down.[[who-went-down]] An exceptions book of one line each[[exceptions-book]] "
            "might serve them both, if it does not end the mercy altogether.[[stop-doing]]</p>",
        ),
        Thing(
            "Who gains when the rules are printed?",
            "<p>The confident, some fear.[[leaflet]] They have always guessed, says the solicitor who guesses for "
            "them.[[guesses]]</p>",
        ),
        Thing(
            "Who should be in the room when it is reviewed?",
            "<p>To be written once the last forty entries have been read.</p>",
        ),
    ),
    closing="",
    is_published=False,
    takes_objections_for_days=10,
    objects=("where-am-i",),
)

LAST_YEAR = Briefing(
    slug="the-post-should-remember",
    number=1,
    title="The post should remember",
    proposition=1,
    opening=(
        "<p>People leave and posts remain. Between one holder and the next lie a week’s gap, a cleared desk and a "
        "set of keys. From the discussion of a letter to whoever comes next, here are <i>five</i> things to consider "
        "before your own last day.</p>"
    ),
    things=(
        Thing(
            "What should it always say?",
            "<p>What frightened you. “Everything else is in the files.”[[frightened]] One line about a boundary was "
            "worth more to its reader than a whole induction.[[boundary]]</p>",
        ),
        Thing(
            "What if it is read in court?",
            "<p>Some are advised so well that they write nothing.[[forty-letters]] A solicitor has looked for a "
            "letter that was ever disclosed, and has not found one.[[disclosed]]</p>",
        ),
        Thing(
            "Could the question come later?",
            "<p>A head would trade the handover day for two evenings in the first term.[[two-evenings]] By then one "
            "knows what to ask.</p>",
        ),
        Thing(
            "Who else should be asked to write one?",
            "<p>Nobody asked the storeman, and four hundred valves were wrong.[[storeman]] The caretaker was not asked "
            "either.[[caretaker]] Begin with whoever is not in the organisation chart.</p>",
        ),
        Thing(
            "How should it be opened?",
            "<p>After a month, says somebody who received a cruel one.[[cruel]] And it should be written as if for "
            "oneself: it may prove to be the only appraisal by “somebody who knew the job”.[[appraisal]]</p>",
        ),
    ),
    closing=(
        "<p>A letter costs a day. Those who had written one did not regret the day. Those who had been left one "
        "could still, years afterwards, quote it.</p>"
    ),
    credit="Edited by Bram Tolliver with Odile Farrant. Approved by the Society’s council.",
    seo="Five things to consider before your own last day.",
    promises=(
        Promise(
            point=1,
            text="Ask everybody who leaves a member organisation what frightened them",
            owner="The Society’s office",
            due=-120,
            steps=(
                (When(330, "10.00"), "planned", "One question, on one sheet, in the week before the last day."),
                (
                    When(260, "09.30"),
                    "under_way",
                    "Eleven organisations ask it. Two found it too personal.",
                ),
                (When(131, "16.00"), "done", "Forty-one letters so far. The office reads none of them; the posts do."),
            ),
        ),
        Promise(
            point=2,
            text="Ask a solicitor what may be written without fear",
            owner="Gwilym Tarrant",
            due=-200,
            steps=(
                (When(328, "12.00"), "planned", ""),
                (
                    When(190, "11.15"),
                    "dropped",
                    "Three were asked. Each would advise on one letter, none on letters.",
                ),
            ),
        ),
        Promise(
            point=4,
            text="Invite a storeman, a caretaker and a driver to the next summit",
            owner="Odile Farrant",
            due=-9,
            steps=(
                (When(300, "10.00"), "planned", ""),
                (
                    When(40, "08.45"),
                    "under_way",
                    "The caretaker said yes. The storeman asks who would mind the stores.",
                ),
            ),
        ),
    ),
)
