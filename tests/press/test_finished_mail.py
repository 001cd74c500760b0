"""A fuzzer for the finished mail: whatever is briefed, fed, picked and edited, the bytes say exactly what was signed.

Words enter as they do in earnest: a brief as YAML, a product as a line of CSV, an edit through the form. What is
refused there goes no further; what goes out is read by the standard library's two parsers and by the strict reader.
`make soak` makes it longer.
"""

import csv
import io
import json
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import Message as OldMessage
from email.utils import parseaddr
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from presscheck.assets.copy.letters import Letter
from presscheck.assets.copy.strict_mail import mailbox_in, read_mail, words_in
from presscheck.cleaning import words_of
from presscheck.errors import BriefError, CatalogueError
from presscheck.models import Brief, Copy, Decision, Product, Prompt, Sender
from presscheck.providers.offline import OfflineCopywriter
from presscheck.screening.catalogue import load_product
from tasks.briefs import load_brief
from tests.assets.test_letters import KEY, NAMES, TOKEN
from tests.conftest import Clock, Ledgers
from tests.desk.scene import BRIEF, Scene, draft
from tests.press.stand import Stand
from tests.running import times

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TODAY = AT.date()
PROMPT = Prompt(id="prompts.email-variants", version="1", text="Write.")
_TRICKY = st.sampled_from([
    "=?utf-8?q?=0D=0ABcc:_x@y.z?=", "=?us-ascii?b?DQoNCg==?=", "=?", "?=", "\r\n\r\n", "\nBcc: x@y.z",
    "\r", ".", "..", "--=_", "=3D", "=\r\n", '"', "\\", ",", ";", "<x@y.z>", "(c)", "\u200b", "\ue000",
    "\U000e0041", "\u202e", "\x85", "\u2028", "\x00", "e\u0301", "\u0301", "👩‍👩‍👧", "日本語", "Ünï", "<b>",
    "&amp;", "&#10;", "\t", "  ", "\u00a0", "-- \n", "From x", "http://x.y/", "a" * 90, "word " * 20,
])  # fmt: skip
_any = st.lists(st.one_of(_TRICKY, st.text(st.characters(codec="utf-8"), max_size=12)), max_size=6).map("".join)
_tame = st.lists(
    st.sampled_from(["rain", "Ünï", "日本語", "a,b", '"x"', "(c)", "<d>", "👩‍👩‍👧", "é" * 30, "x" * 50])
).map(" ".join)
anything = st.one_of(_any, _tame)
EXAMPLES = times(60, 3_000)


def words_of_html(page: str) -> list[str]:
    """The words that a reader of the HTML sees, without what stands in its head."""
    found: list[str] = []

    class Read(HTMLParser):
        inside = False

        def handle_starttag(self, tag: str, attrs: Any) -> None:
            self.inside = self.inside or tag == "body"

        def handle_data(self, data: str) -> None:
            if self.inside:
                found.extend(data.split())

    Read(convert_charrefs=True).feed(page)
    return found


def assert_says(raw: bytes, copy: Copy, brief: Brief, sender: Sender) -> None:
    """Exactly the signed sender, subject and words, for three readers; and nothing beside them."""
    modern: Any = message_from_bytes(raw, policy=policy.default)
    old = message_from_bytes(raw, policy=policy.compat32)
    strict = read_mail(raw)

    assert sorted(modern.keys()) == sorted(old.keys()) == NAMES
    assert str(modern["Subject"]) == copy.subject
    assert str(make_header(decode_header(_unfolded(old, "Subject")))) == copy.subject
    assert words_in(dict(strict.headers)["Subject"]) == copy.subject
    (mailbox,) = modern["From"].addresses
    name, address = parseaddr(_unfolded(old, "From"))
    assert mailbox.addr_spec == address == sender.address
    assert str(make_header(decode_header(name))) == sender.name
    assert mailbox_in(dict(strict.headers)["From"]) == (sender.name, sender.address)
    assert not modern.defects
    shape = ["multipart/alternative", "text/plain", "text/html"]
    assert (
        [part.get_content_type() for part in modern.walk()] == [part.get_content_type() for part in old.walk()] == shape
    )
    kinds = [modern.get_body((kind,)).get_content() for kind in ("plain", "html")]
    olds = [part.get_payload(decode=True).decode("utf-8") for part in old.walk() if not part.is_multipart()]
    assert [text.replace("\r\n", "\n") for text in kinds] == [text.replace("\r\n", "\n") for text in olds]
    assert [content.decode() for _, content in strict.leaves] == olds
    action = copy.call_to_action or brief.call_to_action
    foot = f"{sender.name} {sender.postal_address}".split()
    said = [*copy.body.split(), *f"{action.label}: {action.url}".split(), "--", *foot, "Unsubscribe:"]
    text, page = olds
    assert text.split()[:-1] == said
    assert text.split()[-1] == f"http://127.0.0.1:8400/unsubscribe/{TOKEN}"
    assert words_of_html(page) == [
        *copy.preheader.split(),
        *copy.body.split(),
        *action.label.split(),
        *foot,
        "Unsubscribe",
    ]


def _unfolded(mail: OldMessage, name: str) -> str:
    return str(mail[name]).replace("\r\n", "")


def entered_brief(folder: Path, words: dict[str, str]) -> Brief | None:
    """A brief as somebody writes it, or None where it is refused."""
    told = json.loads(BRIEF.model_dump_json()) | {"title": words["title"], "offer": words["offer"], "product": "P1"}
    told["key_points"] = [{"text": words["fact"], "required": True}]
    told["sender"] |= {"name": words["name"], "postal_address": words["postal"]}
    told["call_to_action"] |= {"label": words["label"]}
    path = folder / "brief.yaml"
    path.write_text(yaml.safe_dump(told, allow_unicode=True), "utf-8")
    try:
        return load_brief(path, as_of=TODAY)
    except BriefError:
        return None


def entered_product(folder: Path, words: dict[str, str]) -> Product | None:
    """A product as a feed has it, or None where its row is at fault."""
    text = io.StringIO()
    row = ("P1", words["product"], words["brand"], "49.00", "EUR", words["description"])
    csv.writer(text).writerows([("id", "name", "brand", "price", "currency", "description"), row])
    path = folder / "catalogue.csv"
    path.write_text(text.getvalue(), "utf-8")
    try:
        return load_product(path, "P1")
    except CatalogueError:
        return None


FIELDS = ("title", "offer", "fact", "name", "postal", "label", "product", "brand", "description")


@pytest.mark.slow
@pytest.mark.soak
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    words=st.fixed_dictionaries(dict.fromkeys(FIELDS, anything)),
    edits=st.fixed_dictionaries(dict.fromkeys(("subject", "preheader", "body"), anything)),
    tame=st.booleans(),
)
def test_whatever_is_written_and_fed_the_mail_says_what_was_signed(
    tmp_path: Path, words: dict[str, str], edits: dict[str, str], tame: bool
) -> None:
    plain = {"name": "Brand", "title": "Spring", "offer": "The Fell jacket is here.", "fact": "It keeps the rain out."}
    brief = entered_brief(tmp_path, {**words, **({"postal": "1 Mill Lane", "label": "Look", **plain} if tame else {})})
    product = entered_product(tmp_path, words)
    event(f"brief {'taken' if brief else 'refused'}, product {'taken' if product else 'refused'}")
    if brief is None:
        return
    picks = [one.copy_ for one in OfflineCopywriter().write(brief, product, prompt=PROMPT, count=1, seed=1)]
    taken = {name: words_of(name, text) for name, text in edits.items()}
    changed = {name: text for name, (text, unfit) in taken.items() if text and not unfit}
    # What the desk does with an edit that the form has read.
    picks.append(Copy.model_validate({**picks[0].model_dump(), **changed}))

    for copy in picks:
        raw = Letter.of(copy, brief, sender=brief.sender, at=AT, product=product).to("a@b.com", key=KEY, token=TOKEN)

        assert_says(raw, copy, brief, brief.sender)


@pytest.mark.slow
@pytest.mark.soak
@settings(max_examples=times(4, 100), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    drafts=st.lists(st.fixed_dictionaries({"subject": anything, "tail": anything}), min_size=1, max_size=3),
    edit=st.fixed_dictionaries({"subject": anything, "preheader": anything}),
    number=st.integers(0, 10**9),
)
def test_what_the_press_lays_into_the_outbox_says_what_was_signed(
    tmp_path_factory: pytest.TempPathFactory, drafts: list[dict[str, str]], edit: dict[str, str], number: int
) -> None:
    from presscheck.ledger import make_keys, upgrade

    home = tmp_path_factory.mktemp("fuzz")
    make_keys(home / "keys")
    url = f"sqlite:///{home / 'ledger.db'}"
    upgrade(url)
    ledgers = Ledgers(url, home, Clock())
    # A worker that lies writes whatever it likes past the models.
    written = [
        Copy.model_construct(
            **{**dict(draft(at)), "subject": one["subject"], "body": f"{draft(at).body} {one['tail']}"}
        )
        for at, one in enumerate(drafts)
    ]
    stand = Stand(Scene(ledgers, drafts=[*written, draft(5)], recipients=2))
    edits = [{"pick": f"V{len(written) + 1:02d}", "field": name, "text": text} for name, text in edit.items() if text]

    answer = stand.scene.answer(picks=[f"V{len(written) + 1:02d}"], edits=edits)
    mixed = stand.scene.answer(picks=[f"V{at:02d}" for at in range(1, len(written) + 2)])
    for decision in (answer, mixed):
        if isinstance(decision, Decision):
            stand.request(decision)
    stand.press.step()

    signed = [Copy.model_construct(**one.content) for one in stand.scene.assets]
    event(f"{len(stand.files())} sent")
    for path in stand.outbox.folder.rglob("*.eml"):
        raw = path.read_bytes()
        told = read_mail(raw)
        subject = words_in(dict(told.headers)["Subject"])
        assert mailbox_in(dict(told.headers)["From"]) == (BRIEF.sender.name, BRIEF.sender.address)
        assert subject in {one.subject for one in signed} | {words_of("subject", edit["subject"])[0]}
        mail: Any = message_from_bytes(raw, policy=policy.default)
        assert (str(mail["Subject"]), sorted(mail.keys())) == (subject, NAMES)
    ledgers.close()
