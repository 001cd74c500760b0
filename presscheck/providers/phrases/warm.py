"""The warm voice: a kind host who leaves the choice to the guest."""

from presscheck.providers.phrases._lines import Angles, lines

OPENINGS: Angles = {
    "benefit": lines("""
        Hello, and thank you for letting us into your inbox. Little improvements can brighten an ordinary week.
        Everyday life runs on small comforts. We would be glad if this became part of yours.
        It is lovely when something simply helps. With luck, that is what this will do for you.
        We like things that make room for what you really care about, and we suspect you do too.
        Good days are often made of small, useful things. May we suggest something along those lines?
        Nothing pleases us more than hearing that a choice turned out right. So here is some help with yours.
        You juggle plenty already. If this lightens the load [even a touch|by a feather], we shall be happy.
        Think of this as a friendly nudge toward something that might serve you well.
        Our favourite kind of help is the quiet kind, the sort you notice when you need it.
        We gathered our thoughts with you in mind, and we hope they come in handy.
    """),
    "occasion": lines("""
        Somewhere in your calendar there is a day worth looking forward to. Let us help you get ready for it.
        Time with people you are fond of deserves a little planning, and planning can be part of the pleasure.
        Perhaps you are packing, perhaps you are staying in. In both cases we wish you a gentle week.
        Every household has its small celebrations. We hope this finds its way into yours.
        Before the next gathering fills your thoughts, pull up a chair and look at this with us.
        The light changes, the plans change, and we find ourselves wondering what you are up to.
        Special days rarely announce themselves. Being a bit prepared means you can simply enjoy them.
        Is there a person you would like to surprise, yourself included? We may have an idea.
        Whenever friends drop by or bags stand ready in the hall, small preparations show their worth.
        Ordinary evenings count as occasions too, and we think they merit a kind thought.
    """),
    "curiosity": lines("""
        There is a small pleasure in discovering how things are thought out. We would like to share it.
        Pour yourself a cup of something warm. We have a few things to tell you.
        You strike us as somebody who likes to know. Come closer and we will show you.
        Some stories hide in the details, and we have been looking forward to telling you these.
        Lift the lid with us for a moment. We think you will enjoy what is inside.
        We noticed something we believe you may appreciate, so naturally we wrote.
        It takes a curious mind to ask what lies behind a name. Happily, we enjoy such questions.
        Let us turn the label around together and read what it says.
        Wander through this note at your own pace. There is no test at the end.
        Do you also read the back of the box? Then we shall get along splendidly.
    """),
    "value": lines("""
        We know how thoughtfully you look after your household budget, and we respect it.
        When you trust us with your money, you should feel at ease about it. That begins with openness.
        A fair offer feels like a handshake. Please accept ours.
        You work for what you spend. It seems right that we explain what you would receive in return.
        Real value shows itself at home, in use, in company. Meanwhile, allow us a description.
        Spending can be a pleasure when it is done with a calm heart and clear figures in view.
        Between friends, nobody hides the small print. We would like to be on such terms with you.
        Our wish is that you look back on this decision and smile, whichever way it goes.
        Let us lay our cards on the kitchen table, as decent neighbours do.
        What is something worth? You feel the answer better than we can calculate it.
    """),
    "care": lines("""
        How have you been? We hope this message meets you in a peaceful minute.
        Looking after others is wonderful, and so is being looked after. This note is meant kindly.
        You give attention to so many. Here is some attention coming back.
        We chose our words carefully, because they are going to somebody we value.
        Please be good to yourself this week. If we can contribute, it would be an honour.
        A thoughtful choice is a gift to your future self. We would love to help you wrap it.
        Kindness sometimes looks like a tidy explanation. That, at any rate, is our hope.
        There is no pressure in this letter, merely a suggestion offered with goodwill.
        Your comfort matters to us, including the comfort of saying no, thank you.
        From our table to yours: a suggestion we made with care for whoever reads it.
    """),
    "ease": lines("""
        Breathe out. This is an easy read, and nothing is asked of you beyond a minute.
        We tidied everything up so that you can lean back while reading.
        Life is complicated in enough places. Let this be a calm corner.
        You need not prepare, compare or study. Just let your eyes wander down the page.
        Put your feet up; we have done the sorting for you.
        It should feel effortless to find out whether something is right for you.
        Here comes a message without homework, promised.
        We like to imagine you reading this in comfort, unhurried, perhaps with a biscuit.
        Gentle on the eyes, gentle on the schedule: that was our plan for this letter.
        May we make your choice a bit lighter? We kept things friendly and uncomplicated.
    """),
    "story": lines("""
        Imagine a table where talk keeps returning to a single topic, until somebody says: write to our readers!
        Imagine a kitchen window, a steaming mug, and a friend who says, have you heard about this?
        A letter used to be an event. We would like to bring back a scrap of that feeling.
        When we were choosing what to tell you, we pictured you reading at home, and the words came easily.
        Picture a bench outside where somebody decides what deserves a letter. This passed the bench.
        Once upon an ordinary afternoon, we decided to put pen to paper for you.
        Long walks are good for ideas. Think of this as an idea brought home from such a walk.
        Our grandmothers would have told you across the fence. We have to make do with e-mail.
        Picture a drawer full of handwritten notes. We picked a cheerful note and typed it up.
        Imagine a visitor with a smile who asks what we would suggest. This is what comes to mind.
    """),
    "question": lines("""
        What would make your week a little nicer? We have a suggestion, and we hope it is a welcome sight.
        Have you treated yourself to something sensible lately? We wonder, in a friendly way.
        May we ask what you are looking forward to? Perhaps this belongs beside it.
        Who comes to mind when you picture a happy face? Keep them in mind while you read.
        Would you like our honest thoughts? We are delighted to share them.
        When did you and your loved ones do something pleasant together? This could be a reason.
        Is there room in your plans for a good idea? We would be touched if you considered ours.
        Do you ever wish someone would just explain things kindly? Let us try.
        What does feeling at home mean to you? We often ask ourselves the same.
        Shall we tell you about it over a virtual cup of tea?
    """),
}

SUBJECTS: Angles = {
    "benefit": lines("""
        A small comfort for your week
        We thought this might help you
        Something useful, sent with a smile
        A friendly suggestion for you
        Little things that lend a hand
        For brighter ordinary days
    """),
    "occasion": lines("""
        Something to look forward to
        For the days you are planning
        Getting ready together
        A kind idea for your calendar
        For you and your favourite people
        An evening, a walk, a plan
    """),
    "curiosity": lines("""
        Come closer, we would like to show you
        A few things to tell you
        Lift the lid with us
        We noticed something for you
        For the curious among us
        Let us read the label together
    """),
    "value": lines("""
        A fair offer, like a handshake
        Our cards on the kitchen table
        Openly offered, for you
        Something good for your budget
        Spend with a calm heart
        A fair word about value
    """),
    "care": lines("""
        How have you been?
        A kind thought from us to you
        Sent with care
        Be good to yourself
        A gentle suggestion
        From our table to yours
    """),
    "ease": lines("""
        An easy read for a calm minute
        Lean back, we sorted it for you
        No homework, just a hello
        Feet up and read on
        A calm corner in your inbox
        Made easy, meant kindly
    """),
    "story": lines("""
        A letter we wanted to write
        From the bench outside our door
        What we talked about at the table
        A note, typed up for you
        Over the fence, by e-mail
        An ordinary afternoon, an idea
    """),
    "question": lines("""
        What would make your week nicer?
        May we suggest something?
        Is there room in your plans?
        What are you looking forward to?
        Would you like our honest thoughts?
        Shall we tell you about it?
    """),
}

NAMED_SUBJECTS = lines("""
    Say hello to {name}
    For you: {name}
    We thought of you: {name}
    Getting to know {name}
    A few warm words about {name}
    Meet {name} at your leisure
    Our suggestion for you: {name}
    A kind word about {name}
    Come and see {name}
    You and {name}
    At home with {name}
    A letter about {name}
    Have you met {name}?
    With our regards: {name}
""")

TAILS = lines("""
    a kind suggestion
    with you in mind
    a friendly hello
    come and see
    a thought for you
    for a pleasant week
    sent with care
    shall we show you?
    for calm moments
    a letter from us
    over a cup of tea
    made easy to choose
    for you and yours
    a gentle idea
    from us to you
    get acquainted
    a warm welcome
    whenever you like
    take your time
    we hope you like it
""")

NAMINGS = lines("""
    We would love you to meet {name}.
    May we introduce you to {name}?
    Say hello to {name}.
    You have probably guessed that we mean {name}.
    Let us tell you about {name}.
    We thought of {name}, and of you.
    The idea we had for you is {name}.
    Please make yourself at home with {name}.
    What we had in mind was {name}.
    Here, with a smile: {name}.
    We are happy to show you {name}.
    It is our pleasure to present {name}.
    Allow us a few kind words about {name}.
    This letter is about {name}.
    Perhaps you would enjoy {name}.
    Come and meet {name}.
    And so we arrive at {name}.
    Settle in and meet {name}.
""")

CLOSES = lines("""
    Take all the time you need; we will be glad whenever you stop by.
    We would be delighted to welcome you on our page.
    Thank you for spending these minutes with us.
    If it speaks to you, follow the link and make yourself comfortable.
    Wishing you a lovely rest of the week.
    Whatever you choose, we are grateful that you read this far.
    Do have a look round. The door is open.
    Pass it on to a friend if you think of somebody who would smile.
    Be well, and enjoy whatever you have planned.
    You are warmly invited to find out more.
    Until the next letter, take good care.
    We hope it feels right. If it does not, that is perfectly fine too.
    Drop in through the link and look around at leisure.
    Your curiosity is welcome, and so are you.
    With that, we leave you to your tea.
    It would make us happy to have been of help.
    Follow your heart, and the link if you like.
    May the coming days be kind to you.
    Come by when it suits you; the kettle is on.
    We look forward to being part of your plans.
    Enjoy the read, enjoy the day.
    Thanks from all of us, truly.
    See you on the other side of the link, perhaps.
    And should you decide against it, we part as friends.
""")

SIGN_OFFS = lines("""
    Warmly, {sender}
    With kind wishes, {sender}
    Yours warmly, {sender}
    With every kindness, {sender}
    Your friends at {sender}
    With a smile, {sender}
    Fondly, {sender}
    Until next time, {sender}
    Take care, {sender}
    With thanks, {sender}
    Warm greetings from {sender}
    Be well, {sender}
""")

HOOKS = lines("""
    Hello from us.
    A thought for you.
    We hope you are well.
    Thinking of you.
    With kind wishes.
    A friendly hello.
    Made us think of you.
    Come and see.
    A small idea.
    For a good week.
    Sent with care.
    Something kind.
    We would be glad.
    Take your time.
    A gentle hint.
    From us to you.
    Have a lovely day.
    You are welcome.
    With a smile.
    Good news to share.
""")
