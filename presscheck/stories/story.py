"""Events as sentences: who did what. Names come from the people table and are shown only if signed.

A body holds pseudonyms and digests; what is missing in one is left out of the sentence. How a question ended is not
told from a body: `desk.endings` says it, for here and for every other place.
"""

from collections.abc import Callable
from typing import Any, cast

from presscheck.assets.repaired import repaired_how
from presscheck.desk.endings import Ending
from presscheck.digests import fingerprint
from presscheck.documents.sentences import counted, listed
from presscheck.ledger import Event, EventKind
from presscheck.ledger.reviews import DECISION_EVENTS
from presscheck.stories.story_restoring import RESTORING
from presscheck.stories.story_stopping import STOPPING
from presscheck.stories.story_telling import TELLING

Names = Callable[[str], str]
Endings = Callable[[int], Ending]
Body = dict[str, Any]


def sentence(event: Event, name_of: Names, ending_at: Endings) -> str:
    """What happened, in one line without its time.

    `name_of` turns a person's id into a name; `ending_at` says how a question ended, by the number of its decision.
    """
    ended, told = _ENDED.get(event.kind), _TOLD.get(event.kind)
    try:
        if ended is not None:
            return ended(event, ending_at)
        return f"{event.kind} {event.subject}" if told is None else told(event.subject, event.data, name_of)
    except (AttributeError, KeyError, TypeError, ValueError):
        # A newer Presscheck may have signed another shape; the rest of the story is still to be told.
        return f"{event.kind} {event.subject}, told in a way that this version does not know; --json shows it"


def _person(body: Body, name_of: Names) -> str:
    person = body.get("person")
    return name_of(str(person)) if person else "nobody"


def _short(digest: Any) -> str:
    return fingerprint(str(digest)) if digest else "?"


def _until(body: Body, key: str) -> str:
    """`2026-03-09 09:00:00 UTC`, as the times of the events themselves stand."""
    return f"{str(body.get(key, '?'))[:19].replace('T', ' ')} UTC"


def _commented(body: Body) -> str:
    """What a comment is about; of its words the chain holds nothing."""
    if not body.get("asset"):
        return "the question as a whole"
    part = body.get("field")
    return f"{'a passage of ' if body.get('span') else ''}{f'the {part} of ' if part else ''}{_short(body['asset'])}"


def _author(body: Body, name_of: Names) -> str:
    author: Body = body.get("author") or {}
    if author.get("kind") == "person":
        return name_of(str(author.get("person", "")))
    made_with = " ".join(str(author[key]) for key in ("provider", "model") if author.get(key))
    prompt = f"{author.get('prompt_id', '')} {author.get('prompt_version', '')}".strip()
    return (made_with or "a machine") + (f", prompt {prompt}" if prompt else "")


def _written(subject: str, body: Body, name_of: Names) -> str:
    given = body.get("drew_on")
    material = cast(list[Any], given) if isinstance(given, list) else []
    drew = f", drawing on {', '.join(_short(one) for one in material)}" if material else ""
    return f"{_person(body, name_of)} handed in text {_short(body.get('written'))} in review {subject}{drew}"


def _decided(event: Event, ending_at: Endings) -> str:
    body, ending = event.data, ending_at(event.seq)
    rule = f", under {body['rule']}" if ending.how == "people" and body.get("rule") else ""
    stage = f", at stage {body['stage']}" if body.get("stage") and body.get("approvals") else ""
    tier = f", tier {body['tier']} by row {body.get('tier_row', '?')}" if body.get("tier") else ""
    reason = f", reason {body['reason']}" if body.get("reason") else ""
    manifest: Body = body.get("manifest") or {}
    people = manifest.get("audience_rows")
    whom = counted(people, "person", "people") if people else "everybody"
    parts = [
        f"{counted(len(digests), noun)} ({', '.join(map(_short, digests))}){to}"
        for name, noun, to in (("assets", "text", f" to {whom}"), ("agreed", "asset", " for the campaign's steps"))
        if (digests := manifest.get(name))
    ]
    signed = f": {listed(parts)}" if parts else ""
    edits = ", own edits included" if body.get("own_edits") else ""
    more = f". {ending.more}" if ending.more else ""
    loud = "BROKEN GLASS: " if ending.how == "glass" else ""
    return f"{loud}review {event.subject}: {ending.clause}{rule}{stage}{tier}{reason}{signed}{edits}{more}"


def _permitted(event: Event, ending_at: Endings) -> str:
    body = event.data
    basis: Body = body["basis"]
    return (
        f"permit issued for {event.subject}, manifest {_short(body.get('manifest'))}, because review "
        f"{basis['review']} was {ending_at(int(basis['decision'])).clause} ({basis['rule']})"
    )


def _settled(subject: str, sent: int, not_sent: int, log: str) -> str:
    what = counted(sent + not_sent, "unknown message")
    return f"{what} of {subject} settled by log {log}: {sent:,} as sent, {not_sent:,} as not"


def _approved_in_part(subject: str, body: Body, name_of: Names) -> str:
    manifest: Body = body.get("manifest") or {}
    texts = ", ".join(_short(asset) for asset in (*manifest.get("assets", ()), *manifest.get("agreed", ())))
    acting = f" for {name_of(str(body['acts_for']))}" if body.get("acts_for") else ""
    edits = ", own edits included" if body.get("own_edits") else ""
    return (
        f"{_person(body, name_of)}{acting} as {str(body.get('role', '?')).replace('_', ' ')} said yes to review "
        f"{subject} at stage {body.get('stage', '?')} by {body.get('rule', '?')}, tier {body.get('tier', '?')} by row "
        f"{body.get('tier_row', '?')}: {texts}{edits}"
    )


def _for_channel(body: Body) -> str:
    """Of a brief with several channels or languages, the one that the flow asked for."""
    asked: Body = body.get("asked") or {}
    named = ", ".join(str(asked[key]) for key in ("channel", "language") if asked.get(key))
    return f", for {named}" if named else ""


def _split(subject: str, body: Body, _: Names) -> str:
    cells: dict[str, Body] = body["cells"]
    parts = [
        f"{name} (nobody)"
        if cell["audience"] is None
        else f"{name} ({_short(cell['audience'])}, {counted(int(cell['rows']), 'recipient')}"
        f"{', held out' if name == body.get('hold_out') else ''})"
        for name, cell in cells.items()
    ]
    return f"audience {_short(subject)} was split into {listed(parts)}"


def _read(subject: str) -> str:
    run, slept, timer = subject.partition("/wait/")
    if slept:
        return f"wait {timer} of run {run} is over, and its flow went on"
    if subject.startswith("D-"):
        return f"the flow read what the press says of {subject}"
    return f"the flow read the answer of {subject}"


def _about(body: Body) -> str:
    """What a question is about where it is not about texts alone."""
    return f" about {listed(map(str, body['kinds']))}" if body.get("kinds") else ""


def _lines(body: Body) -> str:
    """What differs, the first few lines of it; the event has all."""
    lines = cast(list[Body], body["lines"])
    told = "; ".join(f"{line['policy']}: {line['said']}{_weight(line)}" for line in lines[:5])
    more = len(lines) - 5 + int(body.get("left_out", 0))
    return told + (f"; and {more} more" if more > 0 else "") if lines else "nothing of it can be told"


def _weight(line: Body) -> str:
    return f" ({line['weight']})" if line.get("weight") else ""


def _drawn(subject: str, body: Body, name_of: Names) -> str:
    goes = "a person looks at it" if body.get("person_looks") else "it goes out by the rule"
    return f"spot-check of review {subject}: of these a person looks at {body.get('share', '?')}, and {goes}"


def _about_person(did: str) -> Callable[[str, Body, Names], str]:
    def tell(subject: str, body: Body, name_of: Names) -> str:
        grants = body.get("grants") or ()
        held = "; ".join(_granted(one) for one in grants)
        by = body.get("by") or body.get("person")
        actor = f" by {name_of(str(by))}" if by and by != subject else ""
        return f"{name_of(subject)} {did}{actor}{f': {held}' if held else ''}"

    return tell


def _granted(one: Body) -> str:
    days = "".join(f" {word} {one[key]}" for key, word in (("begins", "from"), ("ends", "until")) if one.get(key))
    return f"{one['role']} in {_markets(one['markets'])}{days}"


def _delegated(subject: str, body: Body, name_of: Names) -> str:
    held = "; ".join(_granted(one) for one in body["grants"])
    gates = "at every gate" if body["gates"] == "all" else f"at {', '.join(body['gates'])}"
    days = f"from {body['begins']} until {body['ends']}"
    return f"{name_of(subject)} delegated to {name_of(str(body['to']))} {days}, {gates}: {held}"


def _away(subject: str, body: Body, name_of: Names) -> str:
    until = f" until {body['until']}" if body.get("until") else ""
    by = str(body["by"])
    return f"{name_of(subject)} is away{until}{'' if by == subject else f', says {name_of(by)}'}"


def _glass_asked(subject: str, body: Body, name_of: Names) -> str:
    role, texts = str(body.get("role", "?")).replace("_", " "), counted(len(body.get("assets", ())), "text")
    return (
        f"BROKEN GLASS: {_person(body, name_of)}, as {role}, asked to let {texts} of "
        f"review {subject} out past the people whom the policies demand, for {_many(body, 'minutes', 'minute')}"
    )


def _markets(markets: Any) -> str:
    return "all markets" if markets == "all" else ", ".join(str(market) for market in markets)


def _outcomes(body: Body) -> str:
    named = ("sent", "suppressed", "failed", "unknown")
    return ", ".join(f"{body[name]} {name}" for name in named if body.get(name)) or "nothing sent"


def _dollars(microdollars: Any) -> str:
    return f"${microdollars / 1_000_000:.6f}" if isinstance(microdollars, int) else "at an unknown price"


def _code(body: Body) -> str:
    return str(body.get("code", "?")).replace("-", " ")


def _prompt(said: Body) -> str:
    return f"{said.get('id', '?')} version {said.get('version', '?')} (words {str(said.get('words', '?'))[:12]})"


def _counts(body: Body) -> str:
    return ", ".join(f"{value} {name}" for name, value in sorted(body.items()) if isinstance(value, int))


def _roles(body: Body) -> str:
    given = body.get("to")
    return ", ".join(str(role).replace("_", " ") for role in cast(list[Any], given)) if given else "nobody"


def _settings(given: Any) -> str:
    return ", ".join(str(one) for one in cast(list[Any], given)) if given else "nothing"


def _told_whom(body: Body, names: Names) -> str:
    to = str(body.get("to", "?"))
    return names(to) if to.startswith("P-") else f"the {to.replace('_', ' ')}"


def _lifts(subject: str) -> str:
    return f"all of {subject}" if subject.startswith("D-") else f"address {_short(subject)}"


def _many(body: Body, key: str, noun: str, nouns: str = "") -> str:
    """`1 message`, `12 messages`; `? messages` where the event does not say."""
    value = body.get(key)
    return counted(value, noun, nouns) if isinstance(value, int) else f"{value or '?'} {nouns or f'{noun}s'}"


def _events(body: Body) -> str:
    named = [str(seq) for seq in body["suppressions"]]
    return f"event{'s' if len(named) != 1 else ''} {', '.join(named[:5])}{' and more' if len(named) > 5 else ''}"


_BOUNCED = {"hard": "for good", "policy": "for something of ours"}

_USED = {"spending": "spent", "publishing": "published"}

_TOLD: dict[str, Callable[[str, Body, Names], str]] = {
    EventKind.CAMPAIGN_OPENED: lambda subject, body, _: (
        f"campaign {body.get('campaign', '?')} began, run {subject}, brief {_short(body.get('brief'))}"
        + _for_channel(body)
    ),
    EventKind.BRIEF_ADDED: lambda subject, body, _: (
        f"run {subject} goes by brief {_short(body.get('brief'))} as well{_for_channel(body)}"
    ),
    EventKind.AUDIENCE_SPLIT: _split,
    EventKind.TIMER_SET: lambda subject, body, _: (
        f"run {subject.partition('/')[0]} sleeps until {str(body['until'])[:19]}Z, by wait {body.get('name', '?')}"
    ),
    EventKind.CAMPAIGN_ENDED: lambda subject, body, _: f"run {subject} ended: {body.get('ending', '?')}",
    EventKind.ASSET_DRAFTED: lambda subject, body, names: (
        f"{body.get('kind', 'asset')} {_short(subject)} made by {_author(body, names)}"
    ),
    EventKind.ASSET_EDITED: lambda subject, body, names: (
        f"{body.get('kind', 'asset')} {_short(subject)} edited by {_author(body, names)}"
        + (f", from {_short(body['parent'])}" if body.get("parent") else "")
    ),
    EventKind.ASSET_WRITTEN: lambda subject, body, names: (
        f"{body.get('kind', 'asset')} {_short(subject)} made by {_author(body, names)}"
    ),
    EventKind.ASSET_REVERTED: lambda subject, body, names: (
        f"{_author(body, names)} brought version {body.get('version', '?')} of {body.get('kind', 'asset')} "
        f"{_short(subject)} back, reason {body.get('reason', '?')}; it replaces {_short(body.get('parent'))}, and no "
        "yes of before holds for it"
    ),
    EventKind.ASSET_REPAIRED: lambda subject, body, _: (
        f"text {_short(body.get('from'))} became {_short(subject)}, {repaired_how(body)}"
    ),
    EventKind.ASSET_USED: lambda subject, body, _: (
        f"{_short(subject)} {_USED.get(str(body.get('before')), 'used')} by the step "
        f"{str(body.get('step', '?')).split('/')[0]}"
    ),
    EventKind.ASSETS_CHECKED: lambda subject, body, _: f"guardrails ran: {_counts(body) or subject}",
    EventKind.COMMENT_MADE: lambda _, body, names: (
        f"{_person(body, names)} {'answered a comment' if body.get('answers') else 'commented'} on "
        f"{_commented(body)} ({body.get('comment', '?')})"
    ),
    EventKind.COMMENT_RESOLVED: lambda _, body, names: (
        f"{_person(body, names)} said that comment {body.get('comment', '?')} is settled"
    ),
    EventKind.COMMENT_REOPENED: lambda _, body, names: (
        f"{_person(body, names)} reopened comment {body.get('comment', '?')}"
    ),
    EventKind.COMMENT_ERASED: lambda _, body, names: (
        f"{_person(body, names)} took comment {body.get('comment', '?')} back, and its words were erased"
    ),
    EventKind.ROW_QUARANTINED: lambda subject, body, _: (
        f"row {body.get('row') or '?'} of {body.get('file', '?')} was held in quarantine, {_short(subject)}: "
        f"{listed([str(one) for one in body['fields']])}, by {listed([str(one) for one in body['rules']])}"
    ),
    EventKind.ROW_RELEASED: lambda subject, body, names: (
        f"{_person(body, names)} as {str(body.get('role', '?')).replace('_', ' ')} let row {_short(subject)} in"
    ),
    EventKind.ROW_TAKEN_BACK: lambda subject, body, names: (
        f"{_person(body, names)} took back that row {_short(subject)} was let in"
    ),
    EventKind.TEST_REQUESTED: lambda subject, body, names: (
        f"{_person(body, names)} asked for a test of {body.get('code', '?')}, {_short(body.get('asset'))}, {subject}"
    ),
    EventKind.TEST_BEGUN: lambda subject, body, _: f"test {subject} was begun",
    EventKind.TEST_SENT: lambda subject, body, _: (
        f"test {subject} of {body.get('draft', '?')} went to "
        f"{counted(int(body['taken']), 'enrolled address', 'enrolled addresses')}"
    ),
    EventKind.TEST_REFUSED: lambda subject, body, _: f"test {subject} was not sent: {body.get('code', '?')}",
    EventKind.STEP_RECORDED: lambda subject, body, _: (
        f"step {subject.split('/')[0]} made, result {_short(body.get('payload'))}"
    ),
    EventKind.AUDIENCE_FROZEN: lambda subject, body, _: (
        f"audience {_short(subject)} frozen{f': {_counts(body)}' if _counts(body) else ''}"
    ),
    EventKind.REVIEW_OPENED: lambda subject, body, _: (
        f"review {subject} asked at gate {body.get('gate', '?')}{_about(body)}, round {body.get('round', '?')}, "
        f"fingerprint {_short(body.get('question'))}, until {_until(body, 'expires_at')}"
    ),
    EventKind.REVIEW_REMINDED: lambda subject, body, _: (
        f"{str(body.get('step', '?')).replace('-', ' ')} of review {subject} was due, for {_roles(body)}"
    ),
    EventKind.REVIEW_ESCALATED: lambda subject, body, _: (
        f"review {subject} went to the next in line, {_roles(body)}, who may answer from now on"
    ),
    EventKind.NOTICE_SENT: lambda subject, body, names: (
        f"{_told_whom(body, names)} was told of review {subject}: {str(body.get('step', '?')).replace('-', ' ')}"
    ),
    EventKind.NOTICE_FAILED: lambda subject, body, names: (
        f"{_told_whom(body, names)} could not be told of review {subject}: "
        f"{str(body.get('step', '?')).replace('-', ' ')}, {body.get('code', '?')}; it is tried again"
    ),
    EventKind.ANSWER_READ: lambda subject, _, __: _read(subject),
    EventKind.DELIVERY_REQUESTED: lambda subject, body, _: (
        f"delivery {subject} requested for review {body.get('review', '?')}, manifest {_short(body.get('manifest'))}"
    ),
    EventKind.MODEL_ASKED: lambda subject, body, _: (
        f"{body.get('provider', '?')}/{body.get('model', '?')} was asked, request {subject[:12]}"
    ),
    EventKind.MODEL_CHARGED: lambda subject, body, _: (
        f"{body.get('provider', '?')}/{body.get('model', '?')} {body.get('outcome', '?')}, request {subject[:12]}: "
        f"{body.get('input_tokens', '?')} tokens in, {body.get('output_tokens', '?')} out, "
        f"{_dollars(body.get('cost_microdollars'))}"
    ),
    EventKind.MODEL_REFUSED: lambda subject, body, _: (
        f"nothing was sent to {subject} with {_prompt(body.get('prompt') or {})}: {_code(body)}"
    ),
    EventKind.TOOL_USED: lambda subject, body, _: f"step {body.get('step', '?')} uses {subject}",
    EventKind.TOOL_REFUSED: lambda subject, body, _: (
        f"step {body.get('step', '?')} may not use {subject}: {_code(body)}"
    ),
    EventKind.RUN_REQUESTED: lambda subject, body, names: f"{_person(body, names)} asked for a run, key {subject}",
    EventKind.RUN_NOT_STARTED: lambda subject, body, _: f"no run was made under key {subject}",
    EventKind.RUN_STARTED: lambda subject, body, names: (
        f"{_person(body, names)} started {body.get('campaign', 'a campaign')}, run {subject}"
    ),
    EventKind.RUN_FOUND: lambda subject, body, _: (
        f"nobody started run {subject} at the door; "
        + (f"it came from deployment {body['deployment']}" if body.get("deployment") else "it came from no deployment")
    ),
    EventKind.RUN_RETRIED: lambda subject, body, names: f"{_person(body, names)} had run {subject} go again",
    EventKind.DEPLOYMENT_REQUESTED: lambda subject, body, names: (
        f"{_person(body, names)} asked to set {_settings(body.get('sets'))} of deployment {subject}"
    ),
    EventKind.DEPLOYMENT_SET: lambda subject, body, names: (
        f"{_person(body, names)} set {_settings(body.get('sets'))} of deployment {subject}"
        + (f", and switched off {_settings(body['ends'])}" if body.get("ends") else "")
    ),
    EventKind.RUN_WOKEN_UNANSWERED: lambda subject, body, _: (
        f"the run that asks review {subject} was woken without an answer, and asked again"
    ),
    EventKind.RUN_CANCELLED: lambda subject, body, names: f"{_person(body, names)} cancelled run {subject}",
    EventKind.REQUEST_FORBIDDEN: lambda subject, body, names: (
        f"the door refused {names(subject)} {body.get('method', '')} {body.get('path', '')}"
        + (f": {body['reason']}" if body.get("reason") else "")
    ),
    EventKind.PERSON_INVITED: _about_person("was invited"),
    EventKind.PERSON_PROPOSED: _about_person("was proposed"),
    EventKind.PERSON_CONFIRMED: lambda subject, body, names: (
        f"{names(str(body.get('by', '?')))} confirmed what was proposed about {names(subject)}"
    ),
    EventKind.PERSON_DECLINED: lambda subject, body, names: (
        f"{names(str(body.get('by', '?')))} declined what was proposed about {names(subject)}"
    ),
    EventKind.PERSON_ENROLLED: _about_person("enrolled"),
    EventKind.PERSON_CHANGED: _about_person("got other rights"),
    EventKind.PERSON_REVOKED: _about_person("was revoked"),
    EventKind.PERSON_DELEGATED: _delegated,
    EventKind.DELEGATION_ENDED: lambda subject, body, names: (
        f"{names(str(body['by']))} ended what {names(subject)} had delegated in event {body['delegation']}"
    ),
    EventKind.PERSON_ABSENT: _away,
    EventKind.PERSON_PRESENT: lambda subject, body, names: (
        f"{names(subject)} is back" + ("" if body["by"] == subject else f", says {names(str(body['by']))}")
    ),
    EventKind.CREDENTIAL_SET: lambda subject, body, names: f"{names(subject)} set a password and an authenticator",
    EventKind.PASSKEY_ADDED: lambda subject, body, names: f"{_person(body, names)} added passkey {subject[:12]}",
    EventKind.PASSKEY_USED: lambda subject, body, names: f"{_person(body, names)} used passkey {subject[:12]}",
    EventKind.PASSKEY_REMOVED: lambda subject, body, names: f"{_person(body, names)} removed passkey {subject[:12]}",
    EventKind.IDENTITY_BOUND: lambda subject, body, names: (
        f"{_person(body, names)} signed in through the provider for the first time, identity {subject[:12]}"
    ),
    EventKind.CODE_SPENT: lambda subject, body, _: f"something that is good once was used: {subject[:12]}",
    EventKind.SESSION_OPENED: lambda subject, body, names: f"{_person(body, names)} signed in, session {subject[:12]}",
    EventKind.SESSION_CLOSED: lambda subject, body, _: f"session {subject[:12]} ended: {body.get('why', '?')}",
    EventKind.SIGN_IN_REFUSED: lambda subject, body, _: f"a sign-in to account {subject[:12]} was refused",
    EventKind.SIGN_IN_LOCKED: lambda subject, body, _: f"account {subject[:12]} was locked after too many failures",
    EventKind.REVIEW_SEEN: lambda subject, body, names: f"{_person(body, names)} opened review {subject}",
    EventKind.WORK_STATED: lambda subject, body, names: (
        f"{_person(body, names)} stated {_many(body, 'minutes', 'minute')} of work ({body.get('what', '?')}) "
        f"on run {subject}"
    ),
    EventKind.BASELINE_IMPORTED: lambda subject, body, _: (
        f"baseline {body.get('version', '?')} imported: {body.get('since', '?')} to {body.get('until', '?')}"
    ),
    EventKind.BASELINE_REMOVED: lambda subject, body, _: f"baseline {body.get('version', '?')} removed",
    EventKind.APPLICATION_REFUSED: lambda subject, body, names: (
        f"{_person(body, names)} answered review {body.get('review', subject)} and was refused: {body.get('code', '?')}"
    ),
    EventKind.ANSWER_HELD: lambda subject, body, names: (
        f"{_person(body, names)} answered review {subject}, and may take it back until {_until(body, 'until')}"
    ),
    EventKind.ANSWER_TAKEN_BACK: lambda subject, body, names: (
        f"{_person(body, names)} took the answer to review {subject} back"
    ),
    EventKind.ANSWER_SUBMITTED: lambda subject, body, names: (
        f"the answer of {_person(body, names)} to review {subject} was submitted"
        f"{' and refused: ' + str(body['code']) if body.get('code') else ''}"
    ),
    EventKind.DECISION_WRITTEN: _written,
    EventKind.APPROVAL_GIVEN: _approved_in_part,
    EventKind.SPOT_DRAWN: _drawn,
    EventKind.RULE_SIGNED: lambda subject, body, names: (
        f"{_person(body, names)} as {str(body.get('role', '?')).replace('_', ' ')} signed the rule {subject} in "
        f"version {_short(body.get('version'))}"
    ),
    EventKind.RULE_REVOKED: lambda subject, body, names: (
        f"{_person(body, names)} took the signature under the rule {subject} back"
    ),
    EventKind.POLICIES_ADOPTED: lambda subject, body, _: (
        f"the door took down {subject} in version {_short(body.get('version'))}, in force from now on"
        if body.get("version")
        else f"the door took down that {subject} is in force no more"
    ),
    EventKind.POLICIES_CHANGED: lambda _, body, __: (
        f"the policy files changed to set {_short(body['set'])}: {_lines(body)}"
    ),
    EventKind.POLICIES_SIGNED: lambda _, body, names: (
        f"{_person(body, names)} as {str(body.get('role', '?')).replace('_', ' ')} signed set {_short(body['set'])} of "
        f"the policies, in force from now on: {_lines(body)}"
    ),
    EventKind.SESSION_REFRESHED: lambda subject, body, names: (
        f"{_person(body, names)} proved anew who they are, by {body.get('way', '?')}, session {subject[:12]}"
    ),
    EventKind.CALENDAR_ADDRESS_MADE: lambda subject, body, names: (
        f"{_person(body, names)} made an address for the calendar, {subject[:12]}"
    ),
    EventKind.CALENDAR_ADDRESS_ENDED: lambda subject, body, names: (
        f"{_person(body, names)} took an address of the calendar back, {subject[:12]}"
    ),
    EventKind.GLASS_REQUESTED: _glass_asked,
    EventKind.GLASS_CONFIRMED: lambda subject, body, names: (
        f"BROKEN GLASS: {_person(body, names)}, as {str(body.get('role', '?')).replace('_', ' ')}, confirmed what was "
        f"asked in event {body.get('request', '?')} for review {subject}, until {_until(body, 'expires_at')}"
    ),
    EventKind.GLASS_DECLINED: lambda subject, body, names: (
        f"{_person(body, names)} declined to break the glass for review {subject}, as asked in event "
        f"{body.get('request', '?')}"
    ),
    EventKind.GLASS_REVIEWED: lambda subject, body, names: (
        f"BROKEN GLASS: {_person(body, names)} found it {str(body.get('finding', '?')).upper()} for review {subject}, "
        f"as asked in event {body.get('request', '?')}"
    ),
    EventKind.PERMIT_REFUSED: lambda subject, body, _: (
        f"permit refused for {subject}: {body.get('reason') or body.get('code', '?')}"
    ),
    EventKind.PERMIT_SPENT: lambda subject, body, _: f"permit spent for {subject}",
    EventKind.BATCH_BEGUN: lambda subject, body, _: (
        f"{_many(body, 'rows', 'message')} of {subject} about to go out, from {int(body.get('first', 0)) + 1} on"
    ),
    EventKind.BATCH_SENT: lambda subject, body, _: (
        f"batch {body.get('batch', '?')} of {subject} went out: {_outcomes(body)}"
    ),
    EventKind.DELIVERY_HELD: lambda subject, body, _: (
        f"delivery {subject} held: {body.get('reason') or body.get('code', '?')}"
    ),
    EventKind.DELIVERY_COMPLETED: lambda subject, body, _: f"delivery {subject} completed: {_outcomes(body)}",
    EventKind.DELIVERY_SETTLED: lambda subject, body, _: _settled(
        subject, len(body.get("sent_at", ())), len(body.get("failed_at", ())), _short(body.get("log"))
    ),
    **STOPPING,
    **TELLING,
    **RESTORING,
    EventKind.MESSAGE_BOUNCED: lambda subject, body, _: (
        f"{_many(body, 'count', 'message')} of {subject} bounced "
        f"{_BOUNCED.get(str(body.get('kind')), 'for now')}{', at once' if body.get('at_once') else ''}"
    ),
    EventKind.MESSAGE_COMPLAINED: lambda subject, body, _: (
        f"{_many(body, 'count', 'recipient')} of {subject} called it spam"
    ),
    EventKind.ADDRESS_SUPPRESSED: lambda subject, body, _: (
        f"{_many(body, 'count', 'address', 'addresses')} suppressed: {body.get('reason', '?')}"
    ),
    EventKind.LIFT_PROPOSED: lambda subject, body, names: (
        f"{_person(body, names)} proposed to write again to what bounced: {_lifts(subject)}, {_events(body)}"
    ),
    EventKind.ADDRESS_LIFTED: lambda subject, body, names: (
        f"{_person(body, names)} confirmed that what bounced may be written to again: {_lifts(subject)}, "
        f"{_events(body)}, as proposed in event {body.get('proposal', '?')}"
    ),
}

_ENDED: dict[str, Callable[[Event, Endings], str]] = {
    **dict.fromkeys((kind for kind in DECISION_EVENTS.values() if kind not in _TOLD), _decided),
    EventKind.PERMIT_ISSUED: _permitted,
}
