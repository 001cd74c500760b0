"""Who gets which pick of one delivery, and in which form: worked out from digests, so the same after every start.

The plan reads a copy of the audience that only the press can write, made when its bytes had the
approved digest; nobody can change a row between the check and the reading.
"""

import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from presscheck.addresses import address_hash, sendable_address
from presscheck.assets.copy.letters import Letter
from presscheck.assets.copy.posts import Post
from presscheck.assets.pictures.rendering import ShownPicture
from presscheck.desk import Basis
from presscheck.digests import digest_of
from presscheck.errors import AudienceChanged, ChannelError
from presscheck.models import Channel, Outgoing
from presscheck.press.channels import Message
from presscheck.recipients.audiences import doubled_fault, read_recipients, recipient_ids, verify_audience
from presscheck.recipients.dealing import deal
from presscheck.recipients.leaving import Leaving

# Those put off lie far apart: so many places are read at once, and not the whole file.
_AT_ONCE = 5_000


@dataclass(frozen=True)
class Planned:
    """One recipient's place in a delivery."""

    position: int
    key: str
    recipient: str
    address: str
    pick: int
    channel: Channel = "email"

    @property
    def address_hash(self) -> str | None:
        """By which suppression knows the recipient, whatever the channel; None for everybody."""
        return address_hash(self.address) if self.address else None

    @property
    def to(self) -> str:
        """Where the message goes: an address by e-mail, else an id that the platform knows; empty for everybody."""
        return self.address if self.channel == "email" else self.recipient

    @property
    def sendable(self) -> bool:
        return self.channel != "email" or sendable_address(self.address)


class Plan:
    """One delivery, laid out. Positions count from 0 in the order of the frozen audience.

    Without an audience (`None`, for channels that publish to everybody) each pick is one message.
    """

    def __init__(
        self,
        delivery: str,
        manifest: Outgoing,
        basis: Basis,
        audience: Path | None,
        *,
        at: datetime,
        leaving: Leaving,
        pictures: Path | None = None,
    ) -> None:
        self.delivery = delivery
        self.manifest = manifest
        self.basis = basis
        self._audience = audience
        self._leaving = leaving
        ids = manifest.assets if audience is None else recipient_ids(audience)
        self.size = len(ids)
        if len(set(manifest.assets)) != len(manifest.assets):
            raise ValueError("one text was picked twice")
        # Screening keeps such rows out; here is the last wall, whoever froze the file.
        if audience is not None and (fault := doubled_fault(audience, by_address=manifest.channel == "email")):
            raise ValueError(fault)
        self._dealt = (
            list(range(self.size)) if audience is None else deal(ids, len(manifest.assets), manifest.dealing.salt)
        )
        self.shown = _shown(basis, pictures)
        self._letters: list[Letter] = []
        self._posts: list[Post] = []
        if manifest.channel == "email":
            self._letters = [
                Letter.of(
                    copy,
                    basis.brief,
                    sender=manifest.sender,
                    at=at,
                    product=basis.product,
                    leave=leaving.way,
                    shown=shown,
                )
                for copy, shown in zip(basis.copies, self.shown, strict=True)
            ]
        else:
            self._posts = [
                Post.of(
                    copy,
                    basis.brief,
                    asset=asset,
                    delivery=delivery,
                    run=manifest.run,
                    sender=manifest.sender,
                    at=at,
                    place=(place, len(basis.copies)),
                )
                for place, (asset, copy) in enumerate(zip(manifest.assets, basis.copies, strict=True))
            ]

    def read(self, first: int, last: int) -> list[Planned]:
        """The recipients at positions `first` to `last - 1`. AudienceChanged for a file that is none."""
        if self._audience is None or self.manifest.audience is None:
            return [self._public(at) for at in range(first, min(last, self.size))]
        found = read_recipients(self._audience, offset=first, limit=last - first)
        # Looked at after the reading: what was read is then what was approved, also where another process of
        # this account can write into the press's folder.
        verify_audience(self._audience, self.manifest.audience)
        return [
            Planned(
                position=first + at,
                key=digest_of([self.delivery, one.id]),
                recipient=one.id,
                address=one.address,
                pick=self._dealt[first + at],
                channel=self.manifest.channel,
            )
            for at, one in enumerate(found)
        ]

    def pick(self, positions: Sequence[int]) -> list[Planned]:
        """The recipients at these positions, in order. AudienceChanged for a file that is none."""
        wanted = sorted(positions)
        found: list[Planned] = []
        while len(found) < len(wanted):
            first = wanted[len(found)]
            part = {at for at in wanted[len(found) :] if at < first + _AT_ONCE}
            found += [one for one in self.read(first, max(part) + 1) if one.position in part]
        return found

    def _public(self, pick: int) -> Planned:
        """One pick, once, for everybody."""
        key = digest_of([self.delivery, self.manifest.assets[pick]])
        return Planned(pick, key, "", "", pick, self.manifest.channel)

    def row(self, planned: Planned) -> dict[str, object]:
        """The outbox row of a message that was not handed over yet."""
        return {
            "delivery": self.delivery,
            "position": planned.position,
            "key": planned.key,
            "recipient": planned.recipient,
            "asset": self.manifest.assets[planned.pick],
            "state": "pending",
        }

    def messages(self, chosen: list[Planned], *, proven: bool = False, again: bool = False) -> Iterator[Message]:
        """The rendered messages; the addresses must be sendable. `proven` and `again` as in `Message`."""
        for one in chosen:
            if self._letters:
                token = self._leaving.token(self.delivery, address_hash(one.address))
                content = self._letters[one.pick].to(one.to, key=one.key, token=token)
                tag = self._leaving.return_tag(self.delivery, one.position)
                yield Message(one.key, one.to, content, return_tag=tag, proven=proven, again=again)
            else:
                post = self._posts[one.pick]
                yield Message(one.key, one.to, post.to(one.to, key=one.key), post, proven=proven, again=again)


def _shown(basis: Basis, folder: Path | None) -> list[ShownPicture | None]:
    """The pictures of the picks, read once: what goes out are the very bytes that were looked at here."""
    if not basis.pictures:
        return [None] * len(basis.copies)
    return [
        ShownPicture.read(folder, picture) if picture is not None and folder is not None else None
        for picture in basis.pictures
    ]


def private_copy(source: Path, digest: str, copy: Path) -> Path:
    """A copy of an audience at `copy`, for the press alone; one that is there is checked and kept.

    AudienceChanged if the bytes are not those that were approved, ChannelError if there is no room.
    """
    if copy.exists():
        try:
            verify_audience(copy, digest)
        except AudienceChanged:
            # Cut off by a crash, or meddled with: it is only a copy.
            copy.unlink()
        else:
            return copy
    beside = copy.with_suffix(".part")
    try:
        copy.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        beside.unlink(missing_ok=True)
        with source.open("rb") as read, open(beside, "xb", opener=_private) as write:
            shutil.copyfileobj(read, write, 1 << 20)
        verify_audience(beside, digest)
        os.replace(beside, copy)
    except OSError as error:
        raise ChannelError(f"{copy}: the audience cannot be copied: {error.strerror or error}. Make room.") from error
    return copy


def _private(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW, 0o600)
