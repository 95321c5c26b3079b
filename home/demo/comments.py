"""What delegates wrote before the summit, in threads, and what the editor has made of some of it."""

from home.demo.shapes import Remark, When, aside, merged, used

ON_WAITING = (
    Remark(
        "shirin",
        When(29, "21.14"),
        "I refer into nine queues and could not tell you the rule of one. What I can tell you is which of them ring "
        "my patients and which of them write. The ones that write lose people who have moved, and then count them as "
        "having declined.\n\n"
        "If you print one rule, print that one.",
        supports=2,
        key="write-lose",
        fate=used(2, "The ones that write lose people who have moved, and then count them as having declined."),
        replies=(
            Remark(
                "ifeoma",
                When(28, "07.40"),
                "Thank you. I have just checked. Ours writes, twice, eleven days apart, and then removes. Last year "
                "that rule removed 340 people. I could not have told you the number yesterday.",
                supports=1,
                replies=(
                    Remark(
                        "shirin",
                        When(28, "22.03"),
                        "Some of those 340 are on my books. They come to me to ask why they were dropped, and I "
                        "refer them again, and the clock starts from nought.",
                        supports=1,
                        replies=(
                            Remark(
                                "eilidh",
                                When(27, "12.31"),
                                "And then we report a shorter wait. I do the assessments at the other end: the "
                                "people who were restarted are nearly always worse by the time I see them.",
                                supports=1,
                                key="restarted",
                                consent="role",
                                fate=used(
                                    2, "the people who were restarted are nearly always worse by the time I see them"
                                ),
                            ),
                        ),
                    ),
                ),
            ),
            Remark(
                "stellan",
                When(27, "09.12"),
                "A small warning from the office next door. “We rang and they did not answer” is also a rule. If you "
                "move from letters to calls, record the calls.",
                supports=1,
            ),
        ),
    ),
    Remark(
        "lionel",
        When(27, "18.20"),
        "I am against this, and I will say why before somebody says it for me. Publish the rules of a housing list "
        "and by Friday there is a solicitor’s leaflet on how to get up it. The people I represent do not read "
        "leaflets.",
        supports=1,
        key="leaflet",
        fate=used(
            4,
            "Publish the rules of a housing list and by Friday there is a solicitor’s leaflet on how to get up it.",
            "opposes",
        ),
        replies=(
            Remark(
                "nadia",
                When(27, "19.05"),
                "I write those leaflets, Councillor. They exist already; they are simply guesses. My clients pay for "
                "the time I spend guessing.",
                supports=3,
                key="guesses",
                fate=used(4, "They exist already; they are simply guesses."),
                replies=(
                    Remark(
                        "lionel",
                        When(26, "08.11"),
                        "A fair hit. Then send your next one to the people who don’t come to you, and I will deliver "
                        "it myself. I have the knees for about two wards.",
                        supports=2,
                    ),
                ),
            ),
            Remark(
                "ottoline",
                When(26, "10.47"),
                "We see both kinds at the Advice Centre. Secrecy has never slowed down the confident. It mostly "
                "stops the rest from knowing that there was anything to ask for.",
                supports=2,
                key="secrecy",
                fate=used(4, "Secrecy has never slowed down the confident."),
            ),
        ),
    ),
    Remark(
        "halina",
        When(25, "13.02"),
        "I am one of the officers with the quiet discretion. Last winter I moved a family up eleven places because "
        "the bedroom wall was wet to the touch and the points scheme gives nothing for a wall. I wrote nothing down. "
        "I would do it again, and I would not want to be asked about it at a hearing.",
        consent="role",
        supports=3,
        key="wet-wall",
        fate=used(
            3,
            "I moved a family up eleven places because the bedroom wall was wet to the touch and the points scheme "
            "gives nothing for a wall.",
        ),
        replies=(
            Remark(
                "fatou",
                When(25, "20.45"),
                "And I am grateful to you, and I would like to know who went down eleven places.",
                supports=3,
                key="who-went-down",
                fate=used(3, "I would like to know who went down eleven places", "qualifies"),
                replies=(
                    Remark(
                        "halina",
                        When(24, "12.50"),
                        "So would I. I have thought about it most days since you wrote that. The system does not "
                        "keep it.",
                        consent="role",
                        supports=1,
                    ),
                    Remark(
                        "ifeoma",
                        When(23, "07.15"),
                        "This is the exchange that I shall read out in the room, with both your permissions.",
                        supports=1,
                    ),
                ),
            ),
        ),
    ),
    Remark(
        "imogen",
        When(22, "17.30"),
        "Some evidence, since I sit three doors from the author. When we put the order of the list in front of our "
        "board for the first time, it took them fifty minutes to agree the first rule and four to change it. Nobody "
        "had ever costed the wait itself. We reckon that each month on our list adds about £210 of care further "
        "along, most of it somebody else’s. That “somebody else” is why no one had counted it.",
        supports=2,
        key="costed-wait",
        fate=used(5, "each month on our list adds about £210 of care further along, most of it somebody else’s"),
    ),
    Remark(
        "tobias",
        When(19, "06.52"),
        "Schools do print their rules, all of them, every year, with distances to the metre. I recommend a visit. "
        "Parents know exactly why they were refused, and it makes them no happier, and they rent a flat next to my "
        "gate for a term. We have published ourselves into a housing market.",
        supports=2,
        key="rent-flat",
        fate=used(4, "Parents know exactly why they were refused, and it makes them no happier", "qualifies"),
        replies=(
            Remark(
                "tomasz",
                When(19, "09.30"),
                "But you could change the rule, because everybody can see it. A lottery within two miles would end "
                "the flats in one year. Our hidden rules can’t even be wrong in public.",
                supports=1,
                replies=(
                    Remark(
                        "tobias",
                        When(18, "06.40"),
                        "You are welcome to come and announce the lottery. Bring a coat you don’t mind losing.",
                        supports=3,
                    ),
                ),
            ),
        ),
    ),
    Remark(
        "jocasta",
        When(16, "15.44"),
        "An auditor’s footnote. Of the 23 queues I have examined, 17 had no owner in the scheme of delegation. They "
        "were not decisions that nobody would sign. They were decisions that nobody was authorised to take, which is "
        "worse, and also easier to mend: one line in the constitution, next council.",
        supports=2,
        key="no-owner",
        fate=used(1, "Of the 23 queues I have examined, 17 had no owner in the scheme of delegation."),
    ),
    Remark(
        "basil",
        When(13, "22.38"),
        "Waited six years for an adaptation for my father. He got it, it was excellent, he used it for five weeks. "
        "At no time in six years did anybody tell us where we were. I don’t think I would have been angry at a "
        "number. I was angry at the silence.",
        supports=10,
        key="angry-silence",
        fate=used(2, "I don’t think I would have been angry at a number. I was angry at the silence."),
        replies=(
            Remark(
                "eilidh",
                When(12, "12.20"),
                "I am sorry. I may have done that assessment. We are not allowed to say where people are, because it "
                "might raise expectations. I have never met anyone whose expectations were raised by a queue.",
                consent="role",
                supports=2,
            ),
        ),
    ),
    Remark(
        "magnus",
        When(6, "16.10"),
        "You could have all this tomorrow. A ranking engine logs each rule, each score and each change, with a "
        "reason code. I would be glad to show anyone who is interested: https://queuewise.example/demo and "
        "https://queuewise.example/offer",
        held="It holds two links",
    ),
    Remark(
        "delroy",
        When(4, "19.55"),
        "From a service without a waiting list: we have one. It is called home safety visits, it is fourteen months "
        "long, and until I read this I thought of it as a diary.",
        supports=1,
        key="diary",
        fate=merged("no-owner"),
    ),
)

ON_CONSULTING = (
    Remark(
        "sandeep",
        When(28, "09.05"),
        "A word from a committee room. Two thirds of what I am made to put out to consultation is required by "
        "statute, and the law does not let me forfeit the next one as a punishment for the last. “No reply, no "
        "consultation” would have us in court by the summer.\n\n"
        "The month is wrong as well. My committee meets every six weeks. You would have me reply before there was a "
        "decision to report.",
        version=1,
        supports=2,
        key="six-weeks",
        fate=used(2, "You would have me reply before there was a decision to report.", "qualifies"),
        replies=(
            Remark(
                "gwilym",
                When(27, "08.30"),
                "You are right on both counts, and you put it more kindly than I deserved. I shall mend it. Would "
                "“on a date announced when the asking starts” suit a committee?",
                supports=1,
                key="date-announced",
                fate=used(2, "on a date announced when the asking starts"),
                replies=(
                    Remark(
                        "sandeep",
                        When(27, "10.16"),
                        "It would suit mine. It would terrify mine, and it would suit it.",
                        supports=2,
                        fate=merged("date-announced"),
                        replies=(
                            Remark(
                                "odile",
                                When(26, "17.42"),
                                "Elections are run this way. Nobody has ever asked me to hold the count “in due "
                                "course”.",
                                supports=3,
                                key="due-course",
                                fate=used(2, "Nobody has ever asked me to hold the count “in due course”."),
                            ),
                        ),
                    ),
                ),
            ),
        ),
    ),
    Remark(
        "fatou",
        When(26, "21.30"),
        "For thirty years nobody asked the tenants of Harbour Row anything. They began two years ago, after the fire "
        "doors. Now I come here and read that there is too much asking and it should be halved. Who has been asked "
        "too much? Not us. Halve it where it is thick, and leave it alone where it has only just begun to grow.",
        version=1,
        supports=11,
        key="thick",
        fate=used(4, "Halve it where it is thick, and leave it alone where it has only just begun to grow.", "opposes"),
        replies=(
            Remark(
                "gwilym",
                When(25, "08.05"),
                "I have read this four times. I have no answer to it yet and will not pretend to one.",
                supports=2,
                fate=aside("A courtesy between two delegates. It moved the statement, which says so."),
                replies=(
                    Remark(
                        "leocadia",
                        When(24, "22.17"),
                        "May I try? The same forty people answer everything in my borough. If those forty were asked "
                        "half as often, the hours would pay for knocking on doors where nobody has ever been asked. "
                        "Less asking could be how we afford the first asking.",
                        supports=4,
                        key="first-asking",
                        fate=used(4, "Less asking could be how we afford the first asking."),
                        replies=(
                            Remark(
                                "fatou",
                                When(24, "23.40"),
                                "It could. Show me the budget in which the saved hours went to the doors, and I "
                                "shall put my name to it. In my experience saved hours go to the centre and are "
                                "never heard of again.",
                                supports=9,
                                key="saved-hours",
                                fate=used(4, "saved hours go to the centre", "opposes"),
                            ),
                        ),
                    ),
                ),
            ),
            Remark(
                "yusra",
                When(24, "06.10"),
                "Fatou is right. At Kittiwake we had one survey in 2009 and then nothing until I was elected. You "
                "can’t cut a thing that people haven’t had.",
                supports=2,
                key="havent-had",
                fate=used(4, "You can’t cut a thing that people haven’t had.", "opposes"),
            ),
        ),
    ),
    Remark(
        "kwabena",
        When(24, "12.44"),
        "Planning here. We do reply to everybody, because the law makes us notify them of the outcome, and I can "
        "tell you what it is worth. The notice is eleven lines, unsigned, with a reference number. Nobody has ever "
        "thanked us for it. Replying is not the same as answering.",
        version=1,
        supports=2,
        key="replying-answering",
        fate=used(6, "Replying is not the same as answering."),
        replies=(
            Remark(
                "ruta",
                When(23, "08.50"),
                "I would frame that last sentence. We measured it at the contact centre: “your comments have been "
                "noted” produces a second letter four times out of ten. A real no produces one in nine.",
                supports=2,
                key="real-no",
                fate=used(6, "A real no produces one in nine."),
            ),
        ),
    ),
    Remark(
        "bronagh",
        When(22, "07.20"),
        "I have run nineteen consultations on adult care and I am proud of two. I have tried to work out what those "
        "two had that the others did not, and it comes to five principles. They are for anybody to use or to quarrel "
        "with.\n\n"
        "1. Ask while you are still uncomfortable. If the preferred option already has a logo, you are not asking. "
        "In both good cases we had three options and I honestly did not know.\n\n"
        "2. Say what is not on the table, on the first page, in a box. People will forgive a limit. They will not "
        "forgive finding it for themselves on page nine.\n\n"
        "3. Let those who must carry out the decision do the asking. Our home-care staff asked better questions than "
        "the consultants, they were trusted, and they cost less. They also could not afterwards say that they had "
        "not been told.\n\n"
        "4. Answer the person and not the percentage. “Sixty-two per cent agreed” is an answer to a newspaper. Mrs "
        "Pinnock wanted to know about the Thursday bus, so we wrote to Mrs Pinnock about the Thursday bus.\n\n"
        "5. Go back in a year and say what happened, including what you got wrong. We have done it once. It was the "
        "worst-attended meeting of my career and the only one at which I was given a cake.",
        version=1,
        supports=12,
        key="five-principles",
        fate=used(1, "Ask while you are still uncomfortable."),
        replies=(
            Remark(
                "gwilym",
                When(21, "08.45"),
                "I should like to adopt the fourth as my own and the fifth as a standing order. What sort of cake?",
                supports=1,
                fate=aside("A reply with thanks. The principles it thanks her for are used in points 1 and 6."),
                replies=(
                    Remark(
                        "bronagh",
                        When(21, "18.02"),
                        "Lemon. It said WELL, AT LEAST YOU CAME BACK.",
                        supports=12,
                        key="lemon",
                        fate=aside("Delightful, and not evidence. It is told in the news instead."),
                    ),
                ),
            ),
            Remark(
                "jocasta",
                When(20, "16.15"),
                "Number five is the one that I could audit. Principles one to four are good intentions until "
                "somebody writes down a date. I would keep a public register of what was asked, when an answer was "
                "due and when it was given, and I would have an auditor read it out once a year.",
                supports=2,
                key="register",
                fate=used(7, "a public register of what was asked, when an answer was due and when it was given"),
            ),
            Remark(
                "cuthbert",
                When(19, "20.33"),
                "We are seven councillors and a clerk on nine hours a week. Principle three is simply how a parish "
                "works. Come and see. Bring cake.",
                supports=2,
                fate=used(1),
            ),
        ),
    ),
    Remark(
        "lionel",
        When(18, "17.25"),
        "Name me one consultation that changed a decision. One. I have asked this in the chamber since I was "
        "elected, and I have had a great many explanations.",
        version=1,
        supports=1,
        key="name-one",
        fate=used(1, "Name me one consultation that changed a decision.", "qualifies"),
        replies=(
            Remark(
                "winifred",
                When(18, "19.01"),
                "Corrie baths, women’s hour. We proposed to move it to the evening. Forty-one women told us about "
                "the last bus, and we left it where it was. It took one meeting and a kettle.",
                supports=3,
                key="kettle",
                fate=used(1, "Forty-one women told us about the last bus, and we left it where it was."),
                replies=(
                    Remark(
                        "lionel",
                        When(17, "08.14"),
                        "Then I have had my one, and I am obliged to you. I notice that it was not called a "
                        "consultation.",
                        supports=3,
                        key="not-called",
                        fate=used(1, "I notice that it was not called a consultation."),
                    ),
                ),
            ),
        ),
    ),
    Remark(
        "tobias",
        When(15, "06.44"),
        "Children are the only people I consult who expect an answer the same day. When we took “Why?” off the "
        "suggestion slips they wrote it back on.",
        version=1,
        supports=4,
        key="children",
        fate=used(6, "Children are the only people I consult who expect an answer the same day."),
    ),
    Remark(
        "stellan",
        When(14, "11.11"),
        "A dull but solvable point. If you mean to write back to each person you must keep their address, and if the "
        "form said “anonymous” you can’t. Decide before you print.",
        version=1,
        supports=1,
        key="address",
        fate=used(3, "If you mean to write back to each person you must keep their address", "qualifies"),
    ),
    Remark(
        "mairead",
        When(12, "14.08"),
        "People tell us things across the library counter all day. It has never once been written down. In the "
        "spring we were sent two hundred questionnaires to find out what people thought of the opening hours. We "
        "knew. They had been telling us for years, generally while rattling the door.",
        version=1,
        supports=9,
        key="rattling",
        fate=used(5, "They had been telling us for years, generally while rattling the door."),
        replies=(
            Remark(
                "ruta",
                When(12, "15.30"),
                "The contact centre has 61,000 recorded reasons for ringing last year. I offer the file to every "
                "team before it consults. Two have opened it.",
                supports=2,
                key="recorded-reasons",
                fate=used(5, "61,000 recorded reasons for ringing last year"),
            ),
        ),
    ),
    Remark(
        "anwen",
        When(7, "20.20"),
        "I like the new wording better, and it makes my life harder. “Somebody who was in the room when the decision "
        "was taken” is, in a health board, me. I signed 380 letters after the maternity decision. I had intended to "
        "sign the first dozen and then use the machine. By the twentieth I had stopped thinking about the machine. "
        "I’d recommend it to any chief executive who believes that they know what they decided.",
        supports=10,
        key="signed-380",
        fate=used(2, "I’d recommend it to any chief executive who believes that they know what they decided."),
        replies=(
            Remark(
                "dougal",
                When(6, "07.55"),
                "I did the sum for Stannerby after reading this: 2,300 people last year, four minutes each, twenty "
                "working days. Less than we spent on the consultants who told us that people felt unheard.",
                supports=9,
                key="twenty-days",
                fate=used(3, "four minutes each, twenty working days"),
            ),
        ),
    ),
    Remark(
        "ottoline",
        When(5, "16.48"),
        "We help people to fill in other people’s consultations. I do not wish to be quoted on this, but a partner "
        "asked us in January to find “a few more positive ones”.",
        consent="none",
        supports=1,
        fate=aside("Not to be quoted, at her wish. It was read, and it weighed."),
    ),
    Remark(
        "hamish",
        When(4, "13.27"),
        "THIS IS THE ONLY CONSULTATION I HAVE EVER ENJOYED and it turns out not to be one.",
        hidden="Posted twice; the other copy stands.",
    ),
    Remark(
        "hamish",
        When(4, "13.29"),
        "This is the only consultation I have ever enjoyed, and it turns out not to be one.",
        supports=2,
        fate=aside("Kind, and about the summit rather than the proposition."),
    ),
)

ON_REPAIRS = (
    Remark(
        "padraig",
        When(27, "05.50"),
        "I run the van crews. Give them the budget. I mean it. I have been sent to repaint a stairwell on the same "
        "morning that I drove past four reported leaks, because paint was in the programme. Any tenant on that stair "
        "could have told you which to do first.",
        supports=4,
        replies=(
            Remark(
                "yusra",
                When(26, "20.15"),
                "Thank you, Padraig. You also taught me that a leak is three trades and a ceiling. What would your "
                "crews need from a tenants’ board, so that we didn’t drive you mad?",
                supports=2,
                replies=(
                    Remark(
                        "padraig",
                        When(26, "21.02"),
                        "A list on Monday that is still the list on Friday.",
                        supports=13,
                        replies=(
                            Remark(
                                "yusra",
                                When(25, "05.20"),
                                "I’m having that painted over the door.",
                                supports=1,
                            ),
                        ),
                    ),
                ),
            ),
        ),
    ),
    Remark(
        "imogen",
        When(24, "18.40"),
        "I am a finance director and a school governor, and I have seen a budget handed to people who were never "
        "shown the liabilities beside it. Ordinary repairs aren’t a pot. They are what is left after the roofs that "
        "you have not looked at. If the board gets the cash and the landlord keeps the stock survey, you’ve given "
        "away the blame and kept the knowledge.",
        supports=3,
        replies=(
            Remark(
                "fatou",
                When(24, "20.02"),
                "So hand over the survey too. It is about our roofs.",
                supports=3,
                replies=(
                    Remark(
                        "imogen",
                        When(23, "08.30"),
                        "Agreed, if somebody sits with you and reads it. I have read one. It is four hundred pages "
                        "of “fair”.",
                        supports=1,
                    ),
                ),
            ),
            Remark(
                "perpetua",
                When(23, "11.15"),
                "As a company secretary I would add only that the law will look for a duty-holder and will not find "
                "one in the launderette. Delegation, yes. Abdication, no. I’ve drafted a scheme that has survived "
                "two lawyers, and I am happy to share it.",
                supports=1,
            ),
        ),
    ),
    Remark(
        "basil",
        When(21, "23.05"),
        "A leaseholder speaks. I pay a share of whatever you decide and I don’t get a vote. Tell me why I should "
        "cheer.",
        supports=2,
        replies=(
            Remark(
                "yusra",
                When(20, "19.44"),
                "You shouldn’t, yet. I left leaseholders out because I did not know what to do about you, and that "
                "is not a good enough reason. Two reserved seats, and a vote on anything that goes on your bill?",
                supports=2,
                replies=(Remark("basil", When(20, "22.51"), "I shall cheer quietly.", supports=2),),
            ),
        ),
    ),
    Remark(
        "halina",
        When(18, "12.35"),
        "I look after 412 homes and could name the twenty people who would stand for this board. Nineteen of them "
        "have a key to the community room. Who speaks for Block C, where nobody has answered a letter since the post "
        "changed?",
        consent="role",
        supports=3,
        replies=(
            Remark(
                "leocadia",
                When(18, "21.19"),
                "Draw them by lot. Juries work with people who never wanted to come, and are better for it.",
                supports=2,
                replies=(
                    Remark(
                        "delroy",
                        When(17, "10.00"),
                        "Seconded. We drew our youth panel by lot from the whole school register. Half of them told "
                        "us they’d never been picked for anything. They are ferocious.",
                        supports=3,
                    ),
                ),
            ),
        ),
    ),
    Remark(
        "nadia",
        When(14, "18.33"),
        "My clients live with damp and they win, eventually, in court. The order to repair then jumps every list, a "
        "tenants’ list as well. Before you fix the budget, ask what the top of it is already promised to. On two "
        "estates I know, it’s more than half.",
        supports=2,
    ),
    Remark(
        "tomasz",
        When(10, "08.25"),
        "We tried it with a neighbourhood roads fund. For two years they mended what the tidy streets reported. In "
        "the third year they asked us for a map of what had not been reported, and the money moved. I’d allow three "
        "years before judging.",
        supports=3,
    ),
    Remark(
        "dougal",
        When(3, "07.12"),
        "I shall say the unpopular thing. A chief executive who hands over the repairs budget also hands over the "
        "one thing tenants can sack him for. Are we giving away power, or answerability?",
        supports=2,
        replies=(
            Remark(
                "yusra",
                When(3, "20.58"),
                "When did a tenant last sack a chief executive? I’ve lived here for nineteen years, and I have waved "
                "off five of you with a card.",
                supports=11,
            ),
        ),
    ),
)

ON_STOPPING = (
    Remark(
        "hamish",
        When(26, "16.40"),
        "I worked at one of the two museums. We were closed well, as these things go: a date, a last day, a proper "
        "list of where each object went. My colleagues at the other were told by a locksmith. I’ve kept in touch "
        "with both, and after nine years the difference still shows in how they talk about the county.",
        supports=9,
        replies=(
            Remark(
                "anselm",
                When(25, "18.05"),
                "I was responsible for the locksmith. I wrote to those eleven people last year, and seven replied. "
                "One sent me the key.",
                supports=10,
                replies=(
                    Remark(
                        "hamish",
                        When(25, "19.30"),
                        "I know. She asked me whether she ought to. I said yes, provided that it no longer opened "
                        "anything.",
                        supports=4,
                    ),
                ),
            ),
        ),
    ),
    Remark(
        "lionel",
        When(23, "21.44"),
        "Politics, since nobody else will say it. A service that fades has no villain. A service that’s closed has a "
        "vote, a division list and a photograph of me beside a crying child. Until you solve the photograph you’ll "
        "go on getting the fade.",
        supports=3,
        replies=(
            Remark(
                "sandeep",
                When(22, "09.15"),
                "Then put the endings in the manifesto. Three things we’ll finish, by name. I have offered this to "
                "every group leader since I arrived.",
                supports=1,
                replies=(
                    Remark(
                        "lionel",
                        When(22, "21.10"),
                        "And how many have taken it?",
                        supports=1,
                        replies=(Remark("sandeep", When(21, "09.02"), "I remain available.", supports=10),),
                    ),
                ),
            ),
        ),
    ),
    Remark(
        "winifred",
        When(20, "07.30"),
        "Is anything allowed to fade? Yes: the tea dance. It went from sixty to four over fifteen years. The four "
        "knew, we knew, and an Ending with a capital letter would have been unkind. They moved it to Maureen’s front "
        "room. Not everything is a service just because we once booked the hall.",
        supports=9,
    ),
    Remark(
        "bronagh",
        When(17, "19.25"),
        "In adult care an ending is a person’s Tuesday. When we closed the Linden day centre we budgeted for "
        "redundancies, for the building and for the communications. We budgeted nothing for the thirty-four people "
        "to find out where the others had gone. They’d known one another for twenty years. I’d put that line in the "
        "plan before the solicitor’s.",
        supports=11,
        replies=(
            Remark(
                "anselm",
                When(16, "18.30"),
                "What would it have cost?",
                supports=1,
                replies=(
                    Remark(
                        "bronagh",
                        When(16, "20.00"),
                        "A minibus on the first Friday of the month. I priced it afterwards, at £2,100 a year. We "
                        "spent more than that on the sign that said CLOSED.",
                        supports=12,
                    ),
                ),
            ),
        ),
    ),
    Remark(
        "jocasta",
        When(11, "15.05"),
        "A tenth of running costs won’t survive a section 114 notice. When the money stops, it stops on a Thursday. "
        "I support the principle. I’d like to see it written for bad years, as that is when we close things.",
        supports=2,
        replies=(
            Remark(
                "anselm",
                When(10, "18.12"),
                "Then set it aside at the start. Every business case for opening should carry its own closing costs, "
                "as a quarry must lodge the money to fill the hole.",
                supports=4,
            ),
        ),
    ),
    Remark(
        "delroy",
        When(5, "11.48"),
        "We let the cadets fade. Nobody decided it. I found the banner in a cupboard last month and didn’t know whom "
        "to give it to.",
        supports=3,
    ),
    Remark(
        "magnus",
        When(4, "09.30"),
        "You could close half of what you run tomorrow by switching off the old systems, and the people who are fond "
        "of them.",
        withdrawn=True,
    ),
)

ON_REASONS = (
    Remark(
        "magnus",
        When(27, "10.02"),
        "I run the shared service in the first paragraph, or one just like it. Our model decides 94 cases in a "
        "hundred correctly. The officers whom it replaced managed 81, and they could certainly say why. They said "
        "why fluently, in both directions.",
        supports=2,
        replies=(
            Remark(
                "meera",
                When(26, "20.30"),
                "I don’t doubt the figures. May I ask about the six? When one of them comes to your counter, is "
                "there anybody there who could say “I see, we were wrong”, and pay him?",
                supports=9,
                replies=(
                    Remark(
                        "magnus",
                        When(25, "09.12"),
                        "No. He’d have to appeal. It takes eleven weeks. I concede that eleven weeks is not a counter.",
                        supports=3,
                        replies=(
                            Remark(
                                "meera",
                                When(25, "19.45"),
                                "That is a handsome thing to concede, and it is most of what I ask for.",
                                supports=1,
                            ),
                        ),
                    ),
                ),
            ),
            Remark(
                "stellan",
                When(25, "12.20"),
                "Note that the law already gives a right to human intervention in decisions made solely by machine. "
                "In practice we put a human beside the machine and call it not solely. I have watched that human. "
                "She had nine seconds a case.",
                supports=4,
            ),
        ),
    ),
    Remark(
        "ottoline",
        When(23, "14.10"),
        "At the Advice Centre we read about two thousand refusals a year. I can tell you from the first line which "
        "were written by somebody who’d have been willing to read them aloud. It has nothing to do with computers. "
        "The worst letter in our file is from 1988.",
        supports=3,
    ),
    Remark(
        "shirin",
        When(21, "22.16"),
        "Clinicians can’t always say why. I have sent a child to hospital on a feeling, and been right, and the "
        "reason that I wrote down was invented in the car park. If you demand reasons you’ll get reasons. I’m not "
        "sure you’ll get better decisions.",
        supports=4,
        replies=(
            Remark(
                "meera",
                When(20, "20.12"),
                "“I had a feeling, and I would rather be wrong this way” is a reason. It’s a good one. I’d only ask "
                "that somebody be allowed to say it.",
                supports=9,
                replies=(
                    Remark(
                        "shirin",
                        When(20, "22.40"),
                        "Then I’m with you, and my medical defence body is not.",
                        supports=3,
                    ),
                ),
            ),
        ),
    ),
    Remark(
        "tobias",
        When(17, "06.35"),
        "I exclude about one child a year. Every time, I say why, to the mother, across a table that’s too small for "
        "it. If I could send a code instead, I’d exclude more.",
        supports=13,
    ),
    Remark(
        "ruta",
        When(13, "08.40"),
        "My staff are the courteous five in your first paragraph. They’re measured on the length of the call. "
        "Explaining a decision that you weren’t part of takes nine minutes, and the target is four and a half. We "
        "built the wall and then trained people to be polite in front of it.",
        consent="anonymous",
        supports=3,
    ),
    Remark(
        "kwabena",
        When(9, "17.15"),
        "Planning officers recommend, committees decide, and the reasons are written by the officer, overnight, when "
        "the committee has gone against him. I’ve written some lovely reasons for decisions that I’d advised "
        "against. Which of us “could say why”?",
        supports=3,
        replies=(
            Remark(
                "lionel",
                When(8, "20.05"),
                "On behalf of committees: we knew why. It was the parking. You made it sound like a principle, and "
                "we were grateful.",
                supports=10,
            ),
        ),
    ),
    Remark(
        "leocadia",
        When(2, "22.22"),
        "Could the test be simpler? If I’d be ashamed to say it to their face, I haven’t finished deciding.",
        supports=10,
    ),
)

# By the number of the proposition.
BY_PROPOSITION = {1: ON_WAITING, 2: ON_CONSULTING, 3: ON_REPAIRS, 4: ON_STOPPING, 5: ON_REASONS}

# On the Society's news, by the post.
ON_NEWS = {
    "how-the-five-were-chosen": (
        Remark(
            "dougal",
            When(29, "08.05"),
            "Will you print the eighty-nine that were not chosen? I suspect that mine was among the posters.",
            supports=1,
            replies=(Remark("odile", When(29, "12.30"), "It was a very good poster, Dougal.", supports=2),),
        ),
    ),
    "the-first-morning": (
        Remark(
            "winifred",
            When(minutes=190),
            "I have the beer mat. It’s going on the wall at the baths.",
            supports=1,
        ),
    ),
}

ON_LAST_YEAR = (
    Remark(
        "kwabena",
        When(388, "12.30"),
        "My predecessor left me a page and a half. The line that saved me was “Do not trust the 2003 boundary, "
        "whatever they tell you.” It was worth more than the whole of the induction.",
        supports=2,
        key="boundary",
        fate=used(1, "The line that saved me was “Do not trust the 2003 boundary, whatever they tell you.”"),
    ),
    Remark(
        "bronagh",
        When(386, "19.20"),
        "The letter should always say what frightened you. Everything else is in the files.",
        supports=3,
        key="frightened",
        fate=used(1, "The letter should always say what frightened you."),
    ),
    Remark(
        "jocasta",
        When(384, "15.10"),
        "Anything you write in a public post may be read by a court. People who’ve been advised of that write "
        "letters that say nothing. I have read forty. They wish their successor well.",
        supports=2,
        key="forty-letters",
        fate=used(2, "People who’ve been advised of that write letters that say nothing.", "opposes"),
        replies=(
            Remark(
                "nadia",
                When(383, "18.40"),
                "Then advise them differently. I’ve never seen such a letter disclosed, and I have looked.",
                supports=1,
                key="disclosed",
                fate=used(2, "I’ve never seen such a letter disclosed, and I have looked."),
            ),
        ),
    ),
    Remark(
        "tobias",
        When(380, "06.50"),
        "Heads overlap by a day, if they’re lucky, and spend it finding the boiler. I’d trade all of it for two "
        "evenings in the first term, when I knew what to ask.",
        supports=2,
        key="two-evenings",
        fate=used(3, "two evenings in the first term, when I knew what to ask"),
    ),
    Remark(
        "padraig",
        When(378, "05.45"),
        "Nobody asked the storeman for a letter. He’d been there thirty-one years. When he went we bought four "
        "hundred of the wrong valve.",
        supports=4,
        key="storeman",
        fate=used(4, "Nobody asked the storeman for a letter."),
    ),
    Remark(
        "mairead",
        When(377, "14.22"),
        "Same with our branch caretaker. The letter isn’t for chief executives. They are replaced by people who have "
        "read the files. He was replaced by a contract.",
        supports=3,
        key="caretaker",
        fate=used(4, "He was replaced by a contract."),
    ),
    Remark(
        "lionel",
        When(374, "21.05"),
        "I once received a cruel one. Four pages about a man who turned out to be the best officer I ever worked "
        "with. Whoever comes next should be made to wait a month before opening it.",
        supports=2,
        key="cruel",
        fate=used(5, "Whoever comes next should be made to wait a month before opening it.", "qualifies"),
    ),
    Remark(
        "anwen",
        When(372, "20.10"),
        "I wrote mine last spring. It took the day, and then I sat in the car. It’s the only appraisal I have ever "
        "had from somebody who knew the job.",
        supports=3,
        key="appraisal",
        fate=used(5, "It’s the only appraisal I have ever had from somebody who knew the job."),
    ),
)

ON_LAST_YEAR_TOO = (
    Remark(
        "tomasz",
        When(390, "08.20"),
        "The one-way system at Ossing Lock went in for the lifeboat centenary. It has been renewed twenty-two times. I "
        "drew the last one and never asked what it was for.",
        supports=5,
        replies=(
            Remark(
                "anselm",
                When(389, "18.15"),
                "That is the first honest audit trail I have read this year.",
                supports=4,
            ),
        ),
    ),
    Remark(
        "halina",
        When(385, "12.40"),
        "Careful. Half of what keeps people housed on my patch is temporary, and would not survive being looked at.",
        consent="role",
        supports=6,
    ),
)
