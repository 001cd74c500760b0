"""`presscheck login` and `presscheck logout`: a session at the door, kept in a file of the user's own."""

import sys

import click

from presscheck.cli.output import emit, say
from presscheck.cli.project import Project


@click.command(short_help="Sign in at the door, for the commands that act as a person.")
@click.option("--email", help="Your address. Default: asked for.")
@click.option("--code", help="The six digits that your authenticator shows now. Default: asked for.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input, one line; for scripts.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_obj
def login(project: Project, email: str | None, code: str | None, password_stdin: bool, as_json: bool) -> None:
    """Sign in at the door with address, password and one-time code.

    The password is never taken from the command line, where other programs could see it.
    """
    from presscheck.cli.client import DoorClient
    from presscheck.cli.signed_in import Session, save_session
    from presscheck.errors import DoorError

    with DoorClient(project.settings.door_url) as door:
        address = email or click.prompt("Email", err=True)
        password = _password(password_stdin)
        number = code or click.prompt("Code", err=True)
        told = door.post("/-/api/sign-in", {"email": address, "password": password, "code": number})
        if not door.cookies:
            raise DoorError(f"{door.url}: signed in, but no session came back; is this machine's clock right?")
        session = Session(
            door=door.url,
            person=told["person"],
            name=told["name"],
            roles=tuple(told["roles"]),
            csrf=told["csrf"],
            expires_at=told["expires_at"],
            cookies=door.cookies,
        )
    save_session(session)
    if as_json:
        emit(session.model_dump(mode="json", include={"door", "person", "name", "roles", "expires_at"}))
    else:
        say(f"Signed in at {session.door} as {session.name} ({', '.join(session.roles)}) until {session.expires_at}.")


@click.command(short_help="End the session at the door and forget it here.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_obj
def logout(project: Project, as_json: bool) -> None:
    """End the session at the door and forget it here; it is forgotten even if the door does not answer."""
    from presscheck.cli.signed_in import NotSignedIn, forget_session
    from presscheck.errors import DoorError

    url = project.settings.door_url
    ended, why = True, ""
    try:
        with project.door() as door:
            door.post("/-/api/sign-out")
    except NotSignedIn:
        ended, why = False, "nobody was signed in"
    except DoorError as error:
        ended, why = False, f"the door could not end it: {error}"
    finally:
        forget_session(url)
    if as_json:
        emit({"door": url, "ended": ended, "why": why})
    else:
        say(f"Signed out at {url}." if ended else f"Forgotten here; {why}")


def _password(from_stdin: bool) -> str:
    if not from_stdin:
        return str(click.prompt("Password", hide_input=True, err=True))
    line = sys.stdin.readline().rstrip("\r\n")
    if not line:
        raise click.UsageError("--password-stdin: nothing came in; pipe the password in as one line")
    return line
