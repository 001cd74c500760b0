"""Words that would be more than words where they meet a grammar: calendars, tables, front matter, commits, logs.

Each file is read back by a program that nobody here wrote, and says the words and nothing else.
"""

import csv
import html
import io
import logging
import re
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import icalendar
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from markdown import markdown as another_markdown
from markdown_it import MarkdownIt

from presscheck.assets.copy.posts import Post
from presscheck.cleaning import clean_line, clean_text, markdown_text
from presscheck.cli import output
from presscheck.models import CallToAction, Copy, Refused, Sender
from presscheck.notices import Notice, words_for
from presscheck.outbound.posting import Poster
from presscheck.press.channels import Failed, Message, Sent, ical
from presscheck.press.channels.blog_git import BlogGit, front_matter, markdown
from presscheck.press.channels.calendar_files import SocialCalendar
from presscheck.press.channels.git_branch import Branch
from presscheck.press.channels.search_csv import SearchCsv
from presscheck.settings.logs import begin_logging
from presscheck.settings.ways_out import GitSection
from tests.desk.scene import BRIEF, Ledgers, Scene, draft
from tests.press.stand import Stand
from tests.press.test_channel_files import ad, rows, social
from tests.press.test_recalling import done, recalled

DELIVERY = "D-0123456789ab"
AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
words = st.text(alphabet=st.characters(codec="utf-8"), max_size=200).map(clean_text).map(str.strip).filter(bool)


def post_of(copy: Copy, sender: Sender = BRIEF.sender) -> Post:
    return Post.of(copy, BRIEF, asset="a" * 64, delivery=DELIVERY, run="r", sender=sender, at=AT, place=(0, 1))


def named(name: str) -> Sender:
    return BRIEF.sender.model_copy(update={"name": name})


# ---------------------------------------------------------------- iCalendar

EVENT_TEXTS = [
    "Rain\nEND:VEVENT\nBEGIN:VEVENT\nUID:other",
    "Rain\nATTENDEE:mailto:x@evil.example",
    "Rain\nBEGIN:VALARM\nACTION:EMAIL\nEND:VALARM",
    "A backslash \\n and \\N, C:\\New\\name; and, commas\\",
    "\\;\\,\\\\",
    "Ünï 👩‍👩‍👧 " * 30,
    " ".join(["word"] * 200),
    ":;,\"'`^",
]


@pytest.mark.parametrize("text", EVENT_TEXTS)
def test_a_post_in_a_calendar_is_one_property_with_exactly_its_words(tmp_path: Path, text: str) -> None:
    text = clean_text(text).strip()

    SocialCalendar(tmp_path, hour=9).send(DELIVERY, [social(text)])

    raw = (tmp_path / f"{DELIVERY}.ics").read_bytes()
    lines = raw.replace(b"\r\n ", b"").decode().split("\r\n")
    assert [line for line in lines if line.startswith(("BEGIN", "END", "UID", "ATTENDEE", "ACTION"))][1:4:2] == [
        "BEGIN:VEVENT",
        "END:VEVENT",
    ]
    (said,) = [line.removeprefix("DESCRIPTION:") for line in lines if line.startswith("DESCRIPTION:")]
    assert _unescaped(said) == f"{text}\n\nhttps://brand.example/fell"
    assert max(map(len, raw.split(b"\r\n"))) <= 75
    assert len(icalendar.Calendar.from_ical(raw).walk("VEVENT")) == 1


def _unescaped(value: str) -> str:
    return re.sub(r"\\(.)", lambda found: "\n" if found[1] in "nN" else found[1], value)


@given(words)
def test_any_text_is_read_back_from_a_calendar_as_it_is(text: str) -> None:
    raw = ical.calendar("PUBLISH", [[ical.line("UID", "1"), ical.line("DESCRIPTION", ical.text(text))]])

    (line,) = [one for one in raw.decode().replace("\r\n ", "").split("\r\n") if one.startswith("DESCRIPTION:")]
    assert _unescaped(line.removeprefix("DESCRIPTION:")) == text
    raw.decode("utf-8")
    for piece in raw.split(b"\r\n"):
        piece.decode("utf-8")
        assert len(piece) <= 75


@pytest.mark.parametrize(
    "name", ["Brand", 'Ben, "the" Jerry; x:y^', "Ünï", "a;ROLE=CHAIR:mailto:x@evil.example", "B" * 200]
)
@pytest.mark.parametrize("cancelled", [False, True])
def test_a_calendar_has_what_rfc_5546_asks_of_its_method(tmp_path: Path, name: str, cancelled: bool) -> None:
    made = SocialCalendar(tmp_path, hour=9, clock=lambda: datetime(2026, 3, 5, 12, tzinfo=UTC))
    one = social("Rain stays out.")
    assert one.post is not None
    post = post_of(Copy(channel="social", body="Rain stays out."), named(name))
    made.send(DELIVERY, [Message(one.key, "", one.content, post)])
    if cancelled:
        made.take_back(DELIVERY, [one.key])

    path = tmp_path / f"{DELIVERY}{'.recall' if cancelled else ''}.ics"
    calendar = icalendar.Calendar.from_ical(path.read_bytes())

    (event,) = calendar.walk("VEVENT")
    assert (str(calendar["METHOD"]), str(calendar["VERSION"])) == ("CANCEL" if cancelled else "PUBLISH", "2.0")
    assert str(event["ORGANIZER"]) == "mailto:news@brand.example"
    assert event["ORGANIZER"].params["CN"] == name
    # When it was made, and so not later than the event itself; a cancellation is younger than what it cancels.
    assert event.decoded("DTSTAMP") == (datetime(2026, 3, 5, 12, tzinfo=UTC) if cancelled else AT)
    assert event.decoded("DTSTART") == datetime(2026, 3, 3, 9, tzinfo=UTC)
    assert (event.get("SEQUENCE"), event.get("STATUS")) == ((1, "CANCELLED") if cancelled else (None, None))
    assert not [key for key in event if key.upper().startswith(("ATTENDEE", "REQUEST-STATUS"))]
    assert str(event["UID"]) == f"{one.key}@presscheck"


def test_posts_that_were_published_without_an_organizer_can_still_be_recalled(tmp_path: Path) -> None:
    made = SocialCalendar(tmp_path, hour=9)
    one = social("Rain stays out.")
    made.send(DELIVERY, [one])
    path = tmp_path / f"{DELIVERY}.ics"
    path.write_bytes(re.sub(rb"ORGANIZER[^\r]*\r\n", b"", path.read_bytes()))

    made.take_back(DELIVERY, [one.key])

    (event,) = icalendar.Calendar.from_ical((tmp_path / f"{DELIVERY}.recall.ics").read_bytes()).walk("VEVENT")
    assert (str(event["STATUS"]), "ORGANIZER" in event) == ("CANCELLED", False)


@pytest.mark.parametrize("value", ["a\nb", "a\r\nATTENDEE:x", "a\x1b[31m", "a\u2028b", "a\x00"])
def test_no_value_of_a_calendar_is_two_lines(value: str) -> None:
    with pytest.raises(ValueError, match="holds a line end"):
        ical.line("URL", value)


# ---------------------------------------------------------------- tables

FORMULAS = ["=1+1", '=HYPERLINK("https://evil.example","Look")', "@SUM(1+1)", "+1+cmd|' /C calc'!A0", "-2+3+cmd|'!A1"]


def _runs(cell: str) -> bool:
    return cell.startswith(("=", "＝")) or (cell.startswith(("+", "-", "@")) and re.search(r"[(!|]", cell) is not None)


@pytest.mark.parametrize("formula", FORMULAS)
@pytest.mark.parametrize("before", ["", "Save;", "Save; ", 'Save;"', "Save\n", "Save\n\n", "One\nTwo;'"])
def test_no_post_begins_a_cell_that_a_spreadsheet_runs(tmp_path: Path, before: str, formula: str) -> None:
    made, text = SocialCalendar(tmp_path, hour=9), f"{before}{formula}"
    first = social(text)

    made.send(DELIVERY, [first])
    # Read back and written again: the words are still the same.
    made.send(DELIVERY, [social("Another one.", place=(1, 2))])

    content = (tmp_path / f"{DELIVERY}.csv").read_bytes()
    cells = [cell for row in csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")) for cell in row]
    # An apostrophe keeps a cell from being run, wherever the cell begins.
    guarded = [cell for cell in _split_at_apostrophes(content) if _runs(cell)]
    assert guarded == []
    assert [cell for cell in cells if _runs(cell)] == []
    said = [
        str(one["DESCRIPTION"])
        for one in icalendar.Calendar.from_ical((tmp_path / f"{DELIVERY}.ics").read_bytes()).walk("VEVENT")
    ]
    assert f"{text}\n\nhttps://brand.example/fell" in said


def _split_at_apostrophes(content: bytes) -> list[str]:
    """What begins a cell with semicolons and is not kept from running by an apostrophe."""
    text = content.decode("utf-8-sig").replace('""', '"')
    return [cell.lstrip('" ') for line in re.split(r"[\r\n]+", text) for cell in line.split(";")]


@given(words)
def test_whatever_is_guarded_is_read_back_as_it_was(text: str) -> None:
    from presscheck.press.channels.calendar_files import _csv, _Entry, _read

    entry = _Entry("a" * 64, AT.replace(second=0), text, "https://x.example/", "c", "US")

    written = _csv([entry]).decode("utf-8-sig")

    assert _read(list(csv.reader(io.StringIO(written, newline="")))[1]) == entry


@pytest.mark.parametrize("text", ["- one\n- two\n- three", "Ask\n@brand", "Now -10 %; more", "a;b, c\td"])
def test_lists_and_names_in_a_post_are_left_alone(tmp_path: Path, text: str) -> None:
    SocialCalendar(tmp_path, hour=9).send(DELIVERY, [social(f"Look: {clean_text(text)}")])

    assert rows(tmp_path / f"{DELIVERY}.csv")[0]["Text"] == f"Look: {text}"


@pytest.mark.parametrize("formula", FORMULAS)
def test_an_ad_with_a_formula_behind_a_semicolon_is_not_written(tmp_path: Path, formula: str) -> None:
    text = f"Save; {formula}"[:90]
    (answer,) = SearchCsv(tmp_path, ad_group="x").send(DELIVERY, [ad(description=f"Rain stays out.\n\n{text}")])

    assert isinstance(answer, Failed)
    assert "a semicolon with a formula after it" in answer.reason
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("text", ["{KeyWord:Rain}", "{=COUNTDOWN(1)}", "Near {LOCATION(City):you}", "{CUSTOMIZER.a:b}"])
def test_an_ad_that_google_would_fill_in_with_other_words_is_not_written(tmp_path: Path, text: str) -> None:
    for one in (ad(text), ad(description=f"{text}.\n\nSee it.")):
        (answer,) = SearchCsv(tmp_path, ad_group="x").send(DELIVERY, [one])

        assert isinstance(answer, Failed)
        assert "words that nobody approved" in answer.reason
    assert list(tmp_path.iterdir()) == []


def test_a_link_with_a_formula_behind_a_semicolon_is_in_no_table(tmp_path: Path) -> None:
    link = CallToAction(label="Look", url="https://brand.example/?a;=1+1")
    copy = Copy(channel="social", body="Rain.", call_to_action=link)
    one = Message("a" * 64, "", b"{}", post_of(copy))

    (answer,) = SocialCalendar(tmp_path, hour=9).send(DELIVERY, [one])

    assert isinstance(answer, Failed)
    assert list(tmp_path.iterdir()) == []


# ---------------------------------------------------------------- front matter, Markdown, commits

TITLES = [
    "A: b # c",
    '"quoted" and \\ backslash \\n \\u0041',
    "--- # no end",
    "...",
    "!!python/object/apply:os.system [id]",
    "&anchor *alias",
    "{{ site.secret }} {% raw %}",
    "- item",
    "? key",
    "%YAML 1.2",
    "yes",
    "2026-03-02",
    "0x1F",
    "null",
    "👩‍👩‍👧 Ünï \u0085".strip(),
]


@pytest.mark.parametrize("title", TITLES)
def test_front_matter_says_the_title_and_the_sender_as_text(title: str) -> None:
    title = clean_line(title)
    post = post_of(Copy(channel="blog", subject=title, preheader=title, body="Rain."), named(title))

    _, matter, rest = front_matter(post).split("---\n", 2) if "---\n" not in title else ("", front_matter(post), "")

    told = yaml.safe_load(matter)
    assert (told["title"], told["description"], told["author"], rest) == (title, title, title, "")
    assert set(told) == {"title", "description", "date", "author", "markets", "campaign", "presscheck"}


MARKED = [
    "# heading", "## x", "> quote", "- item", "+ item", "* item", "1. item", "1) item", "***", "___", "---", "===",
    "~~~", "```", "    code", "<script>alert(1)</script>", "<img src=x onerror=y>", "[a](https://evil.example)",
    "[a]: https://x", "![a](https://evil.example/x.png)", "<https://evil.example>", "https://evil.example",
    "www.evil.example", "a@b.com", "**b** _i_ `c` ~~s~~", "a | b", "|-|-|", "[^1]: note", ":smile:",
    "{{ x }} {% y %} {: .z }", "$x$ \\(y\\)", "&lt;b&gt; &amp; &#60;", "\\# \\\\", "Term\n: definition", "*[HTML]: x",
    "==mark== ^sup^", "[x] task", "a\\", "<!-- x -->", "<a href='javascript:x'>",
]  # fmt: skip


@pytest.mark.parametrize("text", MARKED)
def test_markdown_shows_words_as_they_stand(text: str) -> None:
    shown = MarkdownIt("gfm-like", {"linkify": False}).render(markdown_text(text))

    assert html.unescape(re.sub(r"^<p>|</p>\n$", "", shown)) == clean_line(text)
    assert not re.search(r"<(?!/?p>)", shown)


@given(words)
def test_markdown_shows_any_line_as_it_stands(text: str) -> None:
    for dialect in ("commonmark", "gfm-like"):
        shown = MarkdownIt(dialect, {"linkify": False}).render(markdown_text(text))

        assert html.unescape(re.sub(r"^<p>|</p>\n$", "", shown)).strip() == clean_line(text)


@pytest.mark.parametrize("text", [" ".join(MARKED[at::6]) for at in range(6)])
def test_the_form_of_a_question_leads_to_this_door_alone_whatever_it_quotes(sqlite_ledgers: Ledgers, text: str) -> None:
    words = clean_line(f"{text} {text}")
    copy = draft(0).model_copy(update={"subject": words})
    run = f"run) [x](https://evil.example) {words}"
    scene = Scene(sqlite_ledgers, brief=BRIEF.model_copy(update={"title": words}), drafts=[copy], remark=words, run=run)
    refused = scene.answer(reason=words, picks=["V01"])
    assert isinstance(refused, Refused)

    with sqlite_ledgers.door.read() as tx:
        shown = MarkdownIt("gfm-like", {"linkify": False}).render(scene.desk.form(tx, scene.review).description)

    links = re.findall(r'(?:href|src)="([^"]*)"', shown)
    assert links
    assert all(re.match(r"/(proof|step-up)[/?][^\s<>]*$", link) for link in links)
    assert set(re.findall(r"<(\w+)", shown)) <= {"p", "strong", "a"}


@pytest.mark.parametrize("text", MARKED)
def test_a_blog_posts_words_are_words_for_three_dialects(text: str) -> None:
    body = clean_text(text).strip()
    post = post_of(Copy(channel="blog", subject="Rain", preheader="", body=body))
    written = markdown(post).split("---\n", 2)[2]

    ways = [MarkdownIt(dialect, {"linkify": False}).render for dialect in ("commonmark", "gfm-like")]
    for render in (*ways, another_markdown):
        shown = render(written)
        paragraphs = [part for part in shown.split("\n\n")[0].split("</p>\n") if part]
        said = html.unescape(paragraphs[0].removeprefix("<p>").replace("<br />\n", "\n"))
        assert said.split("\n") == [clean_line(line) for line in body.split("\n")]
        assert re.findall(r"<(?!/?p>|br />|/?a\b)[^>]*>", shown) == []


@pytest.mark.parametrize(
    "name",
    [
        "Brand <x@evil.example>",
        "Brand\nparent 0000",
        "Brand\r\ngpgsig x",
        "# Brand",
        "Presscheck-Key: x",
        "<>",
        "a\x00b",
    ],
)
def test_a_commit_has_one_author_and_our_trailers(tmp_path: Path, name: str) -> None:
    where = tmp_path / "blog.git"
    _git(tmp_path, "init", "-q", "--bare", "-b", "main", str(where))
    tree = _git(where, "mktree", stdin="").strip()
    commit = _git(where, "-c", "user.name=x", "-c", "user.email=x@y.z", "commit-tree", tree, "-m", "First").strip()
    _git(where, "update-ref", "refs/heads/main", commit)
    channel = BlogGit(Branch(GitSection(remote=str(where)), None, tmp_path / "cache"), "posts")
    sender = Sender.model_construct(name=name, address="news@brand.example", postal_address="x")
    copy = Copy(channel="blog", subject="Rain", preheader="", body="Rain.\n\nPresscheck-Key: " + "b" * 64)
    one = Message("c" * 64, "", b"{}", post_of(copy, sender))

    assert channel.send(DELIVERY, [one]) == [Sent(one.key)]

    raw = _git(where, "cat-file", "commit", "main")
    head, message = raw.split("\n\n", 1)
    assert [line.split(" ")[0] for line in head.split("\n")] == ["tree", "parent", "author", "committer", "encoding"]
    assert re.findall(r"<([^>]*)>", head) == ["news@brand.example"] * 2
    assert [line for line in message.split("\n") if line.startswith("Presscheck-Key")] == [f"Presscheck-Key: {one.key}"]
    assert _git(where, "fsck", "--strict") == ""


def _git(folder: Path, *arguments: str, stdin: str | None = None) -> str:
    done = subprocess.run(
        ["git", *arguments], cwd=folder, input=stdin, capture_output=True, text=True, check=True,
        env={"PATH": "/usr/bin:/bin", "HOME": str(folder), "GIT_CONFIG_NOSYSTEM": "1"},
    )  # fmt: skip
    return done.stdout


# ---------------------------------------------------------------- headers of the web, notices, logs, terminals


@pytest.mark.parametrize("key", ["a\r\nX-Other: y", "a\nb", "a b", "", "ä", "a\x00"])
def test_no_key_adds_a_header_to_a_webhook(key: str) -> None:
    poster = Poster(b"k" * 32, loopback=True, timeout_seconds=1)

    with pytest.raises(ValueError, match="stands in headers"):
        poster.post("http://127.0.0.1:9/", key, b"{}")


@pytest.mark.parametrize(
    "title",
    [
        "Rain\r\nBcc: x@evil.example",
        "=?utf-8?b?DQpCY2M6IHg=?=",
        "@here <!channel> <@U1> [x](https://evil.example)",
        "https://evil.example www.evil.example evil.example",
        "*b* _i_ `c` <b>",
        "\x1b[31m\u202e",
    ],
)
def test_a_notice_holds_no_mention_no_link_and_no_header_of_a_title(title: str) -> None:
    notice = Notice("R-1", "run", "question", "approval", "email", ("brand_lead",), brief_title=title)

    said = words_for([notice], door_url="https://door.brand.example", titles=True)

    assert said.title == "Presscheck: a question waits for you"
    line = said.body.split("\n")[0]
    assert not re.search(r"[@<>*`\[\]=?\r\x1b\u202e]|evil\.example|://", line)
    assert set(re.findall(r"https?://[^/\s]+", said.body)) == {"https://door.brand.example"}


@pytest.mark.parametrize(
    "id", ["x\n\nhttps://evil.example", "x) @here", "../../sign-out", "x?next=https://evil.example"]
)
def test_no_id_that_a_worker_made_up_puts_words_or_links_into_a_notice(id: str) -> None:
    notice = Notice(id, id, "question", "approval", "email", ("brand_lead",), kinds=("copy",))

    said = words_for([notice], door_url="https://door.brand.example", titles=False)

    assert len(said.body.split("\n\n")) == 2
    links = re.findall(r"https?://\S+", said.body)
    assert [link.rpartition("/")[0] for link in links] == [
        "https://door.brand.example/v2/runs/flow-run",
        "https://door.brand.example/proof",
    ]


def test_a_log_entry_is_one_entry_and_steers_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    root.handlers = []
    try:
        begin_logging("%(asctime)s %(levelname)s %(message)s")
        logging.getLogger("presscheck.press").warning(
            "%s is held: %s",
            "D-1",
            "“x\r\n2026-03-02 09:00:00 ERROR D-2 is done\x1b]0;owned\x07\x9b31m\u2028next\u202e”",
        )
    finally:
        root.handlers, root.level = before, level

    lines = capsys.readouterr().err.rstrip("\n").split("\n")
    assert [line[:4] == "    " for line in lines] == [False, True, True]
    assert all(line.isprintable() for line in lines)


def test_whatever_a_command_prints_goes_through_what_keeps_terminals_safe() -> None:
    """But for what no terminal shows, a prompt of our own, and the line that counts while it verifies."""
    allowed = {"check.py": 1, "dev_typing.py": 1, "map.py": 1, "history.py": 2, "failing.py": 2, "output.py": 5}
    found = {
        path.name: len(re.findall(r"click\.echo\(|\bprint\(", path.read_text()))
        for path in Path(output.__file__).parent.glob("*.py")
    }

    assert {name: count for name, count in found.items() if count} == allowed


@pytest.mark.parametrize(
    "text", ["\x1b[2J", "\x9b31m", "\x1b]8;;https://evil.example\x07x", "\u202ex", "a\rb", "\x08\x08"]
)
def test_nothing_that_is_printed_steers_a_terminal(capsys: pytest.CaptureFixture[str], text: str) -> None:
    output.say(text)
    output.say(text, err=True)
    output.table(("A",), [(text,)])

    said = capsys.readouterr()
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2028]", said.out + said.err)


def test_a_recalled_calendar_cancels_for_who_published_it(sqlite_ledgers: Ledgers, tmp_path: Path) -> None:
    made = SocialCalendar(tmp_path, hour=9)
    brief = BRIEF.model_copy(update={"channel": "social"})
    copy = Copy(
        channel="social", body="The Fell jacket is here. It keeps the rain out. For people who walk in the hills."
    )
    scene = Scene(sqlite_ledgers, brief=brief, drafts=[copy], audience=None, audience_rows=0, via="social-calendar")
    stand = Stand(scene, channels={"social-calendar": made})
    delivery = stand.approve_and_request(picks=["V01"])
    stand.press.step()
    recalled(scene, delivery)

    stand.press.step()

    assert done(scene, delivery)["listed"] == 1
    (event,) = icalendar.Calendar.from_ical((tmp_path / f"{delivery}.recall.ics").read_bytes()).walk("VEVENT")
    assert (str(event["ORGANIZER"]), event["ORGANIZER"].params["CN"]) == ("mailto:news@brand.example", "Brand")
