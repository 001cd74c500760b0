"""What `presscheck doctor` looks at about signing in: the provider's settings, and whether a second person is there."""

from collections.abc import Iterator

from presscheck.cli.look import Look
from presscheck.errors import InputError, PresscheckError
from presscheck.settings import Settings

_WAIT_SECONDS = 5.0


def sign_in_looks(settings: Settings) -> Iterator[Look]:
    """The provider, if one is set up; and who could not be enrolled anew because nobody could confirm it."""
    yield from _provider(settings)
    yield from _second_person(settings)


def _provider(settings: Settings) -> Iterator[Look]:
    from presscheck.people.groups import read_groups
    from presscheck.settings.secrets import find_secret

    oidc = settings.sign_in.oidc
    if not oidc.issuer:
        return
    back = f"{settings.door_url.rstrip('/')}/sign-in/oidc/back"
    try:
        read_groups(oidc.groups)
        secret = find_secret(settings, "oidc")
    except PresscheckError as error:
        faults = error.faults if isinstance(error, InputError) else ()
        for fault in faults or (error,):
            yield Look("sign-in provider", "missing", str(fault), "docs/sign-in.md says what it takes.")
        return
    if (away := _away(settings, back)) is not None:
        mend = "Correct issuer in [sign_in.oidc], or let this machine reach it; other ways to sign in go on."
        yield Look("sign-in provider", "missing", f"{oidc.issuer}: {away}", mend)
        return
    if secret is None:
        found = f"{oidc.issuer}, as a public client: there is no secret oidc"
        yield Look("sign-in provider", "note", found, f"Give it a secret, and the redirect address {back}.")
    else:
        yield Look("sign-in provider", "ok", f"{oidc.issuer}, redirect address {back}")


def _away(settings: Settings, back: str) -> str | None:
    """Why the door could not send anybody to the provider; None where it answers as itself."""
    import asyncio

    from presscheck.door.oidc import Provider, ProviderRefused

    # Asked as the door asks; the journey that begins here is taken by nobody, and no secret is opened.
    provider = Provider(settings.sign_in.oidc, redirect_uri=back, secret=lambda: None, seconds=_WAIT_SECONDS)
    try:
        asyncio.run(provider.begin())
    except ProviderRefused as error:
        return str(error)
    return None


def _second_person(settings: Settings) -> Iterator[Look]:
    from presscheck.people.proposals import confirmers, needs_second
    from presscheck.people.rights import WEIGHTY, everybody, people_with
    from presscheck.wiring import open_ledger

    try:
        ledger = open_ledger(settings, None)
    except PresscheckError:
        # The look at the ledger says why.
        return
    try:
        with ledger.read() as tx:
            if not needs_second(tx):
                return
            administrators = [one.person for one in people_with(tx, "administrator", ())]
            weighty = [one.person for one in everybody(tx) if one.active and set(WEIGHTY) & set(one.roles)]
            alone = [
                person
                for person in weighty
                if not any(confirmers(tx, person=person, by=by) for by in administrators if by != person)
            ]
    except PresscheckError:
        # So it does where the ledger opens and cannot be read.
        return
    finally:
        ledger.close()
    if alone:
        yield Look(
            "second person",
            "note",
            f"for {len(alone)} of {len(weighty)} who decide or administer, nobody could confirm enrolling them anew",
            "Enrol a second administrator, and passkeys, before a phone is lost (decisions/0004-second-person.md).",
        )
    else:
        yield Look("second person", "ok", "whoever loses a phone can be enrolled anew")
