"""The bold voice: short, direct and sure of itself, without a superlative or a threat."""

from presscheck.providers.phrases._lines import Angles, lines

OPENINGS: Angles = {
    "benefit": lines("""
        Ask more of the things you own. They should pull their weight.
        Results speak. Adjectives mumble. We came to talk about results you can judge.
        Demand a reason. Good: reasons are what we brought.
        Build your day around what works and drop the rest.
        Strong choices begin with a clear view. Open your eyes.
        Forget maybe. Know what something is for, then decide with force.
        Expect more, settle less, and make whatever you buy earn its spot.
        Useful is a high bar. We respect it, so measure this against it.
        Power comes from preparation. Prepare with facts.
        Your standards are high. Keep them there while you read.
    """),
    "occasion": lines("""
        Weekends do not plan themselves. Take charge of yours.
        Pick a date, pick a place, and show up ready.
        The calendar is blank. Write on it in ink.
        Big day or plain day, own it.
        Get up, get out, get going. Momentum loves a plan.
        Next stop: wherever you decide. Arrive equipped.
        Life happens on the other side of the front door. So does this story.
        Mark the moment. Make it count.
        When the chance comes, stand prepared rather than surprised.
        Adventure answers to people with a bag by the door.
    """),
    "curiosity": lines("""
        Look again. Ordinary glances miss the point.
        Ask hard questions. We enjoy them.
        Under the surface is where character lives. Dig.
        Read the part others skip.
        Wonder is a muscle. Flex it here.
        Challenge what you think you know about this subject.
        No curtain, no smoke. Walk right up and inspect.
        Some brands whisper. We turn on the lights.
        Follow your questions wherever they go, and start with ours.
        Push the door. See what stands behind it.
    """),
    "value": lines("""
        Hold every cent to account. We do not mind the audit.
        A straight price talk, eye to eye.
        Spend like you mean it.
        Worth is proved, not shouted. Judge the proof.
        Put our offer on the scale and see which way it tips.
        Sharp buyers ask what they get. Here is the reply.
        Your money, your rules. Apply them to this.
        Drive a hard bargain with yourself, and win.
        Compare without mercy. We stand by what we wrote.
        Numbers on the table, cards face up, decision in your hands.
    """),
    "care": lines("""
        Guard your time. We wrote tight so that you can.
        Respect starts with honesty, and honesty starts with short sentences.
        You matter more than a sale. Say no whenever no is right.
        Stand up for your own comfort. Nobody else has that job.
        Look after your people with decisions you can defend.
        Take yourself seriously. Choose accordingly.
        Care is not soft. It means doing the work, down to the details.
        Protect what matters, and start by knowing what you buy.
        We owe you clarity. Debt paid, in the lines ahead.
        Treat your attention as treasure, then spend some here.
    """),
    "ease": lines("""
        Cut the noise. Keep the signal.
        Complicated is lazy. Simple takes nerve.
        Decide in a heartbeat, or take a week. Both are strong moves.
        Straight line from question to answer. Walk it.
        Drop the clutter and face a clean choice.
        Strip it down: offer, reasons, decision.
        Less scrolling, more doing.
        Easy is a promise to ourselves about this message: no detours.
        Clear path. Firm ground. Go.
        Your call, without hurdles.
    """),
    "story": lines("""
        It starts with a stubborn idea and someone who refuses to drop it.
        Every journey has a step where talk ends. Take it.
        We set out to write a message with backbone. You be the judge.
        They said keep it quiet. We chose to say it plainly and out loud.
        A blank wall, a brush, a decision: that is how stories begin.
        Somebody in the room said go. So we went.
        History favours people who turn the page. Turn it.
        Rain on the window, boots in the hall, a thought that would not rest.
        Heroes read labels. True story.
        This tale has a main character, and you are holding the pen.
    """),
    "question": lines("""
        What would you do with a clear yes?
        Who decides what belongs in your life? You do. Full stop.
        Ready to raise your own bar?
        Why settle for vague? Ask for specifics and get them.
        How far could a good decision carry you?
        Are you in or out? Both answers deserve facts.
        What stops you? Name it, then read on.
        Will you lead, or wait for a sign? Consider this the sign.
        Which matters more, talk or substance? We vote substance.
        Do you want it straight? Here goes.
    """),
}

SUBJECTS: Angles = {
    "benefit": lines("""
        Ask more of what you own
        Make it earn its spot
        Reasons, not adjectives
        Choose what works
        High standards welcome
        Demand a reason
    """),
    "occasion": lines("""
        Own the day
        Take charge of your weekend
        Write it in ink
        Show up ready
        Make it count
        A bag by the door
    """),
    "curiosity": lines("""
        Look again
        Ask us hard questions
        We turned on the lights
        Read the part others skip
        Push the door
        Walk right up and inspect
    """),
    "value": lines("""
        Put our offer on the scale
        Your money, your rules
        Eye to eye about price
        Spend like you mean it
        Judge the proof
        Cards face up
    """),
    "care": lines("""
        Guard your time
        Choices you can defend
        You matter more than a sale
        Take yourself seriously
        Honesty in short sentences
        Protect what matters
    """),
    "ease": lines("""
        Cut the noise
        A clean choice
        No detours
        Straight from question to answer
        Offer, reasons, decision
        Simple takes nerve
    """),
    "story": lines("""
        A message with backbone
        Somebody said go
        Turn the page
        You hold the pen
        Heroes read labels
        A stubborn idea
    """),
    "question": lines("""
        Ready to raise your own bar?
        In or out?
        Want it straight?
        Why settle for vague?
        Who decides? You do
        Talk or substance?
    """),
}

NAMED_SUBJECTS = lines("""
    {name}. Your call
    Bring on {name}
    Make way for {name}
    {name}, straight up
    Face to face with {name}
    Take a stand with {name}
    On purpose: {name}
    All business: {name}
    Step up to {name}
    Go for {name}
    {name}: judge for yourself
    Eyes on {name}
    Own your choice: {name}
    Straight talk about {name}
""")

TAILS = lines("""
    your call
    straight up
    own it
    make it count
    no detours
    judge the proof
    bring your standards
    stand tall
    decide with force
    facts with backbone
    on your terms
    say yes or say no
    look again
    in or out?
    show up ready
    eyes open
    go your way
    cards face up
    talk is over
    make your move
""")

NAMINGS = lines("""
    Make way for {name}.
    The name is {name}.
    We back {name}.
    Say it out loud: {name}.
    Stand face to face with {name}.
    Put {name} to the test.
    Remember the name: {name}.
    We are talking {name}.
    Step up to {name}.
    Eyes on {name}.
    This belongs to {name}.
    Bring on {name}.
    Judge {name} by the facts.
    Come to grips with {name}.
    We stand behind {name}.
    Give it up for {name}.
    Take a hard look at {name}.
    Stand your ground with {name}.
""")

CLOSES = lines("""
    Your move.
    Make the call.
    Say yes, say no, but say it like you mean it.
    Step through the link and own the decision.
    We have spoken. The floor is yours.
    Choose with conviction.
    Walk in with your head up.
    That is our case. Rule on it.
    Press the button or walk away proud.
    Back yourself.
    Go get what you came for.
    The decision belongs to you.
    Take it further through the link.
    Enough words. Do as you see fit.
    Lead the way.
    Chin up, eyes front, onward.
    Trust your judgement; it brought you this far.
    Hold us to every sentence.
    The next line is yours to write.
    Move when you are ready.
    Seize it, or leave it with a clear conscience.
    Stand by your choice. We stand by ours.
    Open the page and test our word.
    Be decisive. Be you.
""")

SIGN_OFFS = lines("""
    {sender}
    Onward, {sender}
    Boldly, {sender}
    Straight from {sender}
    Stand strong, {sender}
    Signed, {sender}
    Your crew at {sender}
    On your side, {sender}
    Forward, {sender}
    Eye to eye, {sender}
    No fluff, {sender}
    Loud and clear, {sender}
""")

HOOKS = lines("""
    Your call.
    Look again.
    Own it.
    Straight up.
    Make it count.
    Step up.
    Bring it on.
    Eyes open.
    Go your way.
    No detours.
    In or out?
    Cut the noise.
    Show up ready.
    Judge for yourself.
    Stand tall.
    Your move.
    Choose well.
    Take charge.
    Raise your bar.
    Say it straight.
""")
