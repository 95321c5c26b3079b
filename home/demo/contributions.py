"""What was said in the rooms, from tables and phones, and what the editor made of it."""

from home.demo.shapes import Question, Said, Session, aside, merged, used

HIDDEN_NAME = "Names somebody who is not in the room."
HIDDEN_RUDE = "About a person rather than the proposition."
THE_CARD = "Hold the review in the evening, pay the bus fare, and let two of those who wait have a vote."
CAMPAIGN = "The card from Waiting Together"

ASKING = Session(
    slug="what-would-you-stop-asking",
    title="What would you stop asking?",
    room="Tolsey Room",
    introduction=(
        "<p>Proposition 2 with Gwilym Tarrant. Bring a consultation that you are proud of and one that you are not.</p>"
    ),
    propositions=(2,),
    facilitators=("gwilym",),
    tables=(
        ("Table 1", 7),
        ("Table 2", 6),
        ("Table 3", 6),
        ("Table 4", 8),
        ("Table 5", 5),
        ("Table 6", 7),
        ("Table 7", 6),
        ("Table 8", 5),
        ("Table 9", 6),
    ),
    questions=(
        Question(
            "ideas",
            "What is the best answer you were ever given by a public body?",
            said=(
                Said(
                    "A phone call. On a Sunday. From the engineer who had moved the crossing.",
                    role="School governor",
                    key="engineer",
                    support=2,
                    fate=used(6, "From the engineer who had moved the crossing."),
                ),
                Said(
                    "We’ve one at this table who got a letter that began “You were right and we were wrong about the "
                    "drain.” She has framed it. It’s in the downstairs loo.",
                    table="Table 4",
                    key="drain",
                    starred=True,
                    support=11,
                    fate=used(6, "You were right and we were wrong about the drain."),
                ),
                Said(
                    "“No, and here is what it would have cost.” It was the figure that did it. I stopped being cross "
                    "at the figure.",
                    by="ottoline",
                    key="the-figure",
                    support=3,
                    fate=used(6, "It was the figure that did it."),
                ),
                Said(
                    "no. in writing. with a name",
                    role="Market trader",
                    key="no-with-a-name",
                    support=4,
                    fate=used(2, "no. in writing. with a name"),
                ),
                Said(
                    "A planning officer drew the shadow of the building on a photo of my garden so I could see it "
                    "for myself. I lost. I still think she was good.",
                    role="Resident",
                    key="shadow",
                    support=3,
                    fate=used(6, "I lost. I still think she was good."),
                ),
                Said(
                    "Never had one.",
                    support=1,
                    fate=aside("Counted, and not quoted: it says what many said, and it says it without a why."),
                ),
                Said(
                    "Never had an answer from anyone, in 20 yrs",
                    role="Allotment holder",
                    support=1,
                    fate=aside("Said once already in this session, by another phone."),
                ),
                Said(
                    "A reply that quoted my own sentence back to me and then disagreed with it. Somebody had read it.",
                    role="Retired midwife",
                    key="own-sentence",
                    starred=True,
                    support=9,
                    fate=used(6, "A reply that quoted my own sentence back to me and then disagreed with it."),
                ),
                Said(
                    "The fire service. They came, looked at the hydrant and rang to say it had been painted over "
                    "since 1994.",
                    table="Table 2",
                    support=1,
                ),
                Said(
                    "Our table agrees that it was always a person and never a report. Seven of us, seven examples, "
                    "seven names. Not one logo.",
                    table="Table 1",
                    key="seven-names",
                    starred=True,
                    support=10,
                    fate=used(2, "Seven of us, seven examples, seven names. Not one logo."),
                ),
                Said(
                    "The one that came when they’d said it would.",
                    by="mairead",
                    key="when-they-said",
                    support=3,
                    fate=used(2, "The one that came when they’d said it would."),
                ),
                Said(
                    "It arrived on the day they promised, that’s all. We were astonished.",
                    table="Table 7",
                    support=1,
                    fate=merged("when-they-said"),
                ),
                Said(
                    "A headteacher told me why my boy had not got the place, and then told me how to appeal against "
                    "her.",
                    role="Parent",
                    key="appeal-her",
                    support=4,
                    fate=used(
                        6, "told me why my boy had not got the place, and then told me how to appeal against her"
                    ),
                ),
                Said(
                    "A postcard from a councillor: “You’ll have seen that I voted the other way. Come and shout at "
                    "me, Saturday, ten o’clock, the library.”",
                    table="Table 9",
                    key="postcard",
                    support=9,
                    fate=used(6, "Come and shout at me, Saturday, ten o’clock, the library."),
                ),
                Said(
                    "The best one I gave was four words: “We forgot. Now done.”",
                    role="Highways inspector",
                    support=3,
                    fate=used(6),
                ),
                Said("Anything signed", support=1, fate=merged("no-with-a-name")),
                Said(
                    "signed by a real person, not a team", role="Youth worker", support=1, fate=merged("no-with-a-name")
                ),
                Said(
                    "We had a reply from a “Customer Insight Hub”. Nobody at this table knows what one looks like.",
                    table="Table 5",
                    support=2,
                    fate=aside("Funny and true, and Table 1 says the same with seven names."),
                ),
                Said(
                    "From our own staff survey: the chief executive answered each question at a lunch, one a week, "
                    "for forty weeks. People came for question 31.",
                    role="Union representative",
                    key="forty-weeks",
                    support=2,
                    fate=used(3, "the chief executive answered each question at a lunch, one a week, for forty weeks"),
                ),
                Said(
                    "My GP ringing to say that the test was clear. It took nine seconds. Why isn’t that policy",
                    role="Carer",
                    support=2,
                    fate=aside("True and moving, and about proposition 1; it has been passed to that ledger."),
                ),
                Said(
                    "The best answer is a pothole with no hole in it. Sorry. But it is.",
                    role="Courier",
                    support=3,
                    fate=aside("About mending rather than replying, and read with pleasure."),
                ),
                Said(
                    "Can we talk about the coffee",
                    support=1,
                    fate=aside("It was passed on to the Weigh House, who have talked about the coffee."),
                ),
                Said(
                    "A reply within the week saying “this is only to tell you that you were heard; the answer comes "
                    "on the 14th”. It came on the 14th.",
                    by="winifred",
                    key="fourteenth",
                    support=3,
                    fate=used(2, "It came on the 14th."),
                ),
            ),
        ),
        Question(
            "ideas",
            "What should we stop asking, or never have asked?",
            said=(
                Said(
                    "Anything where the tender is already out.",
                    role="Procurement manager",
                    key="tender",
                    starred=True,
                    support=9,
                    fate=used(1, "Anything where the tender is already out."),
                ),
                Said(
                    "Stop asking whether people want a good service. What do you expect? A riot of no?",
                    table="Table 3",
                    key="good-service",
                    support=4,
                    fate=used(1, "Stop asking whether people want a good service."),
                ),
                Said(
                    "“Do you agree that we should aspire to excellence?” Actual question. Last March. We won’t say "
                    "which of us wrote it.",
                    table="Table 8",
                    support=10,
                    fate=merged("good-service"),
                ),
                Said(
                    "Budget consultations in January for a budget settled in November",
                    role="Accountant",
                    key="january",
                    support=3,
                    fate=used(1, "in January for a budget settled in November"),
                ),
                Said(
                    "The budget one. It’s done by then. Everybody knows it’s done.", support=1, fate=merged("january")
                ),
                Said(
                    "Our table has five who work in the same town for different bodies. We counted fourteen "
                    "consultations of the same tenants since Easter, three of them about bins.",
                    table="Table 5",
                    key="fourteen",
                    starred=True,
                    support=4,
                    fate=used(5, "We counted fourteen consultations of the same tenants since Easter"),
                ),
                Said(
                    "Satisfaction surveys after a bereavement appointment. I can’t believe I am typing this. We send "
                    "them.",
                    role="Registrar",
                    key="bereavement",
                    support=11,
                    fate=used(5, "Satisfaction surveys after a bereavement appointment."),
                ),
                Said(
                    "Ethnicity, age, postcode and gender, again, for the ninth time, to tell us that the park is "
                    "nice. You’ve got it. It’s in the other form.",
                    role="Tenant",
                    key="ninth-time",
                    support=3,
                    fate=used(5, "You’ve got it. It’s in the other form."),
                ),
                Said(
                    "Asking disabled people to describe the step again. It’s the same step.",
                    role="Access adviser",
                    key="same-step",
                    starred=True,
                    support=12,
                    fate=used(5, "It’s the same step."),
                ),
                Said(
                    "Stop asking people to prioritise things that they can’t possibly compare. “Rank these: "
                    "libraries, gritting, safeguarding.”",
                    table="Table 1",
                    key="rank-these",
                    support=3,
                    fate=used(1, "Stop asking people to prioritise things that they can’t possibly compare."),
                ),
                Said(
                    "Ranking exercises. I ranked child protection below bins once, by accident, and couldn’t go back",
                    role="Student",
                    support=9,
                    fate=merged("rank-these"),
                ),
                Said(
                    "Nothing. I would stop asking nothing. We have been asked so little where I live that a leaflet "
                    "was news.",
                    role="Tenant board member",
                    key="leaflet-news",
                    support=3,
                    fate=used(4, "We have been asked so little where I live that a leaflet was news.", "opposes"),
                ),
                Said(
                    "Careful with this question. In my ward “consult less” will be read as “you lot had your turn”.",
                    role="Ward councillor",
                    key="had-your-turn",
                    starred=True,
                    support=9,
                    fate=used(4, "In my ward “consult less” will be read as “you lot had your turn”.", "opposes"),
                ),
                Said(
                    "Two of us at this table disagree with the whole session. The bodies that already ignore people "
                    "will be first to enjoy a rule that says ask half as often. Please record us as two.",
                    table="Table 6",
                    key="record-two",
                    support=4,
                    fate=used(
                        4,
                        "The bodies that already ignore people will be first to enjoy a rule that says ask half as "
                        "often.",
                        "opposes",
                    ),
                ),
                Said(
                    "The other five of us think that half as many, done properly, reaches more new people than twice "
                    "as many done by e-mail. We tried it with the skate park: one evening, on the actual half-pipe, "
                    "61 under-16s. The survey before it had four.",
                    table="Table 6",
                    key="skate-park",
                    support=3,
                    fate=used(4, "one evening, on the actual half-pipe, 61 under-16s. The survey before it had four."),
                ),
                Said(
                    "Go to the mosque, the bus depot and the food bank. Don’t send for people. Then you can halve "
                    "the rest.",
                    by="fatou",
                    consent="named",
                    key="bus-depot",
                    support=4,
                    fate=used(4, "Go to the mosque, the bus depot and the food bank. Don’t send for people."),
                ),
                Said(
                    "Stop asking online only. My mum is 81 and has opinions about everything.",
                    role="Carer",
                    support=3,
                ),
                Said("Online only. Half my street isn’t.", support=2, fate=merged("bus-depot")),
                Said(
                    "I would never again ask “Any other comments?” unless I meant to read them. We had 1,900. Nobody "
                    "was given the hours.",
                    role="Policy officer",
                    key="any-other",
                    starred=True,
                    support=10,
                    fate=used(3, "We had 1,900. Nobody was given the hours."),
                ),
                Said(
                    "Anything we could have found out by ringing the contact centre",
                    role="Service manager",
                    support=2,
                    fate=used(5),
                ),
                Said(
                    "What the receptionist already knows.",
                    table="Table 2",
                    key="receptionist",
                    support=9,
                    fate=used(5, "What the receptionist already knows."),
                ),
                Said(
                    "stop asking tenants if theyd like to be involved in a working group. we would like the door fixed",
                    role="Tenant",
                    key="door-fixed",
                    support=10,
                    fate=used(1, "we would like the door fixed"),
                ),
                Said(
                    "Don’t ask people to design the service. Ask them where it hurts.",
                    role="Nurse",
                    support=3,
                    fate=aside("About designing services. It has been kept for next year’s propositions."),
                ),
                Said(
                    "We stopped our annual residents’ survey in 2022 and spent the money on a van that goes to a "
                    "different street every Thursday. Complaints went up by a third in the first year. We count that "
                    "as the best thing about it.",
                    table="Table 9",
                    key="thursday-van",
                    starred=True,
                    support=11,
                    fate=used(4, "a van that goes to a different street every Thursday"),
                ),
                Said("Consultations on names for things", support=1),
                Said(
                    "The ones that legislation says we must, where we already know there’s no choice. Could a notice "
                    "not be called a notice?",
                    by="sandeep",
                    key="call-it-notice",
                    support=3,
                    fate=used(1, "Could a notice not be called a notice?"),
                ),
                Said("Surveys about surveys. We’ve had one.", role="Librarian", support=2),
                Said(
                    "Whoever designed our last one should be made to fill it in on a phone at a bus stop in the "
                    "rain. His name is on the website.",
                    hidden=HIDDEN_NAME,
                ),
                Said(
                    "Stop asking for ideas if there’s no money. Or say there’s no money and then ask. It is a "
                    "different and better conversation.",
                    table="Table 7",
                    key="no-money",
                    support=3,
                    fate=used(1, "say there’s no money and then ask"),
                ),
                Said(
                    "Asking staff what they think in the same week as the redundancy letters. I was one.",
                    consent="anonymous",
                    key="redundancy",
                    support=3,
                    fate=used(1, "Asking staff what they think in the same week as the redundancy letters."),
                ),
                Said("We shouldn’t have asked about the crematorium music.", table="Table 3", support=2),
            ),
        ),
        Question(
            "statements",
            "Weigh these four.",
            options=(
                ("A consultation that can change nothing should be called a notice.", (41, 6, 4)),
                ("Everybody who answers is owed a reply of their own.", (30, 15, 6)),
                ("Asking half as often would silence those we hear least.", (20, 23, 8)),
                ("Whoever takes the decision should sign the reply.", (36, 9, 6)),
            ),
        ),
        Question(
            "questions",
            "Questions for Gwilym Tarrant",
            said=(
                Said(
                    "How do you reply to 6,000 people about a bypass?",
                    role="Strategic planner",
                    key="bypass",
                    support=4,
                    fate=used(3, "How do you reply to 6,000 people about a bypass?", "qualifies"),
                ),
                Said(
                    "What do you do about a campaign? 2,000 identical postcards, one letter back?",
                    table="Table 8",
                    key="postcards",
                    support=3,
                    fate=used(3, "2,000 identical postcards, one letter back?", "qualifies"),
                ),
                Said(
                    "Same letter 400 times: is that 400 replies or one?",
                    role="Clerk",
                    support=1,
                    fate=merged("postcards"),
                ),
                Said(
                    "Isn’t four minutes only possible because Pellbridge is small?",
                    role="Borough officer",
                    support=2,
                    fate=used(3, "Isn’t four minutes only possible because Pellbridge is small?", "qualifies"),
                ),
                Said(
                    "Can a machine draft the reply, if a person signs it?",
                    by="magnus",
                    consent="named",
                    key="machine-draft",
                    support=3,
                    fate=used(3, "Can a machine draft the reply, if a person signs it?", "qualifies"),
                ),
                Said(
                    "If a machine wrote it I’d rather have nothing. I would, honestly.",
                    role="Resident",
                    key="rather-nothing",
                    support=4,
                    fate=used(3, "If a machine wrote it I’d rather have nothing.", "opposes"),
                ),
                Said("Would you let the reply be cross? Some of them deserve it.", table="Table 4", support=2),
                Said(
                    "Who replies when the decision was taken by a partnership of nine bodies and nobody was really "
                    "in the room?",
                    role="Integrated care manager",
                    key="nine-bodies",
                    support=3,
                    fate=used(2, "a partnership of nine bodies and nobody was really in the room", "qualifies"),
                ),
                Said(
                    "Will you reply to everybody who has spoken in this session?",
                    role="Delegate",
                    key="will-you",
                    starred=True,
                    support=12,
                    fate=used(2, "Will you reply to everybody who has spoken in this session?"),
                ),
                Said(
                    "Did the gentleman who wrote “fine” write back?",
                    by="tobias",
                    support=9,
                    fate=aside("He did. He wrote “Thank you”. It is in the news."),
                ),
                Said("How many of the 214 were by bodies in this room", role="Scrutiny officer", support=3),
                Said(
                    "Isn’t it the elected member’s job to answer, and not yours?",
                    by="lionel",
                    consent="named",
                    key="members-job",
                    support=2,
                    fate=used(2, "Isn’t it the elected member’s job to answer, and not yours?", "qualifies"),
                ),
                Said(
                    "What about safeguarding? Some replies would land in a shared letter box.",
                    role="Social worker",
                    key="letter-box",
                    support=2,
                    fate=used(3, "Some replies would land in a shared letter box.", "qualifies"),
                ),
            ),
        ),
        Question(
            "ideas",
            "Finish the sentence: whoever asks must …",
            said=(
                Said(
                    "… be able to say what would change their mind.",
                    table="Table 2",
                    key="change-mind",
                    starred=True,
                    support=10,
                    fate=used(1, "be able to say what would change their mind"),
                ),
                Said(
                    "… answer by a date they put on the poster.",
                    role="Town councillor",
                    key="poster-date",
                    support=4,
                    fate=used(2, "answer by a date they put on the poster"),
                ),
                Said("… have a date", support=1, fate=merged("poster-date")),
                Said(
                    "… go and stand where the answer lives.",
                    role="Community nurse",
                    key="stand-where",
                    support=3,
                    fate=used(4, "go and stand where the answer lives"),
                ),
                Said("… read it.", role="Resident", support=9, fate=merged("any-other")),
                Said("… read them. All of them. Personally.", table="Table 7", support=2, fate=merged("any-other")),
                Said(
                    "… pay people for the evening. We pay the consultant.",
                    table="Table 8",
                    key="pay-evening",
                    support=4,
                    fate=used(4, "pay people for the evening. We pay the consultant."),
                ),
                Said(
                    "… check whether somebody asked last month.",
                    role="Data analyst",
                    key="last-month",
                    support=3,
                    fate=used(5, "check whether somebody asked last month"),
                ),
                Said(
                    "… keep one calendar for the whole town. Ours is a shared spreadsheet among six bodies. It’s "
                    "ugly, and it has stopped nineteen surveys.",
                    table="Table 5",
                    key="one-calendar",
                    starred=True,
                    support=9,
                    fate=used(5, "it has stopped nineteen surveys"),
                ),
                Said("… bring biscuits", support=2, fate=aside("Unanswerable.")),
                Said(
                    "… budget for the answer at the same time as the question.",
                    role="Finance officer",
                    key="budget-answer",
                    support=3,
                    fate=used(3, "budget for the answer at the same time as the question"),
                ),
                Said(
                    "… say sorry when it was decided already. Once. Then stop doing it.",
                    by="anwen",
                    consent="named",
                    support=3,
                ),
                Said("… resign if they don’t. Starting with the one who runs parking.", hidden=HIDDEN_RUDE),
            ),
        ),
    ),
)

QUEUES = Session(
    slug="who-wrote-your-queue",
    title="Who wrote your queue?",
    room="Long Gallery",
    introduction="<p>Proposition 1 with Ifeoma Ashworth. Bring one rule of one list, as it is really applied.</p>",
    propositions=(1,),
    facilitators=("ifeoma",),
    tables=(
        ("Table 1", 6),
        ("Table 2", 7),
        ("Table 3", 6),
        ("Table 4", 5),
        ("Table 5", 8),
        ("Table 6", 6),
        ("Table 7", 7),
    ),
    questions=(
        Question(
            "ideas",
            "Name a rule in your queue that nobody would sign.",
            said=(
                Said(
                    "Two missed calls from a withheld number and you’re off the list.",
                    role="Clinic manager",
                    key="withheld",
                    starred=True,
                    support=11,
                    fate=used(1, "Two missed calls from a withheld number and you’re off the list."),
                ),
                Said(
                    "If you ring, you go up. Nobody wrote it. Everybody knows it.",
                    table="Table 3",
                    key="ring-up",
                    starred=True,
                    support=12,
                    fate=used(1, "If you ring, you go up. Nobody wrote it. Everybody knows it."),
                ),
                Said("Whoever shouts", support=2, fate=merged("ring-up")),
                Said(
                    "it’s whoever rings reception most, we all know this",
                    role="Practice nurse",
                    support=2,
                    fate=merged("ring-up"),
                ),
                Said(
                    "You can’t join the list for the assessment until you’ve been assessed.",
                    role="Parent",
                    key="assessed",
                    support=12,
                    fate=used(1, "You can’t join the list for the assessment until you’ve been assessed."),
                ),
                Said(
                    "In our housing team: fathers’ contact weekends don’t count as needing a bedroom. It came in "
                    "with a form in 2006.",
                    table="Table 6",
                    support=2,
                    fate=used(1),
                ),
                Said(
                    "Postcodes. One side of Mill Lane waits eleven weeks and the other side waits thirty. The lane "
                    "is four metres wide.",
                    role="Community physiotherapist",
                    key="mill-lane",
                    support=9,
                    fate=used(1, "The lane is four metres wide."),
                ),
                Said(
                    "A councillor’s letter gets a five-day reply. A resident’s gets fifteen. I’ve written both kinds "
                    "of reply to the same question.",
                    consent="anonymous",
                    support=4,
                ),
                Said(
                    "We close the list when it gets too long. Then the wait looks better.",
                    role="Service manager",
                    key="close-list",
                    support=9,
                    fate=used(2, "We close the list when it gets too long. Then the wait looks better."),
                ),
                Said("Closing the list so nobody waits. Genius", support=1, fate=merged("close-list")),
                Said(
                    "Children who move school go to the bottom for speech therapy. Children in care move school the "
                    "most.",
                    table="Table 1",
                    key="children-in-care",
                    starred=True,
                    support=13,
                    fate=used(
                        1,
                        "Children who move school go to the bottom for speech therapy. Children in care move school "
                        "the most.",
                    ),
                ),
                Said(
                    "Cancelled by us = you keep your place. Cancelled by you = start again. Cancelled by the bus = "
                    "you.",
                    role="Patient",
                    support=10,
                ),
                Said("The queue for the queue.", role="Student", support=2),
                Said(
                    "Our rule is alphabetical. Honestly. The system sorts by surname within priority, and nobody had "
                    "noticed until a Mr Zeller did.",
                    table="Table 5",
                    key="zeller",
                    support=11,
                    fate=used(1, "nobody had noticed until a Mr Zeller did"),
                ),
                Said("“Urgent” means the consultant knows your GP.", role="GP trainee", support=3),
                Said("We don’t have rules, we have a spreadsheet with colours.", table="Table 2", support=3),
                Said("Ours has colours too. Nobody remembers what purple was.", table="Table 4", support=3),
                Said(
                    "Under-25s on the adult list because the children’s list stopped at 17 and a half. They wait "
                    "from 17 and a half.",
                    role="Youth worker",
                    support=3,
                ),
                Said("Anybody with an advocate. I don’t blame the advocates.", role="Benefits adviser", support=2),
                Said(
                    "The one where my own mother waited, and I could have moved her, and did not, and I’m still not "
                    "sure.",
                    consent="anonymous",
                    support=10,
                    fate=used(3),
                ),
                Said(
                    "Planning: simple applications first, to hit the eight weeks. So the difficult ones are always "
                    "the late ones.",
                    by="kwabena",
                    consent="named",
                    key="simple-first",
                    support=2,
                    fate=used(5, "simple applications first, to hit the eight weeks"),
                ),
                Said(
                    "The target wrote our queue. If you want the author’s signature, try the ministry.",
                    table="Table 7",
                    key="target-wrote",
                    starred=True,
                    support=10,
                    fate=used(5, "The target wrote our queue.", "qualifies"),
                ),
                Said(
                    "I’d sign all of ours. I wrote them. It took an afternoon and a row.",
                    by="delroy",
                    consent="named",
                    support=3,
                ),
                Said("The person who wrote ours is called Brian and he lives at", hidden=HIDDEN_NAME),
                Said(
                    "no rule, just vibes",
                    role="Placement student",
                    fate=aside("It made the room laugh, and says what three others say with an example."),
                    support=3,
                ),
                Said("See https://fastertrack.example for how the private firms do it"),
            ),
        ),
        Question(
            "ideas",
            "What would somebody who waits put on the agenda of the review?",
            said=(
                Said(
                    "Where am I? That’s the whole agenda.",
                    role="Patient",
                    key="where-am-i",
                    starred=True,
                    support=13,
                    fate=used(2, "Where am I? That’s the whole agenda."),
                ),
                Said(
                    "Just the number. Even if it is a bad number.", role="Carer", support=3, fate=merged("where-am-i")
                ),
                Said("tell me my place", support=2, fate=merged("where-am-i")),
                Said(
                    "What I can do while I’m waiting that won’t count against me. I stopped my exercises because I "
                    "was told that improving would lose me my place.",
                    role="Patient",
                    key="exercises",
                    support=11,
                    fate=used(2, "I was told that improving would lose me my place"),
                ),
                Said(
                    "Who to tell if I get worse.",
                    table="Table 1",
                    key="get-worse",
                    support=9,
                    fate=used(2, "Who to tell if I get worse."),
                ),
                Said("Why she went before me. Not to complain. To understand.", role="Tenant", support=3, fate=used(4)),
                Said(
                    "They would ask why the review is at two in the afternoon on a weekday.",
                    table="Table 3",
                    support=4,
                ),
                Said(
                    "How many people left the list, and how. “Removed” is one word for got better, gave up, moved "
                    "and died.",
                    by="eilidh",
                    consent="role",
                    key="removed-word",
                    starred=True,
                    support=12,
                    fate=used(2, "“Removed” is one word for got better, gave up, moved and died."),
                ),
                Said(
                    "Count the people who died waiting and read out the number. Not names. The number. At the start.",
                    table="Table 5",
                    key="read-out",
                    support=10,
                    fate=used(5, "Count the people who died waiting and read out the number."),
                ),
                Said(
                    "That would break some of us. I say it as a manager. I think it’d have to be done well or not at "
                    "all.",
                    role="Operations manager",
                    key="break-us",
                    support=3,
                    fate=used(5, "I think it’d have to be done well or not at all", "qualifies"),
                ),
                Said(
                    "An exceptions book. One line each: who, why, who went down. Read it once a quarter.",
                    table="Table 2",
                    key="exceptions-book",
                    starred=True,
                    support=9,
                    fate=used(3, "One line each: who, why, who went down."),
                ),
                Said(
                    "A log of exceptions, seen by everyone", role="Auditor", support=1, fate=merged("exceptions-book")
                ),
                Said(
                    "If you make me log it I’ll stop doing it, and the family with the wet wall stays where it is.",
                    role="Housing officer",
                    key="stop-doing",
                    support=4,
                    fate=used(3, "If you make me log it I’ll stop doing it", "opposes"),
                ),
                Said(
                    "Then log it without names. I want the pattern and not your head.",
                    by="jocasta",
                    consent="named",
                    key="pattern-not-head",
                    support=3,
                    fate=used(3, "I want the pattern and not your head."),
                ),
                Said(
                    "Whether the rule still fits. Ours was written when everybody had a landline.",
                    table="Table 6",
                    support=3,
                ),
                Said(
                    "Ask us which bit of the wait is the worst. It’s not the length. It is the envelope.",
                    role="Patient",
                    support=9,
                ),
                Said("One of them should chair it.", role="Tenant board member", support=2, fate=used(5)),
                Said(
                    "Two of our table have been on a list for more than a year, and work in the building that keeps "
                    "it. Nobody has ever asked us anything in either capacity.",
                    table="Table 4",
                    support=4,
                ),
                Said("A translator. Then a second meeting.", role="Interpreter", support=2),
                Said("What happened to the last review", support=2),
                Said(
                    "Staff wait as well. Ask the people who answer the phone what they’re told to say.",
                    by="ruta",
                    consent="role",
                    support=3,
                ),
                # Handed out on a card at the door.
                Said(THE_CARD, role="Hospital visitor", support=2),
                Said(THE_CARD, role="Volunteer driver", support=1),
                Said(THE_CARD.lower().rstrip("."), role="Retired teacher", support=2),
                Said(f"{THE_CARD} I was given this on a card, and I agree with it.", role="Daughter of a patient"),
                Said(THE_CARD, role="Lunch club cook", support=1),
                Said(THE_CARD),
                Said(
                    "The right to be told no. My brother was kept on a list for four years for something that they’d "
                    "stopped doing.",
                    role="Carer",
                    key="told-no",
                    support=10,
                    fate=used(2, "kept on a list for four years for something that they’d stopped doing"),
                ),
            ),
        ),
        Question(
            "poll",
            "Who should review a waiting list every year?",
            options=(
                ("The board or cabinet, in public", (15, 0, 0)),
                ("Whoever keeps it, with two people from it", (20, 0, 0)),
                ("An auditor", (4, 0, 0)),
                ("A panel drawn by lot from the list", (11, 0, 0)),
            ),
        ),
        Question(
            "questions",
            "Questions for Ifeoma Ashworth",
            said=(
                Said(
                    "Would you publish yours tomorrow?",
                    role="Journalist, retired",
                    key="tomorrow",
                    fate=aside("Answered in the room: on Monday, and it was promised aloud."),
                    support=4,
                ),
                Said(
                    "What happens to a clinician who refuses to sign a rule? Do they get to change it?",
                    role="Consultant",
                    support=3,
                ),
                Said(
                    "If the list is a decision, is a long list a bad decision?",
                    by="imogen",
                    consent="named",
                    key="long-list",
                    support=3,
                ),
                Said(
                    "Who signs when the rule is set nationally?",
                    table="Table 7",
                    support=3,
                    fate=merged("target-wrote"),
                ),
                Said("Can we see “see Janet”?", role="Archivist", support=9),
                Said(
                    "Isn’t the honest rule that there is not enough, and all the rest is manners?",
                    by="lionel",
                    consent="named",
                    key="manners",
                    support=4,
                ),
                Said(
                    "How would you explain a signed rule to somebody it puts last?",
                    role="Receptionist",
                    key="puts-last",
                    support=4,
                    fate=used(4, "How would you explain a signed rule to somebody it puts last?", "qualifies"),
                ),
                Said(
                    "Do private patients appear on the list",
                    role="Delegate",
                    fate=aside("Answered in the room: they do, on the day they are referred."),
                    support=2,
                ),
                Said(
                    "Does anything stop me moving my clinic to the day when reception is quiet? Asking for an entire "
                    "department.",
                    role="Dermatologist",
                    support=2,
                ),
                Said("What about queues we can’t see, such as complaints?", table="Table 1", support=2),
                Said("Would a lottery be kinder?", role="Chaplain", key="lottery", support=3),
                Said(
                    "Lottery! Yes! With a cup of tea!",
                    fate=aside("A cheer for another’s idea, which is still undecided."),
                    support=1,
                ),
                Said(
                    "No lottery. My patients have had enough luck.",
                    role="Palliative care nurse",
                    key="enough-luck",
                    support=11,
                ),
            ),
        ),
        Question(
            "ideas",
            "One line for the signature at the foot of your list.",
            said=(
                Said(
                    "“I decided this order. I’ll explain it to you in person.”",
                    table="Table 2",
                    key="in-person",
                    starred=True,
                    support=11,
                ),
                Said(
                    "“Written by us, last checked in June, wrong in places, ring this number.”",
                    table="Table 5",
                    support=9,
                ),
                Said("A name. A date. A phone that’s answered.", role="Advocate", support=3),
                Said(
                    "“This list harms people. We know which. We chose it over the other one.”",
                    consent="anonymous",
                    key="harms",
                    support=10,
                ),
                Said(
                    "“If you are last, it’s because of rule 4. We look at rule 4 again in March.”",
                    table="Table 3",
                    key="rule-four",
                    support=9,
                ),
                Said("Mine would only say sorry", role="Waiting list clerk", support=4),
                Said("The name of whoever wins from it", role="Scrutiny officer", support=2),
                Said(
                    "“Ask for Odette. She’ll know.” We need a hundred Odettes and to stop hiding behind one.",
                    table="Table 7",
                    support=3,
                ),
                Said("“Signed on behalf of Brian.”", table="Table 6", support=3),
                Said("The medical director’s, or it’s worth nothing", role="Staff nurse", support=2),
            ),
        ),
    ),
)

REPAIRS_NOW = Session(
    slug="what-would-you-mend-first",
    title="What would you mend first?",
    room="Tolsey Room",
    introduction=(
        "<p>Proposition 3 with Yusra Belhaj. Half the room holds the money and the other half lives in the building; "
        "at the interval you change places.</p>"
    ),
    propositions=(3,),
    facilitators=("yusra",),
    tables=(("Table 1", 6), ("Table 2", 7), ("Table 3", 5), ("Table 4", 6), ("Table 5", 7), ("Table 6", 6)),
    questions=(
        Question(
            "ideas",
            "You have the money. What do you mend first?",
            said=(
                Said("The lift. Before anything you can see from the road.", table="Table 3", starred=True, support=4),
                Said("lift", role="Tenant", support=2),
                Said(
                    "The entry phone. You can’t feel at home behind a door that anyone can push.",
                    role="Neighbourhood officer",
                    support=3,
                ),
                Said(
                    "Damp in the flats with babies. Then damp in the flats with lungs. Then the railings.",
                    by="shirin",
                    consent="named",
                    starred=True,
                    support=10,
                ),
                Said(
                    "Find out what’s been reported three times and do those. No meeting needed.",
                    table="Table 1",
                    support=9,
                ),
                Said("I’d hold back a fifth for what nobody reports.", role="Surveyor", support=3),
                Said("One light on each stair", role="Bus driver", support=2),
                Said(
                    "We argued for ten minutes and chose the bin store. Rats don’t wait for a programme.",
                    table="Table 5",
                    support=3,
                ),
                Said("The thing Mrs Oduya at number 9 has been writing about since 2017.", held=True),
                Said(
                    "The repairs phone line. Mend that and you’ll find the rest.", by="ruta", consent="role", support=9
                ),
            ),
        ),
        Question(
            "ideas",
            "What goes wrong in the first year, and what do you do about it?",
            said=(
                Said(
                    "The tidy end of the estate turns up. You pay for a crèche and hold it in Block C.",
                    role="Community worker",
                    support=3,
                ),
                Said(
                    "Somebody’s cousin gets the contract. So publish every quote, on the noticeboard, with the price.",
                    table="Table 2",
                    key="cousin",
                    starred=True,
                    support=9,
                ),
                Said("A cousin. There’s always a cousin.", role="Internal auditor", key="auditor", support=2),
                Said(
                    "It isn’t the cousin I worry about. It is the big contractor who sends cakes.",
                    by="padraig",
                    consent="named",
                    key="cakes",
                    support=4,
                ),
                Said(
                    "The boiler goes in January and the whole year’s money is gone by February. You need an "
                    "insurance line from day one.",
                    table="Table 4",
                    key="boiler",
                    support=3,
                ),
                Said("Insurance for the one big thing", role="Accountant", key="insurance", support=1),
                Said(
                    "People fall out. Real neighbours, for years. The landlord goes home at five; we don’t.",
                    table="Table 6",
                    key="fall-out",
                    starred=True,
                    support=12,
                ),
                Said(
                    "Meetings. Too many. People with two jobs drop off the board and it’s all retired men called "
                    "Keith.",
                    role="Tenant",
                    key="meetings",
                    support=11,
                ),
                Said("I am a retired man called Keith and I think that’s fair", role="Tenant board member", support=13),
                Said(
                    "Officers sulk. I’ve seen it. Information arrives late, or in a PDF of a photo of a fax.",
                    role="Housing officer",
                    support=4,
                ),
                Said(
                    "Somebody is hurt, and it turns out that the board put it off. Who stands up at the inquest?",
                    table="Table 1",
                    key="inquest",
                    support=10,
                ),
                Said(
                    "The law says the landlord does. I would want that in writing, in the room, on day one.",
                    by="perpetua",
                    consent="named",
                    support=3,
                ),
                Said("Rents go up and the tenants’ board gets the blame for it", role="Finance officer", support=2),
                Said(
                    "The quiet flats get quieter. I’d knock on a tenth of the doors every month, by lot.",
                    role="Tenancy support worker",
                    support=3,
                ),
                Said("The contractor plays the board off against the office", table="Table 5", support=2),
                Said(
                    "Leaseholders take it to the tribunal. Bring them in at the start. We’re not all Basil.",
                    by="basil",
                    consent="named",
                    support=9,
                ),
                Said(
                    "Payments. Who can sign at nine at night when the pipe bursts? Give two people a card and a limit.",
                    role="Caretaker",
                    support=4,
                ),
                Said(
                    "That caretaker is right, and a card is cheaper than the call-out desk.",
                    role="Night repairs operator",
                    support=1,
                ),
                Said("The director who said this could never work should be locked in the lift.", held=True),
                Said("Somebody gives up at month four. Have deputies.", support=1),
                Said(
                    "Data. You can’t share who reported what. So share what, and not who.",
                    by="stellan",
                    consent="role",
                    support=2,
                ),
                Said("Ask what it cost us NOT to do it", role="Delegate", support=2),
                Said(
                    "The first bad decision. Plan for it: say in advance that there’ll be one, and how you will own "
                    "up.",
                    table="Table 3",
                    support=9,
                ),
                Said(
                    "Three years, not one. Put it in the agreement that nobody can take it back before the third "
                    "winter.",
                    by="tomasz",
                    consent="named",
                    support=3,
                ),
                Said("you will be rubbish for 6 months. so was every director we ever had", role="Tenant", support=10),
                Said(
                    "Nothing goes wrong that doesn’t go wrong now. It’ll only be visible.",
                    by="fatou",
                    consent="named",
                    starred=True,
                    support=11,
                ),
            ),
        ),
        Question(
            "statements",
            "Weigh these three.",
            options=(
                ("A tenants’ board should be drawn by lot.", (0, 0, 0)),
                ("Officers should lose the right to overrule on anything but safety.", (0, 0, 0)),
                ("A landlord that can’t hand over its stock survey should hand over its stock.", (0, 0, 0)),
            ),
        ),
        Question("ideas", "One thing you’ll do about this before Friday week."),
    ),
)

OPEN_CONVERSATION = Session(
    slug="an-open-conversation",
    title="An open conversation",
    room="The Undercroft",
    introduction=(
        "<p>For those who missed the others, and for the two propositions that have no session of their own. Say "
        "which one you’re speaking about when you send your words.</p>"
    ),
    propositions=(1, 4, 5),
    facilitators=("anselm", "meera"),
    questions=(
        Question("ideas", "What have you let fade that should have been ended?"),
        Question("ideas", "When did somebody last tell you why, and get it right?"),
        Question(
            "statements",
            "Weigh these two.",
            options=(
                ("Every opening should set aside the cost of its closing.", (0, 0, 0)),
                ("If nobody can explain a decision, it should not be carried out.", (0, 0, 0)),
            ),
        ),
    ),
    tables=(),
)

CLOSED_SESSIONS = (ASKING, QUEUES)
