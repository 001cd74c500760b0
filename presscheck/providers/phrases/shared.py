"""What every voice shares: lead-ins, second thoughts, preheaders and frames for facts."""

from presscheck.providers.phrases._lines import Angles, lines

MIDDLES: Angles = {
    "benefit": lines("""
        Usefulness shows in the hands of whoever owns a thing.
        Judge by results at home, not by poetry in a newsletter.
        Something that works quietly leaves your mind clear for other business.
        Improvement tends to arrive in modest steps.
        Picture an average Wednesday and ask where this would fit in.
        Convenience is personal: what suits a cyclist may bore a gardener.
        Habits get easier with decent tools around.
        If it earns a place on your shelf, wonderful.
    """),
    "occasion": lines("""
        Preparation gives spontaneity room to happen.
        Invitations, departures, reunions: each goes smoother with forethought.
        Anticipation is part of the enjoyment.
        A date on paper has a way of turning into a memory.
        Company, weather and mood will do the remaining work.
        Bags packed early leave mornings calm.
        Whoever joins you will notice that you planned ahead.
        Celebrate in whichever manner you please.
    """),
    "curiosity": lines("""
        Patient readers discover what hurried eyes skip.
        Craft reveals itself slowly, like a photograph in developer.
        Turn it over in your mind and see which question comes up.
        Knowing how gives pleasure beyond knowing that.
        Footnotes have been known to steal the show.
        An inquisitive glance costs nothing.
        Look for the part that surprises you.
        Names are doors; open this and step inside.
    """),
    "value": lines("""
        Put pencil to paper and the comparison nearly makes itself.
        Thrift and generosity can live under a single roof.
        Worth depends on use, so count the days rather than the coins.
        Nobody understands your budget as well as you.
        Sensible spending feels good a month later.
        Ask what you would give up and what you would gain.
        Bills are easier to open when the reasoning was sound.
        A fair exchange leaves both parties content.
    """),
    "care": lines("""
        Attentive people tend to notice quality of thought.
        Consideration, once given, usually comes back around.
        Let kindness toward yourself be part of the plan.
        Comfort begins with feeling understood.
        Objects chosen thoughtfully stay welcome for ages.
        Please weigh it against your own needs and nobody else's.
        Respect includes leaving you in peace afterwards.
        Someone you cherish may benefit as well.
    """),
    "ease": lines("""
        Friction has many names; simplicity goes by a short list.
        Skip ahead if you prefer; nothing breaks.
        Fewer steps mean fewer mistakes.
        Light reading, light decision, light heart.
        Clarity saves energy that can be spent on supper.
        Imagine ticking the box and moving along.
        Straightforward things rarely need a hotline.
        Pause whenever the doorbell rings; these lines will wait.
    """),
    "story": lines("""
        Tales grow in the telling, so we kept this short.
        Characters change, settings change, good sense stays.
        Between opening sentence and full stop lies whatever you make of it.
        Listeners often become narrators.
        Ink dries fast, impressions linger.
        The next chapter takes place wherever you happen to be.
        Fiction would be livelier; truth is handier.
        Some plots thicken. Ours merely continues.
    """),
    "question": lines("""
        Answers vary from household to household, as they should.
        Doubt is healthy and welcome around here.
        Ask a friend, ask a sceptic, then ask yourself.
        Whatever you reply, we appreciate the thought behind it.
        Clear questions deserve sober replies.
        Think aloud if that helps.
        Maybe your instinct has voted already.
        Silence counts as an answer too.
    """),
}

LIST_LEADS = lines("""
    Here is what to know:
    In short:
    The points that count:
    What you should know:
    At a glance:
    Worth knowing:
    The details:
    To the point:
    Some particulars:
    What we can tell you:
    Listed for convenience:
    Our notes read as follows:
    For the record:
    The main things:
    Consider the following:
    On the list:
    A summary:
    Good to know:
    Key points:
    Plainly:
    Taken together:
    On the table:
    What speaks for it:
    Laid out neatly:
    From our notebook:
    What it comes down to:
    On to specifics:
    The inside track:
    Straight from our notes:
    Down to business:
    To be precise:
    The gist:
    Reasons to look:
""")

FACT_LEADS = lines("""
    Worth a mention:
    Also:
    Another point:
    Note this:
    Besides:
    In addition:
    Remember:
    Keep in mind:
    Just as relevant:
    On top of that:
    Moreover:
    By the way:
    Equally:
    Plus:
    Further:
    Let us add:
    As well:
    Alongside:
    Something else:
    For good measure:
""")

OFFER_LEADS = lines("""
    The offer:
    On offer:
    What we propose:
    Our proposal:
    Here is the idea:
    This is what we have for you:
    In a sentence:
    What this is about:
    The plan:
    Our suggestion:
    The headline:
    The news:
    To begin with:
    What is on the table:
    Briefly:
    The heart of the matter:
    Simply put:
    What awaits you:
    To put it in a line:
    The long and the short of it:
    Cutting to the chase:
    Up for consideration:
    Our part of the bargain:
    The invitation:
    For you to consider:
    What brought us here:
    The reason for writing:
    In essence:
    The deal:
    The subject at hand:
""")

CLAIM_LEADS = lines("""
    We can also say this:
    With evidence on file:
    On solid ground:
    A statement we can back up:
    Documented:
    Also on file:
    And this much is documented:
    Supported by evidence:
    A claim with its papers in order:
    From our files:
""")

TONE_LEADS: dict[str, tuple[str, ...]] = {
    "plain": lines("""
        Stated simply:
        So that you are informed:
        The facts are these:
        Without decoration:
        Item by item:
        For your reference:
        An overview:
        The relevant information:
        What applies here:
        Set down in order:
        Nothing fancy:
    """),
    "warm": lines("""
        What we would like to share with you:
        A few friendly pointers:
        Between us:
        To help you along:
        What we wanted you to hear:
        Our kind notes:
        Shared gladly:
        With pleasure, the details:
        What might please you:
        Gladly told:
    """),
    "playful": lines("""
        The juicy bits:
        Facts in order of appearance:
        Exhibit after exhibit:
        Hot off the doodle pad:
        Cue the details:
        The ingredients:
        Straight from the kazoo's mouth:
        Nibbles of knowledge:
        Our cheat sheet:
        Clues for detectives:
        The fun part:
    """),
    "bold": lines("""
        No spin:
        The hard facts:
        Here is the case:
        Look at this:
        Make a note:
        What stands behind it:
        Our argument:
        Substance:
        On the record:
        Straight facts:
    """),
}

PREHEADERS = lines("""
    A short read, with the details inside.
    What it is, and what to know about it.
    + The particulars, set out for you.
    Open for the details.
    Some lines that may help you decide.
    A summary you can read in a minute.
    Inside: what is on offer.
    Take a look and see whether it suits you.
    All we wanted to tell you, in brief.
    For your next quiet moment.
    Written to be read, and quickly.
    The idea, and the reasons behind it.
    Have a look inside.
    What you might like to know.
    + Read on for the specifics.
    + Details first, decision later.
    See what it is about.
    A few words from {sender}.
    {sender} has a suggestion.
    News from {sender}.
    From {sender}, with details inside.
    Judge for yourself.
    + Notes, facts and a link.
    Plain information, briefly told.
    Here is the idea in full.
    Our side of the story, your decision.
    A suggestion, with reasons.
    Good to know before you choose.
    See whether it fits your plans.
    + The details are waiting inside.
    Something to read over coffee.
    What we have in mind for you.
    Open it, weigh it, decide.
    A closer look, in a few lines.
    The facts, and room for your opinion.
    + With details, in readable portions.
""")

NAMED_PREHEADERS = lines("""
    About {name}.
    Inside: {name}.
    On {name}.
    All about {name}.
    A look at {name}.
    Notes on {name}.
    Introducing you to {name}.
    Have a look at {name}.
    Facts about {name}.
    Read about {name}.
""")

KEYWORD_LINES = lines("""
    In a word: {keyword}.
    The theme: {keyword}.
    On our minds: {keyword}.
    Our theme here: {keyword}.
    A word to hold on to: {keyword}.
    The topic: {keyword}.
    Top of the agenda: {keyword}.
""")

PRICE_LINES = lines("""
    The price is {price}.
    Price: {price}.
    Catalogue price: {price}.
    What it costs: {price}.
    The price tag says {price}.
    On the tag: {price}.
    To put a figure on it: {price}.
    Listed price: {price}.
    The catalogue says {price}.
    In figures: {price}.
""")
