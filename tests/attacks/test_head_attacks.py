"""Words that a mail program reads as other words, or as headers: refused wherever they enter, and never sent.

`=?charset?b?...?=` says other characters in a header (RFC 2047). What decodes it on the way in, as Python's
`EmailMessage` does, makes headers and a body out of the line ends inside.
"""

import base64
import functools
from collections.abc import Callable
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
import yaml

from presscheck.assets.copy import letters
from presscheck.assets.copy.letters import Letter
from presscheck.digests import digest_of
from presscheck.errors import BriefError, CatalogueError, NotAsSigned
from presscheck.ledger import EventKind
from presscheck.ledger.reviews import record_decision
from presscheck.models import Author, Copy, Refused, Sender
from presscheck.press.channels import Failed, Message, Sent
from presscheck.press.channels.smtp_line import Envelope, Line
from presscheck.providers.model_answers import FullWords, Harvest
from presscheck.screening.catalogue import check_catalogue, load_product
from tasks.briefs import load_brief
from tests.assets.test_letters import AT, KEY, TOKEN
from tests.attacks.test_press_attacks import _decision, _picked
from tests.desk.scene import BRIEF, Ledgers, Scene, draft
from tests.desk.test_writing import Desk as WritingDesk
from tests.press.mailing import Papers, Running, channel, mail_server, make_papers
from tests.press.stand import Stand
from tests.press.test_public_channels import public_scene
from tests.press.test_smtp import hand_over, mail_to
from tests.tasks.test_briefs import GOOD, TODAY, written

INJECTED = "A jacket\r\nBcc: everybody@evil.example\r\nContent-Type: text/html\r\n\r\n<h1>Foreign words</h1>"
CODED = {
    "base64": f"=?us-ascii?b?{base64.b64encode(INJECTED.encode()).decode()}?=",
    "quoted": "=?utf-8?Q?A=0D=0ABcc:_everybody@evil.example?=",
    "a bare LF": "=?utf-8?q?A=0ABcc:_everybody@evil.example?=",
    "another charset": f"=?utf-7?b?{base64.b64encode(b'+AA0-+AAo-Bcc: x@evil.example').decode()}?=",
    "a language": "=?us-ascii*en?q?A=0D=0ABcc:_x@evil.example?=",
    "two in a row": "=?utf-8?q?A=0D?= =?utf-8?q?=0ABcc:_x@evil.example?=",
    "among words": "Rain =?utf-8?b?DQpCY2M6IHhAZXZpbC5leGFtcGxl?= again",
    "no line end, only other words": "=?utf-8?b?V2lubmVyISBDYWxsIG5vdw==?=",
    "cut off": "=?utf-8?q?A=0D=0ABcc:",
    "half of it": "Is 1+1=?",
}
codes = pytest.mark.parametrize("coded", CODED.values(), ids=CODED)


# ---------------------------------------------------------------- where words enter


PLACES = [
    ("title",), ("offer",), ("persona",), ("claims", 0, "text"), ("call_to_action", "label"), ("sender", "name"),
    ("sender", "postal_address"), ("key_points",), ("keywords",),
]  # fmt: skip


@codes
@pytest.mark.parametrize("place", PLACES, ids=lambda place: ".".join(map(str, place)))
def test_a_brief_with_a_coded_word_is_refused_with_its_line(tmp_path: Path, place: tuple[Any, ...], coded: str) -> None:
    told = yaml.safe_load(GOOD)
    *above, last = place
    inner = functools.reduce(lambda found, step: found[step], above, told)
    inner[last] = {"key_points": [{"text": coded}], "keywords": [coded]}.get(last, coded)
    text = yaml.safe_dump(told, width=10_000)

    with pytest.raises(BriefError) as raised:
        load_brief(written(tmp_path, text), as_of=TODAY)

    (fault,) = raised.value.faults
    assert fault.line == next(at for at, line in enumerate(text.split("\n"), start=1) if "=?" in line)
    assert "mail programs read as other words; write it otherwise" in fault.message


@codes
@pytest.mark.parametrize("column", ["id", "name", "category", "brand"])
def test_one_row_of_a_feed_with_a_coded_word_is_a_fault_with_its_line(tmp_path: Path, column: str, coded: str) -> None:
    row = {"id": "P2", "name": "Mug", "category": "c", "brand": "b", "price": "9.00", "currency": "EUR", column: coded}
    catalogue = tmp_path / "catalogue.csv"
    catalogue.write_text(
        f"{','.join(row)}\nP1,Lamp,c,b,12.00,EUR\n" + ",".join(f'"{cell}"' for cell in row.values()) + "\n"
    )

    (fault,) = check_catalogue(catalogue)

    assert (fault.line, fault.where.endswith(column)) == (3, True)
    assert "mail programs read as other words" in fault.message
    assert load_product(catalogue, "P1").name == "Lamp"
    with pytest.raises(CatalogueError, match="mail programs read as other words"):
        load_product(catalogue, row["id"])


@pytest.mark.parametrize("hidden", ["\u200b", "\ue000", "\ufdd0", "\x9b", "\U000e0041", "\u202e"])
def test_a_feeds_words_are_cleaned_where_they_enter(tmp_path: Path, hidden: str) -> None:
    catalogue = tmp_path / "catalogue.csv"
    catalogue.write_text(
        f"id,name,price,currency,description\nP1,La{hidden}mp  one,12.00,EUR,A{hidden} lamp\nP2,={hidden}?x,1.00,EUR,\n"
    )

    product = load_product(catalogue, "P1")

    assert (product.name, product.description) == ("Lamp one", "A lamp")
    (fault,) = check_catalogue(catalogue)
    assert (fault.line, "mail programs read as other words" in fault.message) == (3, True)


@codes
@pytest.mark.parametrize("field", ["subject", "preheader"])
def test_an_edit_with_a_coded_word_is_refused_with_words(sqlite_ledgers: Ledgers, field: str, coded: str) -> None:
    scene = Scene(sqlite_ledgers)

    refused = scene.answer(edits=[{"pick": "V01", "field": field, "text": coded}])

    assert isinstance(refused, Refused)
    assert f"V01: the new {field}: character" in refused.reason
    assert "mail programs read as other words" in refused.reason
    assert scene.kinds("decision:") == []


HIDDEN = {
    "private use": "fr\ue000ee",
    "a noncharacter": "fr\ufdd0ee",
    "a C1 control": "fr\x9bee",
    "tags": "fr\U000e0065ee",
    "a zero width space": "fr\u200bee",
    "turned around": "fr\u202eee",
    "a selector": "fr\ufe0fee",
    "a filler": "fr\u3164ee",
    "a joiner between letters of Europe": "fr\u200dee",
    "a NUL": "fr\x00ee",
}
hides = pytest.mark.parametrize("hidden", HIDDEN.values(), ids=HIDDEN)


@hides
@pytest.mark.parametrize("field", ["subject", "preheader", "body"])
def test_an_edit_with_what_nobody_sees_is_refused_and_says_which_character(
    sqlite_ledgers: Ledgers, field: str, hidden: str
) -> None:
    scene = Scene(sqlite_ledgers)

    refused = scene.answer(
        edits=[{"pick": "V02", "field": field, "text": f"Now {hidden}."}], picks=["V01", "V02", "V03"]
    )

    assert isinstance(refused, Refused)
    assert f"V02: the new {field}: character 7 is U+{ord(hidden[2]):04X} (" in refused.reason
    assert scene.kinds("decision:") == []


@pytest.mark.parametrize("part", ["subject", "preheader", "body"])
def test_a_text_of_ones_own_with_what_nobody_sees_is_refused(sqlite_ledgers: Ledgers, part: str) -> None:
    refused = WritingDesk(sqlite_ledgers).hand_in(**{part: "Go out\ue000 when it rains"})

    assert isinstance(refused, Refused)
    assert "character 7 is U+E000" in refused.reason


@codes
@pytest.mark.parametrize("between", ["", "\u200b", "\ue000", "\x00"])
def test_a_models_answer_with_a_coded_word_is_left_out_and_counted(coded: str, between: str) -> None:
    harvest = Harvest(BRIEF, None, count=2)
    author = Author.machine("model", "m", "prompts.x", "1")
    bad = coded.replace("=?", f"={between}?", 1)
    offered = [
        FullWords(subject=bad, body="One text of its own."),
        FullWords(subject="Rain", body="Quite\ue000 another."),
    ]

    harvest.take(offered, author)

    (kept,) = harvest.variants
    assert (kept.copy_.subject, kept.copy_.body) == ("Rain", "Quite another.")
    assert harvest.left_out == {"a line that mail programs read as other words": 1}


# ---------------------------------------------------------------- what is in the ledger all the same


def _unchecked(**changed: Any) -> Copy:
    return Copy.model_construct(**{**dict(draft(0)), **changed})


@pytest.mark.parametrize(
    "changed",
    [
        {"subject": CODED["base64"]},
        {"subject": CODED["quoted"]},
        {"subject": "Rain\u202e"},
        {"body": "Fr\ue000ee rain."},
    ],
)
def test_a_draft_that_a_worker_wrote_past_the_models_is_not_approved_and_not_sent(
    sqlite_ledgers: Ledgers, changed: dict[str, str]
) -> None:
    scene = Scene(sqlite_ledgers, drafts=[_unchecked(**changed), draft(1), draft(2)])
    stand = Stand(scene)

    refused = scene.answer(picks=["V01", "V02", "V03"])

    assert isinstance(refused, Refused)
    assert "is no copy that may go out" in refused.reason
    # Even signed, as it was before: a ledger of an earlier version holds such decisions.
    with sqlite_ledgers.door.write() as tx:
        record_decision(tx, _decision(scene, _picked(scene)), run=scene.run)
    delivery = scene.request(_picked(scene))
    stand.press.step()
    assert stand.row(delivery).state == "held"
    assert stand.files() == []


@codes
def test_a_sender_that_a_worker_wrote_past_the_models_is_approved_by_nobody(
    sqlite_ledgers: Ledgers, coded: str
) -> None:
    sender = Sender.model_construct(name=coded, address="news@brand.example", postal_address="1 Mill Lane, Leeds")
    scene = Scene(sqlite_ledgers, brief=BRIEF.model_copy(update={"sender": sender}))
    stand = Stand(scene)

    refused = scene.answer()

    assert isinstance(refused, Refused)
    delivery = scene.request(_picked(scene))
    stand.press.step()
    assert stand.row(delivery).state == "held"
    assert stand.files() == []


# ---------------------------------------------------------------- the finished head


def _as_python_would(text: str) -> bytes:
    """A subject as it was written before: decoded on the way in."""
    return b"Subject: " + base64.b64decode(CODED["base64"].split("?")[3]) + b"\r\n"


def _twice(text: str) -> bytes:
    return b"Subject: A jacket\r\nSubject: Another\r\n"


def _other(text: str) -> bytes:
    return b"Subject: Another jacket\r\n"


def _bare(text: str) -> bytes:
    return b"Subject: A jacket\n\r\n"


@pytest.mark.parametrize("broken", [_as_python_would, _twice, _other, _bare])
def test_a_writer_of_heads_that_goes_wrong_holds_the_delivery(
    sqlite_ledgers: Ledgers, monkeypatch: pytest.MonkeyPatch, broken: Callable[[str], bytes]
) -> None:
    stand = Stand(Scene(sqlite_ledgers))
    delivery = stand.approve_and_request()
    monkeypatch.setattr(letters, "subject_line", broken)

    stand.press.step()

    row = stand.row(delivery)
    assert (row.state, stand.files()) == ("held", [])
    assert "ask again in a new run" in row.reason
    with sqlite_ledgers.press.read() as tx:
        (held,) = tx.events(EventKind.DELIVERY_HELD, subject=delivery)
    assert held.data["code"] == "not-as-signed"


@pytest.mark.parametrize(
    "line",
    [
        b"From: Brand <news@evil.example>\r\n",
        b"From: Brand <news@brand.example>, Evil <e@evil.example>\r\n",
        b"From: Another Brand <news@brand.example>\r\n",
        b"From: news@brand.example\r\n",
        b"Sender: e@evil.example\r\nFrom: Brand <news@brand.example>\r\n",
        b"From: =?utf-8?q?Brand?= (x) <news@brand.example>\r\n",
    ],
)
def test_another_sender_than_the_signed_one_makes_no_letter(monkeypatch: pytest.MonkeyPatch, line: bytes) -> None:
    monkeypatch.setattr(letters, "from_line", lambda name, address: line)

    with pytest.raises(NotAsSigned):
        Letter.of(draft(0), BRIEF, sender=BRIEF.sender, at=AT)


def test_words_beside_the_signed_ones_make_no_letter(monkeypatch: pytest.MonkeyPatch) -> None:
    body = letters._body

    for text, html in (("More words.", None), (None, "<p>More</p>")):
        monkeypatch.setattr(letters, "_body", lambda t, h, s, text=text, html=html: body(text or t, html or h, s))
        with pytest.raises((NotAsSigned, ValueError)):
            Letter.of(draft(0), BRIEF, sender=BRIEF.sender, at=AT)


@pytest.mark.parametrize(
    "address",
    ["a@b.com\r\nBcc: x@evil.example", "a@b.com,x@evil.example", "<a@b.com>", "a@b.com\n", '"a b"@c.com', "a@b@c"],
)
def test_a_recipients_own_lines_hold_one_address_whoever_says_it_is_one(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    letter = Letter.of(draft(0), BRIEF, sender=BRIEF.sender, at=AT)
    monkeypatch.setattr(letters, "sendable_address", lambda address: True)

    with pytest.raises((NotAsSigned, UnicodeEncodeError)):
        letter.to(address, key=KEY, token=TOKEN)


@pytest.mark.parametrize("local", ["mary.o'neil", "a&b", "a+b", "x#y", "a_b-c", "1{2}3"])
def test_an_address_of_plain_atoms_stands_in_a_head_as_it_is(monkeypatch: pytest.MonkeyPatch, local: str) -> None:
    monkeypatch.setattr(letters, "sendable_address", lambda address: True)
    letter = Letter.of(draft(0), BRIEF, sender=BRIEF.sender, at=AT)

    raw = letter.to(f"{local}@xn--e1afmkfd.xn--p1ai", key=KEY, token=TOKEN)

    (mailbox,) = message_from_bytes(raw, policy=policy.default)["To"].addresses
    assert mailbox.addr_spec == f"{local}@xn--e1afmkfd.xn--p1ai"


def test_a_message_whose_own_lines_go_wrong_holds_the_rest(
    sqlite_ledgers: Ledgers, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand = Stand(Scene(sqlite_ledgers))
    delivery = stand.approve_and_request()
    checked = letters._checked_address
    monkeypatch.setattr(
        letters, "_checked_address", lambda to: f"{checked(to)}\r\nBcc: x@evil.example" if "person5" in to else to
    )

    stand.press.step()

    row = stand.row(delivery)
    assert (row.state, row.sent, len(stand.files())) == ("held", 3, 3)
    assert not [mail for mail in stand.mails() if mail["Bcc"]]


# ---------------------------------------------------------------- the wire


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Papers:
    return make_papers(tmp_path_factory.mktemp("papers"))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, papers: Papers) -> Any:
    with mail_server(tmp_path_factory.mktemp("server"), papers=papers) as running:
        yield running


SMUGGLED = "MAIL FROM:<ceo@brand.example>\r\nRCPT TO:<x@evil.example>\r\nDATA\r\nSubject: Foreign\r\n\r\nWords"


@pytest.mark.parametrize(
    "end",
    ["\n.\r\n", "\n.\n", "\r.\r\n", "\r.\r", "\r\n.\n", "\n.\r", "\r\n.\r\r\n", "\n", "\r"],
    ids=lambda end: end.encode().hex(),
)
def test_no_message_smuggles_another_one_behind_a_bare_line_end(server: Running, tmp_path: Path, end: str) -> None:
    server.forget()
    smtp = channel(server, tmp_path)
    bad, good = mail_to("one@example.com", body=f"Hello.{end}{SMUGGLED}"), mail_to("two@example.com")

    answers = hand_over(smtp, [bad, good])
    smtp.hang_up()

    answer = answers["one@example.com"]
    assert isinstance(answer, Failed)
    assert answer.reason == "not handed over: it holds a line end that is not CRLF"
    assert answers["two@example.com"] == Sent(good.key)
    assert server.addresses() == ["two@example.com"]


@pytest.mark.parametrize("body", ["x" * 999, "\0", "Grüße"])
def test_what_a_server_could_cut_or_recode_is_not_handed_over(server: Running, tmp_path: Path, body: str) -> None:
    server.forget()
    smtp = channel(server, tmp_path)

    answers = hand_over(smtp, [mail_to("one@example.com", body=body)])
    smtp.hang_up()

    assert isinstance(answers["one@example.com"], Failed)
    assert server.addresses() == []


@pytest.mark.parametrize(
    "address",
    [
        "a@b.com>\r\nRCPT TO:<x@evil.example",
        "a@b.com> SIZE=1 <x@evil.example",
        "a@b.com\n",
        "a b@c.com",
        "",
        "a@b.com\x7f",
        "ä@b.com",
    ],
)
@pytest.mark.parametrize("side", ["sender", "recipient"])
def test_no_address_of_an_envelope_is_another_command(server: Running, side: str, address: str) -> None:
    server.forget()
    given = {"sender": "bounce+1@brand.example", "recipient": "one@example.com", side: address}

    with Line.open(server.server()) as line:
        answer = line.hand_over(Envelope(**given, content=b"Subject: x\r\n\r\nx\r\n"), lambda: None, lambda: None)
        assert line.usable

    assert (answer.kind, "no plain address" in answer.words) == ("refused", True)
    assert server.addresses() == []


@pytest.mark.parametrize("args", ["FROM:<a@b.c>\r\nRCPT TO:<x@y.z>", "FROM:<a@b.c>\n", "\r"])
def test_no_argument_of_a_command_begins_another_one(server: Running, args: str) -> None:
    with Line.open(server.server()) as line, pytest.raises(ValueError, match="newline"):
        line._client.docmd("MAIL", args)


# ---------------------------------------------------------------- the same for everybody


def test_a_post_of_words_that_a_worker_wrote_past_the_models_reaches_no_file(sqlite_ledgers: Ledgers) -> None:
    scene = public_scene(sqlite_ledgers, "social", drafts=1)
    bad = Scene(
        sqlite_ledgers,
        brief=scene.brief,
        drafts=[Copy.model_construct(channel="social", subject="", preheader="", body="Fr\ue000ee.", image=None)],
        audience=None,
        audience_rows=0,
        run="6f0c6a52-0000-4000-8000-000000000002",
        people=False,
    )

    refused = bad.answer(picks=["V01"])

    assert isinstance(refused, Refused)
    assert "body: character 3 is U+E000" in refused.reason


def test_the_same_message_to_nobody_else() -> None:
    """A message's own key and address are in it, and no other recipient's."""
    letter = Letter.of(draft(0), BRIEF, sender=BRIEF.sender, at=AT)
    one, other = (
        Message(digest_of(to), to, letter.to(to, key=digest_of(to), token=TOKEN)) for to in ("a@b.com", "c@d.com")
    )

    assert b"c@d.com" not in one.content
    assert other.key.encode() not in one.content
