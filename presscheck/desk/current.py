"""Which policies count now: what the files say, or where the project demands signatures, what was signed last.

    files = CurrentPolicies(overlay=folder)
    files()                                              # as the files say now; PolicyError where they do not load
    policies = PoliciesInForce(ledger, files, signed=settings.policies.signed)
    policies()                                           # what judges: desk, gate, press, forms, drafts

Whatever judges asks `PoliciesInForce`; the files are what somebody proposes. A set that was signed is loaded
from the ledger, text by text against its digest, so that no folder on any machine can stand in for it.
"""

from collections import deque
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from presscheck.errors import LedgerForged, LedgerGone, PoliciesUnsigned, PolicyError
from presscheck.ledger import EventKind, Ledger, Reader
from presscheck.ledger.chain import Event
from presscheck.ledger.policy_texts import kept_text, kept_texts
from presscheck.models import Digest

if TYPE_CHECKING:
    from policies import PolicySet, PolicyTexts

ALL = "policies"
"""The subject of every event about the whole set."""
_UNTOLD = 200
_KEPT = 8


@dataclass(frozen=True)
class Loaded:
    """A set of policies, and the texts that it was parsed from."""

    texts: "PolicyTexts"
    policies: "PolicySet"


class CurrentPolicies:
    """Call it for the policies of a folder and its overlay; PolicyError where they do not load.

    Every call reads the files, some dozens of small ones, so that a policy edited after an approval holds the
    very next batch. Parsing them and running their cases takes far longer and is done when a text differs.
    """

    def __init__(self, folder: Path | None = None, overlay: Path | None = None) -> None:
        self.folder = folder
        self.overlay = overlay
        self._lock = Lock()
        self._texts: PolicyTexts | None = None
        self._found: Loaded | PolicyError | None = None
        self._news: deque[Loaded] = deque(maxlen=_UNTOLD)

    def __call__(self) -> "PolicySet":
        return self.look().policies

    def look(self) -> Loaded:
        """The set as the files say now, with their texts."""
        from policies import policies_of, read_texts

        with self._lock:
            texts = read_texts(self.folder, self.overlay)
            if self._found is None or texts != self._texts:
                self._texts = texts
                try:
                    self._found = Loaded(texts, policies_of(texts))
                    self._news.append(self._found)
                except PolicyError as error:
                    # Broken files stay broken until they change; asking again would only take time.
                    self._found = error
            if isinstance(self._found, PolicyError):
                raise self._found.with_traceback(None)
            return self._found

    def parsed(self, digest: Digest) -> Loaded | None:
        """The set that was parsed last, if its texts are these: then it need not be parsed again."""
        found = self._found
        return found if isinstance(found, Loaded) and found.texts.digest == digest else None

    @property
    def untold(self) -> Loaded | None:
        """The first set that a call has met and nobody has `told` yet; each is met once however long it stood."""
        return self._news[0] if self._news else None

    def told(self, loaded: Loaded) -> None:
        """Go on to the next one: this one is on record."""
        if self._news and self._news[0] is loaded:
            self._news.popleft()


class PoliciesInForce:
    """Call it for the policies that judge. PolicyError where there are none: then nothing is allowed."""

    def __init__(self, ledger: Ledger, files: CurrentPolicies, *, signed: bool) -> None:
        self.files = files
        self.signed = signed
        """Whether the settings demand signatures."""
        self._ledger = ledger
        self._lock = Lock()
        self._parsed: dict[Digest, Loaded | PolicyError] = {}

    def __call__(self) -> "PolicySet":
        # In the view that the caller has open: the judgement and its policies are of one moment.
        with self._ledger.view() as tx:
            return self.at(tx).policies

    def at(self, tx: Reader) -> Loaded:
        """The set that is in force as this view sees it, read once in it."""
        return tx.once(("policies in force", id(self)), lambda: self._at(tx))

    def _at(self, tx: Reader) -> Loaded:
        last = last_signature(tx)
        if not self.needs_signature(last):
            return self.files.look()
        if last is None:
            raise PoliciesUnsigned(
                "the policies count once they are signed, and nobody has signed any: until then nothing is allowed. "
                "Whoever has the right sign_policies signs them at the door, on its page /policies, or by `presscheck "
                "policies sign`"
            )
        return self.kept(tx, str(last.data["set"]))

    def needs_signature(self, last: Event | None) -> bool:
        """Whether policies count by signature: by the settings, or because a signature that stands says so."""
        # Who may change policies may change settings too: what was signed is not switched off beside it.
        return self.signed or (last is not None and bool(last.data.get("signed", True)))

    def kept(self, tx: Reader, digest: Digest) -> Loaded:
        """The set of this digest from the ledger, parsed once. PolicyError where its texts are not what was signed."""
        with self._lock:
            found = self._parsed.get(digest)
        if found is None:
            found = self.files.parsed(digest) or _loaded(tx, digest)
            with self._lock:
                if len(self._parsed) >= _KEPT:
                    self._parsed.clear()
                self._parsed[digest] = found
        if isinstance(found, PolicyError):
            raise found.with_traceback(None)
        return found


def last_signature(tx: Reader) -> Event | None:
    """The signature that stands: the last one that the door recorded."""
    return tx.once("last signature of policies", lambda: tx.newest(EventKind.POLICIES_SIGNED, subject=ALL))


def _loaded(tx: Reader, digest: Digest) -> Loaded | PolicyError:
    from policies import PolicyTexts, policies_of
    from policies.engine.texts import digests_in

    try:
        manifest = kept_text(tx, digest)
        texts = PolicyTexts.from_manifest(manifest, kept_texts(tx, digests_in(manifest)), name=f"signed-{digest[:12]}")
    except (LedgerForged, LedgerGone, ValueError) as error:
        # Not remembered as parsed content is: whoever puts the texts back mends it at once.
        raise PolicyError(
            f"the set of policies {digest[:12]} cannot be believed: {error}. `presscheck history --verify` says more; "
            "restore the ledger, or sign the policies anew"
        ) from error
    try:
        return Loaded(texts, policies_of(texts))
    except PolicyError as error:
        return error
