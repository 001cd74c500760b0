"""Search ads as the CSV that Google Ads Editor imports: one file a delivery, every ad paused.

    home/files/search/D-3f9a….csv
    home/files/search/D-3f9a….recall.csv      once it was recalled: the same ads, Removed
    home/files/search/recalled/D-3f9a….csv    and the file itself

Account > Import > From file takes it. The file is rewritten whole at each batch and names each
message's key in its last column, which Editor passes over, so that it can say what it holds.
"""

import csv
import io
import re
from collections.abc import Callable, Sequence
from pathlib import Path

from presscheck.assets.copy.posts import Post
from presscheck.errors import ChannelError
from presscheck.matching import columns
from presscheck.press.channels import Failed, Fate, Message, Recalled, Report, Sent, Unknown
from presscheck.press.channels.cells import formula_in
from presscheck.press.channels.whole_file import move_aside, read_whole, try_writing, unless_stopped, write_whole

_KEY = "Presscheck key"
_COLUMNS = (
    "Campaign",
    "Ad Group",
    "Ad type",
    "Headline 1",
    "Headline 2",
    "Headline 3",
    "Description 1",
    "Description 2",
    "Path 1",
    "Final URL",
    "Status",
    _KEY,
)
_DELIVERY = re.compile(r"D-[0-9a-f]{12}")
_HEADLINE, _DESCRIPTION = 30, 90
_MOST_DESCRIPTIONS = 2


class SearchCsv:
    """Ads as files under one folder."""

    def __init__(self, folder: Path, *, ad_group: str) -> None:
        self.folder = folder
        self.ad_group = ad_group
        self._stopping: Callable[[], bool] = lambda: False

    def greet(self, *, seconds: float) -> str:
        """Whether the folder can be written. ChannelError where it cannot."""
        return try_writing(self.folder)

    def stop_when(self, stopping: Callable[[], bool]) -> None:
        """Leave the file as it is once this says true."""
        self._stopping = stopping

    def send(self, delivery: str, batch: Sequence[Message]) -> Sequence[Sent | Failed | Unknown]:
        """Add a batch to the delivery's file. ChannelError if the disk does not take it; the file stays as it was."""
        path = self.path(delivery)
        rows = _rows(path)
        answers: list[Sent | Failed | Unknown] = []
        for message in batch:
            made = _row(message, self.ad_group)
            if isinstance(made, str):
                answers.append(Failed(message.key, made))
                continue
            if message.key not in {row[_KEY] for row in rows}:
                rows.append(made)
            answers.append(Sent(message.key))
        unless_stopped(self._stopping, delivery)
        if rows:
            write_whole(path, _csv(rows))
        return answers

    def outcome(self, delivery: str, key: str) -> Fate:
        """Certain: an ad is in the file or it is not."""
        return "sent" if key in {row[_KEY] for row in _rows(self.path(delivery))} else "not-sent"

    def close(self, report: Report) -> str:
        """Where the file is; nothing where no ad could be written."""
        path = self.path(report.delivery)
        return str(path) if path.exists() else ""

    def take_back(self, delivery: str, keys: Sequence[str]) -> Recalled:
        """Move the file aside and write one that removes its ads: nobody knows whether it was imported."""
        path = self.path(delivery)
        aside = move_aside(path)
        # The file was imported, or was not: with this one the ads go where they are, and nothing comes of it else.
        removed = [{**row, "Status": "Removed"} for row in _rows(aside)]
        if removed:
            write_whole(path.with_suffix(".recall.csv"), _csv(removed))
        told = "the file was moved aside; whoever imported it imports the .recall.csv beside it, which removes the ads"
        return Recalled((), tuple(keys), told)

    def path(self, delivery: str) -> Path:
        """Where a delivery's file is. ValueError for a name that is none of ours."""
        if _DELIVERY.fullmatch(delivery) is None:
            raise ValueError("deliveries are hexadecimal")
        return self.folder / f"{delivery}.csv"


def read_keys(path: Path) -> list[str]:
    """The keys of the messages that a file holds."""
    return [row[_KEY] for row in _rows(path)]


def _row(message: Message, ad_group: str) -> dict[str, str] | str:
    """The ad's row, or why there is none. A text is written as it was approved or not at all."""
    post = message.post
    if post is None or post.channel != "search":
        return "it is no search ad"
    cells = {
        "Campaign": post.campaign,
        "Ad Group": ad_group,
        "Ad type": "Responsive search ad",
        **{f"Headline {at}": text for at, text in enumerate(post.headlines, start=1)},
        **{f"Description {at}": text for at, text in enumerate(post.descriptions, start=1)},
        "Path 1": post.shown_path,
        "Final URL": post.link.url,
        "Status": "Paused",
        _KEY: message.key,
    }
    return _fault(cells, post) or {column: cells.get(column, "") for column in _COLUMNS}


def _fault(cells: dict[str, str], post: Post) -> str:
    descriptions = post.descriptions
    if not post.title:
        return "a search ad needs a headline"
    if len(descriptions) > _MOST_DESCRIPTIONS:
        return f"a search ad has at most {_MOST_DESCRIPTIONS} descriptions, and this has {len(descriptions)}"
    if any(columns(text) > _HEADLINE for text in post.headlines) or any(
        columns(text) > _DESCRIPTION for text in descriptions
    ):
        return (
            f"a headline has at most {_HEADLINE} characters and a description {_DESCRIPTION}; wide letters count twice"
        )
    for column, text in cells.items():
        if "{" in text:
            # {KeyWord:...}, {LOCATION(...)}, {=IF(...)}: https://support.google.com/google-ads/answer/2454041
            return f"{column} holds {{, where Google Ads fills in words that nobody approved; write it otherwise"
        at = formula_in(text)
        if at == 0:
            # An apostrophe in front would make it another text than the one that was approved.
            return f"{column} begins with {text[0]!r}, which a spreadsheet would run; write it otherwise"
        if at is not None:
            return f"{column} holds a semicolon with a formula after it, which a spreadsheet would run; take it out"
    return ""


def _csv(rows: Sequence[dict[str, str]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n", quoting=csv.QUOTE_ALL)
    writer.writerow(_COLUMNS)
    writer.writerows([row[column] for column in _COLUMNS] for row in rows)
    # Editor and Excel take a byte-order mark as a sign of UTF-8, and guess without one.
    return b"\xef\xbb\xbf" + text.getvalue().encode("utf-8")


def _rows(path: Path) -> list[dict[str, str]]:
    content = read_whole(path)
    if content is None:
        return []
    try:
        reader = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True)
        if tuple(reader.fieldnames or ()) != _COLUMNS:
            raise ValueError("other columns")
        rows = [{column: str(row[column]) for column in _COLUMNS} for row in reader]
    except (ValueError, csv.Error, KeyError) as error:
        raise ChannelError(
            f"{path}: somebody changed it: {error}. Move it away, or put the press's file back."
        ) from error
    return rows
