"""Step-up: somebody who is signed in proves again who they are, before what must not rest on a cookie alone.

    signed_in = step_up(accounts, session, password, code, mark=mark)
    signed_in = step_up_vouched(accounts, token_hash, vouched, groups, begun_at=begun_at)

With a passkey it is `Passkeys.step_up`. Each gives the session a fresh token, which goes into the cookie, or
`Refused`. Only the session's own person can refresh it, whatever anybody else knows; wrong tries count towards
the lock-out as those of signing in do, and the try that locks the account ends the session as well.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from presscheck.errors import LedgerError
from presscheck.ledger import Reader, Writer
from presscheck.models import Refused
from presscheck.people.accounts import Accounts, SignedIn
from presscheck.people.groups import follow_groups
from presscheck.people.identities import Vouched, person_bound_to
from presscheck.people.lockout import is_busy, is_locked, record_refusal
from presscheck.people.rights import Grant
from presscheck.people.sessions import Session, close_session, find_session, renew_session, same_session, session_named
from presscheck.people.spent import spend

ENDED = Refused(reason="your session has ended; sign in again", code="signed-out")
_WRONG = Refused(
    reason="password or code is wrong, or the account is locked for 15 minutes after five wrong tries. "
    "A code works once, the one that you signed in with too: wait for the next one.",
    code="wrong-sign-in",
)
_NOT_ASKED = Refused(
    reason="the provider did not ask you who you are: it let an earlier sign-in through. Prove it another way, or "
    "sign out at the provider first",
    code="wrong-sign-in",
)
_ANOTHER = Refused(
    reason="you are somebody else at the provider than here; sign in there as yourself, or prove it another way",
    code="wrong-sign-in",
)
_LEEWAY = timedelta(seconds=60)


def step_up(accounts: Accounts, session: Session, password: str, code: str, *, mark: str = "") -> SignedIn | Refused:
    """Refresh a session with its own person's password and one-time code; `mark` as in `Accounts.sign_in`."""

    def whose(tx: Reader) -> str | None:
        current = same_session(tx, session)
        return None if current is None else current.person

    weighed = accounts.weigh(session.rights.email, password, whose=whose, mark=mark)
    if isinstance(weighed, Refused):
        return weighed
    with accounts.ledger.write() as tx:
        if same_session(tx, session) is None:
            return ENDED
        locked = is_locked(tx, weighed.account)
        if accounts.prove(tx, weighed, code) is not None:
            return renewed(tx, session, way="password")
        if not locked and is_locked(tx, weighed.account):
            # Whoever guesses here holds the cookie already: they get five tries, not five every quarter of an hour.
            close_session(tx, session.token_hash, why="locked")
        return _WRONG


def step_up_vouched(
    accounts: Accounts,
    token_hash: str,
    vouched: Vouched,
    groups: Mapping[str, tuple[Grant, ...]],
    *,
    begun_at: datetime,
) -> SignedIn | Refused:
    """Refresh the session with this token's hash, for whom the provider has asked anew since `begun_at`.

    The provider has to say when it asked: one that does not, or that let an older sign-in through, proves nothing.
    """
    with accounts.ledger.write() as tx:
        if not spend(tx, f"oidc:{vouched.once}", person=vouched.identity):
            return Refused(reason="this sign-in was used before; begin again", code="stale-challenge")
        session = session_named(tx, token_hash)
        if session is None:
            return ENDED
        if person_bound_to(tx, vouched.identity) != session.person:
            if not is_busy(tx):
                record_refusal(tx, vouched.identity)
            return _ANOTHER
        if vouched.proved_at is None or not begun_at - _LEEWAY <= vouched.proved_at <= tx.now + _LEEWAY:
            return _NOT_ASKED
        # Who lost a group at the provider does not go on with its role.
        follow_groups(tx, session.person, vouched.groups, groups)
        return renewed(tx, session, way="oidc", proved_at=vouched.proved_at)


def renewed(
    tx: Writer, session: Session, *, way: str, passkey: str = "", proved_at: datetime | None = None
) -> SignedIn | Refused:
    """A session with a fresh proof and a fresh token, for whom the caller has just seen prove it."""
    current = same_session(tx, session)
    if current is None:
        return ENDED
    token, expires_at = renew_session(tx, current, way=way, passkey=passkey, proved_at=proved_at)
    fresh = find_session(tx, token)
    if fresh is None:
        raise LedgerError("a session was renewed and does not count: is the door's pinned key its own?")
    return SignedIn(token, fresh, expires_at)
