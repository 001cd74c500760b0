"""What a mail server's refusal is about: the mailbox, us, the size, the rate, or nothing that it says clearly.

    about(550, "5.1.1", "<x@example.com>: Recipient address rejected: User unknown")     # "mailbox"
    about(None, "5.0.0", "smtp; 554 5.7.1 Service unavailable; blocked using zen.spamhaus.org")   # "sender"

One reading for bounces and for the SMTP conversation. Codes lie (554 5.7.1 may be an unknown user, and 550 5.1.1
a block list), so words go before codes, the server's own code before a relay's, and what is in doubt is never
"mailbox": whom we take for gone is not written to again.
"""

import re
from typing import Literal

About = Literal["mailbox", "full", "sender", "size", "rate", "greylisted", "passing", "unclear"]
"""mailbox: it is not there, for good. full: it has no room. sender: our domain, address, content, authentication,
right to relay, protocol. size: our message is too large. rate: too much mail from us at once. greylisted: ask again
soon. passing: a fault on the way or over there that mends itself. unclear: it does not say, or it is the rule of that
one recipient.
"""

_UNCLEAR: About = "unclear"
_LONGEST = 2_000
_ADDRESS = re.compile(r"[^\s<>\"'(),;:=]{0,200}@[^\s<>\"'(),;]{1,200}")
# `smtp;`, `X-Outbound-Mail-Relay;`: whose words a report says they are (RFC 3464, 2.3.6).
_PREFIX = re.compile(r"^\s*[a-z][a-z0-9-]{0,40}\s*;")
_CODE = re.compile(r"(?<![0-9.#-])([45][0-9]{2})(?=[ -]|$)")
_REPEATED = re.compile(r"(?<![0-9.])[45][0-9]{2}(?:-|(?= #?[45]\.[0-9]))")
_STATUS = re.compile(r"(?<![0-9.])([245])\.([0-9]{1,3})\.([0-9]{1,3})(?![0-9.]*[0-9])")

# Whom or what a server says it does not know.
_WHO = (
    r"\b(?:e-?mail )?(?:user|recipient|rcpt|mail ?box|inbox|account|address|addressee|username|alias|person|customer|"
    r"local[- ]?part)(?:s|\(s\))?(?: name| address)?\b"
)
# Up to the end of the sentence, and not far.
_SO = r"[^.;]{0,80}?"


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns))


# A rule of one person or one group says nothing of what others would answer, and nothing of the mailbox.
_OWN_RULE = _any(
    r"blocked by (?:the |this )?(?:recipient|user)\b",
    r"user rules|recipient preferences|recipient'?s (?:list|own)\b|refuses to (?:accept|receive)",
    r"recipient (?:has )?(?:only accepts|rejected your)|only accept(?:s|ing) (?:mail|e-?mail|messages) from",
    r"members?[- ]only|closed mailing list|list is (?:closed|private|restricted)",
    r"not allowed to post|non-member|moderated|senderfilter",
    r"resolver\.rst\.(?!recipsizelimit)|restricted.{0,20}(?:recipient|group)|group only accepts",
)

# The first that is found decides. What is about us stands before what is about the mailbox: `Sender address rejected:
# user unknown` and `No such user here. Sender verify failed` speak of our address, not of theirs.
_WORDS: tuple[tuple[About, re.Pattern[str]], ...] = (
    ("greylisted", _any(r"gr[ae]y-?list", r"postgrey", r"you are being deferred for the first time")),
    (
        "size",
        _any(
            r"(?:message|mail|header|data)s? (?:file )?(?:is |was |size )*too (?:big|large|long)",
            r"(?:message|mail|msg|header)s?(?:'s)? (?:size|length) (?:is |was )?(?:greater|larger|exceed|over|limit)",
            r"(?:exceed\w*|over|larger than|above) .{0,40}(?:message|maximum|max|inbound) (?:message )?size",
            r"size exceeds (?:fixed|administrative|maximum|the max)|max(?:imum)? message size",
            r"message (?:length )?exceeds (?:administrative|fixed|maximum)",
            r"taille limite du message|nachricht (?:ist )?zu gro",
        ),
    ),
    # Our own quota at whoever sends for us is no full mailbox.
    ("rate", _any(r"throttl", r"\b(?:daily|hourly|sending|relay)[- ]+(?:\w+ ){0,2}(?:limit|quota)")),
    (
        "full",
        _any(
            r"over ?-?quota|quota.{0,30}(?:exceed|full|violat|exhaust|reached)",
            r"(?:exceed|out of|reached|over|above)\w* .{0,30}quota",
            rf"(?:{_WHO}|mailfolder|maildir) (?:[^.;]{{0,40}} )?(?:is |was |has been )?(?:almost )?full\b|full mailbox",
            r"(?:mailbox|recipient|user|account).{0,30}exceed.{0,40}(?:size|space|storage|limit|capacity)",
            r"(?:exceed\w*|out of|insufficient|not enough) (?:\w+ ){0,2}(?:mailbox|storage|disk)[- ]?"
            r"(?:space|allocation|capacity)",
            r"outofstorage|space has been used up|no space left|would exceed maximum allowed storage",
            r"storage allocation|too many messages on the server",
            r"bo[iî]te.{0,30}pleine|postfach.{0,20}voll|casilla.{0,20}llena",
        ),
    ),
    (
        "rate",
        _any(
            r"too (?:much|many) (?:new |tls |auth |e-?)*(?:mail|message|connection|session|recipient|"
            r"concurrent|smtp|request|invalid|unknown|command)",
            r"too (?:fast|quickly|frequently)|unusual rate|receiving mail at a rate|mail flood",
            r"(?:rate|connection|per-domain)[- ]+(?:\w+ )?(?:limit|quota)|rate[- ]?limit",
            r"try again slower|slow down|unexpected volume|deferred due to user complaints",
            r"max(?:imum)? (?:number of )?(?:connections|recipients|emails per)|numerous attempts to deliver this",
            r"exceeded the (?:max|allowed|limit).{0,30}(?:per|hour|minute|day|connections)|server busy",
            r"trop de (?:connexions|messages)",
        ),
    ),
    (
        "sender",
        _any(
            # Our address and our domain.
            r"sender(?:'s)? (?:e-?mail )?(?:address|domain|verif|was|is|not|rejected|denied|ip|id|policy|name|host)",
            r"(?:domain of|invalid|bad|unrout\w+|unknown|forged|null|envelope|unauthenticated|spoofed) sender",
            r"(?:mail|message)s? from[: ].{0,80}(?:reject|refus|denied|block|invalid|not (?:allowed|accept|permit))",
            r"(?:do not|don'?t|not) own(?:ed)?\b|return(?:-path|ed mail| address)|purported responsible|empty envelope",
            r"batv|backscatter|is not verified|(?:after|in reply to|response to) (?:mail from|helo|ehlo)",
            # Our right to send here.
            r"not (?:allowed|permitted|able|(?:been )?authori[sz]ed) to (?:send|relay|use|submit|connect|mail)",
            # Postfix says `User unknown in relay recipient table` of whom it would pass mail on to.
            r"relay(?! recipient table)|rcpthosts|open proxy|not a gateway|we don'?t handle mail",
            r"account.{0,20}not subscribed",
            r"authenticat|authentification|not logged in|starttls|tls (?:is )?required|must (?:issue|use) (?:a )?tls",
            # Who we are by DNS.
            r"\b(?:spf|dkim|dmarc|arc|sender policy framework|domainkeys)\b|\bptr\b|fcrdns|rdns|helo|ehlo(?!\))",
            r"reverse (?:dns|lookup|hostname)|(?:forward|verified) dns|ip name lookup|unverifiable|dynamic ip",
            r"cannot (?:find|resolve) your|client host|your host ?name|hostname mismatch|mismatches client",
            # What they think of us.
            r"block[- ]?(?:ed|list|ing|s\b)|black[- ]?list|deny[- ]?list|banned|\brbl\b|dnsbl|dbl\b|barracuda",
            r"spamhaus|spamcop|sorbs|senderscore|proofpoint|cloudmark|reputation|listed (?:at|in|by|on)\b",
            r"\bspam|\bunsolicited|bulk (?:e-?)?mail|mass mailer|abus[ei]|complaint|phish|virus|malware|infected",
            r"suspicious|polic(?:y|ies)|organi[sz]ational settings|administrative prohibition|prohibited",
            r"content (?:reject|denied|filter|not accept|violat)|(?:banned|unacceptable|mail) content|attachment",
            r"message (?:was |has been )?(?:filtered|looks like)|not accepted for|rfc ?[258]?[38]22[- ]comp",
            r"(?:your|the) (?:ip|domain|network|client|isp|(?:mail )?server|sending)\b.{0,60}"
            r"(?:reject|refus|denied|not accept|bad|listed|no )",
            r"(?:access|connection|permission)s? (?:is |was )?(?:denied|refused|not accepted) "
            r"(?:from|by|for|to) (?:your|ip|host|\[)",
            r"ip address|not accept(?:ed|ing)? (?:mail|connections|messages) from|not accepting connections",
            r"your domain\b.{0,60}(?:not|unknown|invalid)|from[: ]+header|header[- ]from|certificate|intrusion|\bjunk",
            r"mail from your|protocol violation|network not allowed",
        ),
    ),
    # A name that our own resolver did not find is no proof: with a broken one a whole provider does not exist.
    (
        "passing",
        _any(
            r"name (?:service|server)|nameserver|dns (?:lookup|query|error|fail|timeout)|lookup fail",
            r"could not be resolved|host (?:name )?(?:not found|unknown|lookup)",
            r"temporar(?:y|ily)|try (?:again|later)|try your .{0,20}later|under maintenance",
            r"timed? ?out|time expired|delivery expired|too long in queue|in the queue too long|not reachable",
            r"too many hops|mail loop|loops? back|looping|forwarding loop|loop detected|hop count",
            r"connection (?:refused|reset|dropped|lost|closed)|lost connection|no route to host|unreachable",
            r"could not connect|misconfigured|locally disabled|insufficient system|system (?:full|not accepting)",
            r"(?:server|system|local) (?:config\w* )?error|internal (?:server )?error",
            r"service (?:is )?(?:currently )?(?:unavailable|not available)|busy|frozen|locked",
        ),
    ),
    # These say little: the code decides, if it says more. A mailbox that is switched off is there.
    ("unclear", _any(r"access denied|disabled|inactive|suspended|deactivated|not active|expired|archived")),
    (
        "mailbox",
        _any(
            rf"{_WHO}(?: is| was| are)?[ -]*(?:an )?(?:unknown|not known|not ?found|non-?existent|not exist|inexist)",
            r"(?:unknown|no such|non-?existent)(?: or \w+)?(?: local| virtual| e-?mail| mail| destination)?"
            rf"[ -]*{_WHO}",
            rf"{_WHO}{_SO}(?:does ?n[o']t|doesn't|does not|do not|did not|didn't|cannot|no longer) exist",
            rf"{_WHO}{_SO}(?:not|n't) (?:be )?found|(?:doesn't|does not|don't) have an? .{{0,40}}account",
            rf"not (?:a |an )?(?:known|valid|local|existing) {_WHO}|not our customer|not present in directory",
            rf"(?:invalid|bad destination) (?:destination )?{_WHO}|recipient (?:address )?(?:is )?invalid",
            rf"no {_WHO} (?:here|found|with|by|at|for|under)|no (?:one|mail ?box|valid recipients?) (?:at|here|found)",
            r"no mail ?box .{0,20}(?:by|with|for) (?:that|this) (?:name|address)|mailbox not present",
            r"recip(?:ient)?\.?notfound|resolver\.adr\.(?:recip|ex|bad)|no-?such-?user|badrcptto|validrcptto",
            r"userunknown|unknownuser|invalid-recipient",
            rf"{_WHO}{_SO}(?:has been |was |is )?(?:deleted|terminated|removed|closed|discontinued|cancell?ed)",
            rf"{_WHO}{_SO}no longer (?:\w+ ){{0,3}}(?:here|valid|in use|active|available|works|employed|on server)",
            r"recipient domain (?:must exist|does not exist|not found)|no such domain"
            r"|domain [^.;]{0,80}does not accept mail|recipient address has (?:a )?null ?mx",
            r"utilisateur inconnu|destinataire (?:inconnu|invalide)|usuario (?:desconocido|inexistente|no existe)",
            r"no existe (?:ese|dicha|el|la)|utente (?:sconosciuto|inesistente)|nessun utente|gebruiker onbekend",
            r"(?:benutzer|empf[aä]nger|adressat|postfach|adresse) (?:ist )?(?:unbekannt|existiert nicht)",
            r"(?:unbekannter|kein) (?:benutzer|empf[aä]nger)|(?:benutzer|empf[aä]nger) nicht (?:gefunden|bekannt)",
            r"(?:usu[aá]rio|destinat[aá]rio) (?:desconhecido|inexistente|n[aã]o (?:existe|encontrado))",
        ),
    ),
)

# RFC 3463, the registry "SMTP Enhanced Status Codes" of IANA (2024-02-01), RFC 7505 for X.1.10 and X.7.27, RFC 7372
# for X.7.20 to X.7.25. What a subject has for the rest stands under None; a code that is not here is unclear.
_BY_STATUS: dict[int, dict[int | None, About]] = {
    1: {1: "mailbox", 2: "mailbox", 3: "mailbox", 6: "mailbox", 7: "sender", 8: "sender", 10: "mailbox"},
    2: {2: "full", 3: "size"},
    3: {1: "passing", 2: "passing", 3: "sender", 4: "size", 5: "passing"},
    4: {None: "passing"},
    5: {0: "unclear", 3: "rate", None: "sender"},
    # 5.6.7 speaks of an address that is not ASCII, the recipient's as well as ours.
    6: {7: "unclear", None: "sender"},
    7: {2: "unclear", 17: "unclear", 18: "unclear", 28: "rate", None: "sender"},
}
# Microsoft's numbers for the rule of one group or one mailbox, as 7.2 is for a list; 7.17 and 7.18 are new owners.
_MICROSOFT = (*range(120, 126), *range(129, 137))
# RFC 5321 section 4.2.3, RFC 7504 for 556, RFC 4954 for 530 to 538. 550, 551, 553 and 554 say nothing by themselves.
_BY_CODE: dict[int, About] = {
    421: "passing", 450: "passing", 451: "passing", 452: "passing", 454: "passing", 455: "passing",
    500: "sender", 501: "sender", 502: "sender", 503: "sender", 504: "sender", 555: "sender",
    530: "sender", 534: "sender", 535: "sender", 538: "sender", 552: "full", 556: "mailbox",
}  # fmt: skip


def is_about_us(about: About) -> bool:
    """Whether everybody else would be refused likewise: it counts against the sending, never against a reader."""
    return about in ("sender", "size", "rate")


def about(code: int | None, status: str, words: str) -> About:
    """What a refusal is about. `code` is the reply's three digits; None: it is looked for in the words.

    `status` is an enhanced status code such as "5.1.1" or empty; `words` what the server said, with or without the
    codes, of any length and any number of lines (the first 2,000 characters count). Never raises.
    """
    # Addresses are taken out: nobody's name is to decide that they are gone (`no-such-user@`, `spam@`).
    said = _PREFIX.sub("", words[:_LONGEST].lower().replace("’", "'"))
    said = " ".join(_ADDRESS.sub(" ", said).split())
    reply = code or next((int(found[1]) for found in _CODE.finditer(said)), None)
    subject, detail = _status(said, status)
    # A reply of several lines repeats its codes in each; what counts is the sentence.
    said = " ".join(_STATUS.sub(" ", _REPEATED.sub(" ", said)).split())
    if _OWN_RULE.search(said):
        return "unclear"
    found: About | None = next((name for name, pattern in _WORDS if pattern.search(said)), None)
    if subject == 1 and detail in (7, 8):
        # It names the sender, whatever `no such domain` it says of it.
        found = "sender"
    elif (subject, detail) == (4, 1) and "recipient address rejected: access denied" in said:
        # Exchange Online says it of whoever is not in its directory (Microsoft: Directory-Based Edge Blocking).
        found = "mailbox"
    coded = _coded(subject, detail)
    if found is None or found == "unclear":
        found = coded or found or _BY_CODE.get(reply or 0, _UNCLEAR)
    elif found == "passing" and (reply or 0) >= 500 and coded is not None and coded != "mailbox":
        found = coded
    # What is refused for now is not gone, whatever words it comes with.
    for_now = (reply or 0) // 100 == 4 or status.strip().startswith("4")
    if found == "mailbox" and for_now:
        return "passing"
    return found


def _coded(subject: int, detail: int) -> About | None:
    if subject == 7 and detail in _MICROSOFT:
        return "unclear"
    details = _BY_STATUS.get(subject, {})
    return details[detail] if detail in details else details.get(None)


def _status(said: str, status: str) -> tuple[int, int]:
    """Subject and detail: the server's own code in its words, unless it says nothing (X.0.0) and the field does."""
    told = [*_STATUS.finditer(said), *_STATUS.finditer(status)]
    numbers = [(int(found[2]), int(found[3])) for found in told if found[1] != "2"]
    return next((pair for pair in numbers if pair[0]), (0, 0))
