"""The playful voice: light on its feet, never at the reader's expense."""

from presscheck.providers.phrases._lines import Angles, lines

OPENINGS: Angles = {
    "benefit": lines("""
        Good news for the part of you that enjoys it when things just work. The grumpy part may take the afternoon off.
        Somewhere between superpower and sock drawer lies the category of handy things. Guess where this sits.
        Your to-do list called. It asked for [backup|reinforcements], and we volunteered.
        Imagine a round of applause whenever a chore goes smoothly. We cannot supply the clapping, but read on.
        We tried to describe this with a straight face and managed for nearly a whole sentence.
        Life hands out lemons, queues and tangled cables. We hand out something with more charm.
        Handy, dandy, and blissfully spared of riddles: that is the mood of this message.
        If usefulness were a dance move, this would be our wiggle.
        Warning: may cause a satisfied nod, followed by telling your flatmate about it.
        Our office plant has heard this pitch umpteen times and still leans in. Your turn.
    """),
    "occasion": lines("""
        The weekend is warming up in the wings, and somebody has to choose the costume. May we heckle helpfully?
        Every party needs a plan, even a private party with biscuits. Consider this your starter kit for ideas.
        Dust off the picnic blanket of the mind. Something cheerful is about to be unrolled.
        Your calendar looks hungry. Feed it a plan.
        Confetti is optional. Curiosity is encouraged. Snacks are entirely your business.
        Is it a Tuesday? Then Tuesday just got a plot twist.
        Picture the scene: sun, or clouds, or whatever the sky fancies, and you with a splendid idea.
        Hooray for small occasions, the ones without invitations, speeches or uncomfortable shoes.
        Some folks wait for a reason to celebrate. We keep a jar of reasons on the shelf.
        Trumpets, please. No trumpets? A kazoo will do nicely.
    """),
    "curiosity": lines("""
        Psst. Over here, behind the newsletter. We have something to show you.
        Curiosity did not harm this cat; it signed up for our e-mails and seems rather pleased.
        You opened it! Bold of you, and frankly we are impressed. On with the reveal.
        There is a rabbit hole ahead. It is short, well lit and has a bench at the bottom.
        What rhymes with nothing, fits in an e-mail and wants your attention? This, apparently.
        Tap, tap. Is this thing on? Lovely, then the secret can come out.
        We could be mysterious about it. We lasted about a paragraph.
        Detectives, magnifiers ready: clues are scattered all over the next lines.
        Beneath this sentence hides another sentence, and that is where it gets interesting.
        Plot spoiler: the butler knows nothing, but we know a thing.
    """),
    "value": lines("""
        Your wallet asked to be copied in on this. Hello, wallet.
        We did the sums on a napkin, and the napkin grinned.
        Bargain hunters, put down your binoculars and come to the table.
        Money cannot buy happiness, but it has been known to rent a decent pair of dancing shoes.
        Some spreadsheets bring joy. We do not own any, so here is a cheerful note instead.
        Piggy bank on your lap? Splendid, let us reason with it together.
        Coins jingle, notes rustle, and sensible people raise an eyebrow. Raise away, we can take it.
        A penny for your thoughts? Keep the penny and lend us your thoughts.
        Think of it as maths, but with a better soundtrack.
        The budget committee (you, plus snacks) is in session.
    """),
    "care": lines("""
        Be nice to the person in your mirror. They have excellent taste in newsletters.
        This message was raised on a diet of good manners and the occasional pun.
        Somebody ought to pamper you, and since the cat is busy, here we are.
        Consider yourself high-fived. Gently, with consent, from a distance.
        Houseplants get water, phones get chargers, and you get this.
        Treat yourself like a guest: offer a chair, a drink and something fun to read.
        A little fuss is being made of you. Try to act surprised.
        Wrapped in bubble wrap and good intentions, our suggestion has arrived in your inbox.
        We come in peace, bearing suggestions and an emotional-support teapot.
        Hugs do not fit in attachments. We tried, the server giggled.
    """),
    "ease": lines("""
        Instructions for this e-mail: sit, scroll, smile. Batteries not required.
        Easy as pie, minus the flour on the ceiling.
        Lazy geniuses, rejoice. We wrote it so that your thumb does all the heavy lifting.
        No assembly, no tiny hex key, no mysterious leftover screw.
        Even our goldfish got to the end of this message, and he is easily distracted.
        Sloths read at their own speed. You are welcome to join them.
        Slide into your comfy chair. The tricky bits have been eaten by the editor.
        Brain on standby? Quite reasonable, we left the lights on.
        It takes longer to find matching socks than to read the rest of this.
        No gymnastics, just words, arranged in a friendly order.
    """),
    "story": lines("""
        Once upon a time, in an inbox not so far away, a message was opened by somebody clever.
        Chapter the next: in which our reader discovers something and says hm, out loud, on a train.
        Some squirrels and a marketing person walk into a meeting. The squirrels had better notes.
        It was a dark and stormy night. Well, breezy. All right, it was lunch.
        Legend speaks of an e-mail that got to the point. Its descendants still roam, and you have met a specimen.
        In the beginning was the blank page. Then someone brought doughnuts and things got moving.
        Our hero, that is you, stands before a crossroads signposted Ooh and Aah.
        A pigeon was supposed to deliver this. The pigeon had opinions about the weather.
        Cue the violins: a tale of longing, adventure and fairly tidy typography.
        Dear diary, we wrote to our readers and used just a sprinkle of nonsense.
    """),
    "question": lines("""
        Pop quiz! Relax, there are no grades and everybody may copy.
        Which came earlier, the chicken or this e-mail? Philosophers shrug.
        What do a trampoline and a good idea have in common? Both put a spring in somebody.
        Can you keep a straight face while reading this? We have our doubts.
        If you were a kitchen utensil, which would you be? Ponder that while we present our topic.
        Ready, steady, curious?
        Do you talk to your shopping list as well? Ask it about this.
        Does your inbox need cheering up? Ours did, so we wrote something jolly.
        Who let the marketing folks near a keyboard? Guilty, and quite happy about it.
        Fancy a tiny adventure between your other messages?
    """),
}

SUBJECTS: Angles = {
    "benefit": lines("""
        May cause a satisfied nod
        Your to-do list sent for backup
        Handy, dandy, riddle-spared
        For fans of things that work
        Somewhere near superpower
        Applause not included
    """),
    "occasion": lines("""
        Your calendar looks hungry
        A plot twist for your Tuesday
        Kazoo fanfare, please
        Confetti optional
        A plan walks into a weekend
        Hooray for small occasions
    """),
    "curiosity": lines("""
        Psst, behind the newsletter
        Tap, tap. Is this thing on?
        A rabbit hole with a bench
        We lasted about a paragraph
        Magnifiers ready?
        Ooh. Or possibly aah.
    """),
    "value": lines("""
        Hello, wallet
        The napkin grinned
        Maths with a better soundtrack
        A note to your piggy bank
        Raise an eyebrow with us
        The snack and budget committee
    """),
    "care": lines("""
        Consider yourself high-fived
        Be nice to your mirror
        We brought a teapot
        A little fuss about you
        The cat is busy, so here we are
        Good manners and a pun
    """),
    "ease": lines("""
        Sit, scroll, smile
        Easy as pie, minus the flour
        No tiny hex key required
        Approved by our goldfish
        Quicker than matching socks
        Words in a friendly order
    """),
    "story": lines("""
        The squirrels had better notes
        A tale of tidy typography
        It was a dark and breezy lunch
        The pigeon had opinions
        Dear diary, we wrote an e-mail
        Starring you, our hero
    """),
    "question": lines("""
        Pop quiz, no grades
        Fancy a tiny adventure?
        Can you keep a straight face?
        Are you a spoon or a whisk?
        Ready, steady, curious?
        Need a cheerier inbox?
    """),
}

NAMED_SUBJECTS = lines("""
    Knock, knock: {name}
    Psst: {name}
    Plot twist: {name}
    Inbox, meet {name}
    Cue the kazoo for {name}
    Ooh, {name}
    Guess who? {name}
    {name}, meet human
    A drum roll for {name}
    Enter {name}, stage left
    You, us and {name}
    Dear diary: {name}
    {name}, ta-da
    Hide-and-seek with {name}
""")

TAILS = lines("""
    ta-da
    a tiny adventure
    plot twist ahead
    drum roll, please
    go on, peek
    fun inside
    confetti optional
    wink, wink
    say hello
    no riddles
    a cheerful note
    ooh and aah
    hop in
    may cause smiles
    the kazoo edition
    a merry read
    snacks not included
    the happy details
    just add you
    play along
""")

NAMINGS = lines("""
    Enter, stage left: {name}.
    Ladies, gentlemen and houseplants: {name}.
    The name in lights: {name}.
    Drum roll for {name}.
    Everybody wave at {name}.
    Ta-da: {name}.
    The answer to the riddle is {name}.
    Our plot revolves around {name}.
    Raise the curtain on {name}.
    Introductions are in order: reader, {name}.
    Make some noise for {name}.
    Cue spotlight, cue {name}.
    Say it with us: {name}.
    Hum along with {name}.
    In the title role: {name}.
    Up next on the programme: {name}.
    And the envelope says {name}.
    Meet {name}, our leading role.
""")

CLOSES = lines("""
    Click away. The link does not bite; we checked its teeth.
    Over to you, maestro.
    That was fun. Same time, same inbox?
    Go on, press it. You know you like buttons.
    Curtain falls, link glows.
    Off you pop, and mind the step.
    We will be over here, pretending not to look.
    Insert your own victory dance at this point.
    The end? Ask the link.
    Your move, clever clogs.
    Follow the breadcrumbs, or in our case the link.
    Please exit through the gift shop.
    Pinch of salt, dash of joy, hop along to the page.
    If you laughed, we win. If you groaned, we win as well.
    Thanks for playing along.
    Wave at the button as you pass.
    Keep calm and carry snacks.
    High fives all round.
    Return to your spreadsheets, brave soul, or sneak through the link.
    Tell the goldfish we said hi.
    More mischief waits behind the button.
    Bow, applause, lights up.
    Time for a well-earned stretch.
    Happy clicking, happy napping, happy whatever comes next.
""")

SIGN_OFFS = lines("""
    Cheerio, {sender}
    Toodle-oo, {sender}
    High fives, {sender}
    Yours in mischief, {sender}
    Grinning, {sender}
    Over and out, {sender}
    Merrily, {sender}
    Winking, {sender}
    Ta-ta, {sender}
    With jazz hands, {sender}
    The jolly lot at {sender}
    Yours, plus confetti, {sender}
""")

HOOKS = lines("""
    Psst.
    Ta-da!
    Knock, knock.
    Drum roll, please.
    Plot twist!
    Guess what?
    Ooh, look.
    Hello, you.
    Fun fact.
    Hop in.
    Tiny adventure?
    Jazz hands!
    Sit, scroll, smile.
    Confetti time.
    Cue the kazoo.
    Peekaboo.
    Go on, peek.
    Well, hello there.
    Wink, wink.
    Happy news.
""")
