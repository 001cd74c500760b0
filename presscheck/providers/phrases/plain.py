"""The plain voice: ordinary words, short sentences, nothing that needs believing."""

from presscheck.providers.phrases._lines import Angles, lines

OPENINGS: Angles = {
    "benefit": lines("""
        A description earns its place when it helps somebody choose. [Hold us to that.|That is the standard here.]
        Useful things can be explained in ordinary words, so [that is what you will find|we kept to those].
        Practical reasons come before adjectives. Judge their weight for yourself.
        Before any opinion, look at what is on offer and ask whether it fits [how you live|the way your days run].
        Think of a task that comes round often. Improving it [a little|slightly] can outdo a grand gesture.
        A purchase should answer a need. Compare your own with the notes that follow.
        + Benefits are easily promised and rarely described. [Description|A sober account] seemed fairer.
        Skip the slogans: what counts is whether something does its job in your hands.
        If a product cannot be summed up in a few lines, something is missing. So this summary stays brief.
        + We would rather list concrete points than praise. Concrete points can be checked.
    """),
    "occasion": lines("""
        Plans tend to start with a list. In case yours has a gap, this may fill it.
        Some dates in the calendar call for a bit of preparation, and preparing is simpler with clear information.
        Maybe a weekend away is coming, maybe a quiet evening in. Either way, thinking ahead helps.
        Seasons change and so do shopping lists. This note concerns a possible addition to yours.
        When an occasion comes up, [people want answers rather than adverts|answers beat adverts]. Here are ours.
        There is a moment for browsing and a moment for deciding. This e-mail should serve both.
        Perhaps a birthday is on your mind, or a trip, or an ordinary Tuesday. The information stays identical.
        Getting ready usually involves a few open questions. We can settle some of them in writing.
        A change of plans often brings a change of equipment. Consider this while the kettle boils.
        Keep this message for the day when the subject comes up at home.
    """),
    "curiosity": lines("""
        Messages get skimmed, and that is fair. Should anything catch your eye here, let it be the particulars.
        Some facts are easy to overlook on a crowded page, which explains why this page is not crowded.
        A label tells part of the matter. The remainder deserves a paragraph, and this is it.
        Reading the small details takes about a minute. Afterwards you will know what you are looking at.
        What lies behind the name? Rather less mystery and rather more substance, we hope.
        Look closer before you form a view. That advice holds for nearly everything, this included.
        You may have passed this by without a glance. A glance is all we ask for.
        Curious readers like specifics. We have left out everything else.
        An unfamiliar product raises fair questions. Let us take them in order.
        Some information is worth having even if you buy nothing. We believe this belongs in that group.
    """),
    "value": lines("""
        Value is a simple sum: what you get, set against what you give. Both sides should be visible.
        Money spent well starts with information read calmly. So please take your time over this.
        Prices without particulars tell you little. Hence the particulars.
        Working out whether something is worth it should not require detective work.
        [Compare|Set] these notes [with|beside] whatever else you are considering. A fair comparison suits us fine.
        A sensible budget leaves room for things that get used. Decide for yourself whether this is such a thing.
        Careful shoppers read terms before headlines, and we wrote this with careful shoppers in mind.
        Nobody likes surprises at the till. So here is our side of it, up front.
        Cost and usefulness belong in the same conversation. This is our side of it.
        An offer ought to survive a second reading. Try that with ours.
    """),
    "care": lines("""
        Choosing carefully is a form of looking after yourself, and after whoever shares your home.
        Your inbox is busy enough. We are writing because this seemed relevant, and we will be brief.
        People look after what they choose with thought. Thought needs facts, so facts come next.
        Attention is precious. We try not to waste any of yours.
        A considered choice tends to stay in use. Consider this, and put it aside if it does not suit.
        It is easier to be satisfied later when expectations are right from the start.
        You deserve straight answers. We have done our part by keeping the language straight.
        Good advice respects a no. If this is not for you, simply carry on with your day.
        Being clear is a courtesy. In that spirit, nothing here is hidden behind a headline.
        Those who plan for others carry many details around. Let this message hold a few of them.
    """),
    "ease": lines("""
        Deciding should not be hard work. Read the next lines, then say yes or no.
        No forms, no puzzles, no homework: merely an overview you can finish before your coffee cools.
        If you have little time, the following lines contain the essentials.
        Simple beats clever when somebody is busy. This text aims for simple.
        Shopping turns tiresome when information is scattered. We gathered ours in a single place.
        You can read this standing in a queue. It is that short.
        A clear overview spares you a search, so an overview is what we prepared.
        Too many options slow everyone down. Here you face just a yes or a no.
        Scan, weigh, choose: the steps are few and the wording is plain.
        Whatever you decide, deciding should take minutes rather than evenings.
    """),
    "story": lines("""
        Suppose a neighbour asked how we would describe this without any marketing. We would say the following.
        Picture a table with a notebook, a pencil and an honest list. This message is that list.
        Think of a question at the counter: what should a customer know? Our answer fits on a page.
        Imagine explaining a product to a friend over the garden fence. You would stick to what matters.
        Some announcements arrive with drums. This arrived as a sheet of notes, and we left it that way.
        Suppose somebody stopped you on the stairs and asked what this is about. You could read them these lines.
        Our draft started long. Then the fluff went out, sentence by sentence, until the useful part remained.
        On a shop shelf, a card explains what is in the box. Consider this e-mail the card.
        Every household has a person who reads the manual. We wrote this for that person.
        Tell people what it is and trust them: that is a fair rule, and we follow it.
    """),
    "question": lines("""
        What do you need to know before you decide? We guessed, and wrote it down.
        Would this be useful to you? A short description should make the answer obvious.
        Where does this fit among the things you already own? Only you can tell, but we can supply facts.
        How do you usually choose: by feeling, or by checking? If by checking, read on.
        Does the subject interest you at all? If so, this is meant as a starting point.
        Which details would change your mind? Perhaps some of these.
        Have you been meaning to look into this? We put the material together.
        Is it worth your while? That depends on you, so here are grounds for a verdict.
        What makes a product worth a look? Usually something concrete, such as what follows.
        Could this solve a small problem of yours? Check it against the description.
    """),
}

SUBJECTS: Angles = {
    "benefit": lines("""
        What it does, in ordinary words
        Practical reasons, no adjectives
        A useful summary [for you|to read]
        Does it suit your needs? Some facts
        The practical side of our offer
        Reasons you can check yourself
    """),
    "occasion": lines("""
        An idea for your list
        Something to plan with
        For your next weekend off
        Making plans? Read this note
        A note for the calendar
        When the occasion comes up
    """),
    "curiosity": lines("""
        A detail you may have overlooked
        Behind the label
        Some particulars, plainly stated
        Worth a closer look
        What the headline leaves out
        Specifics, for curious readers
    """),
    "value": lines("""
        What you get, what you give
        Our offer, line by line
        An offer to read again
        The sum, with both sides shown
        Weigh it up for yourself
        Terms before headlines
    """),
    "care": lines("""
        A considered suggestion
        Straight answers for you
        Brief, because your time matters
        For careful choosers
        Clear words about our offer
        Take your time over this
    """),
    "ease": lines("""
        The essentials on a single page
        A short overview
        Read it while the coffee cools
        Yes or no? A simple summary
        Everything in plain view
        A simple choice, simply put
    """),
    "story": lines("""
        How we would tell a neighbour
        Notes from our counter
        The draft without the fluff
        What the card on the shelf says
        A page from our notebook
        Told over the garden fence
    """),
    "question": lines("""
        Is this useful to you?
        What would you like to know?
        Does this fit your plans?
        Which detail matters to you?
        Been meaning to look into this?
        Could this help at home?
    """),
}

NAMED_SUBJECTS = lines("""
    About {name}
    A plain look at {name}
    What to know about {name}
    Facts about {name}
    {name}, described plainly
    Considering {name}?
    A summary of {name}
    {name}: a few lines
    Notes on {name}
    {name}, without the fluff
    Before you choose {name}
    Reading up on {name}
    Questions about {name}?
    The essentials: {name}
""")

TAILS = lines("""
    the essentials
    a summary
    plain facts
    what to know
    a short overview
    notes for your list
    in ordinary words
    worth a read
    details inside
    the practical side
    a quick look
    for your consideration
    facts first, no fuss
    point by point
    read and decide
    an honest description
    what is on offer
    without the slogans
    a page of answers
    from start to finish
""")

NAMINGS = lines("""
    This message is about {name}.
    The subject is {name}.
    We are writing about {name}.
    The topic is {name}.
    Here is a summary of {name}.
    A word on {name}.
    Let us describe {name}.
    Our topic is {name}.
    Some lines on {name}.
    The item in question: {name}.
    Please take a look at {name}.
    May we point out {name}?
    Have a look at {name}.
    Consider {name}.
    The name to remember is {name}.
    What follows is about {name}.
""")

CLOSES = lines("""
    Questions left over? The link leads to our page.
    Read it again tomorrow if you like; the text will be the same.
    That is all. The link leads on if you wish to continue.
    If it suits you, follow the link. If not, no harm done.
    You know your requirements, so the decision rests with you.
    Should you wish to see more, there is the link.
    End of summary. What happens next is up to you.
    Should you want to proceed, use the link under this message.
    Weigh it, sleep on it, decide.
    We hope this answered more than it asked.
    Nothing else to add, except thanks for reading.
    Use the link whenever convenient.
    Check it against your list and see.
    You are welcome to visit our page.
    Keep it or delete it: you are the judge.
    When you are ready, the button takes you there.
    Follow the link if you wish to look further.
    In summary: read, compare, choose.
    Your verdict is what counts.
    Thank you for giving this a fair reading.
    Next step, if you want any: open the page.
    Take from this whatever is useful.
    Our part ends here and yours begins.
    Save this note should you prefer to come back to it.
""")

SIGN_OFFS = lines("""
    {sender}
    Regards, {sender}
    Yours, {sender}
    With regards, {sender}
    The team at {sender}
    Kind regards, {sender}
    Sincerely, {sender}
    Thank you, {sender}
    All at {sender}
    Respectfully, {sender}
""")

HOOKS = lines("""
    In plain words.
    A short note.
    For your information.
    Facts first.
    Worth reading.
    In brief.
    Please note.
    A quick summary.
    For your list.
    To consider.
    The essentials.
    Plainly put.
    Something to weigh up.
    Here is the offer.
    Details at a glance.
    Read and decide.
    A simple choice.
    No fuss.
    Without slogans.
    See if it suits you.
""")
