"""`presscheck demo`: a fictional brand's campaign from brief to outbox, with a person in the middle.

Everything is real but the brand: the same server, door, worker and press as `presscheck up`, in a home of
its own (`.presscheck/demo`) whose ledger refuses every way out but the outbox.
"""

import os
import shlex
import socket
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from presscheck.cli.output import emit, on_terminal, say
from presscheck.cli.project import Project
from presscheck.errors import PresscheckError

if TYPE_CHECKING:
    from presscheck.cli.client import DoorClient
    from presscheck.demo.cast import Member
    from presscheck.settings import Settings

_PATIENCE_SECONDS = 300.0
_LOOK_EVERY_SECONDS = 1.0
_PICKS = 3


@click.command(short_help="Set up a fictional brand, run its campaign and wait for you to sign it.")
@click.option("--auto", is_flag=True, help="Sign in as the brand lead, pick three variants, and end with a summary.")
@click.option("--json", "as_json", is_flag=True, help="With --auto: the summary as one JSON document.")
@click.pass_obj
def demo(project: Project, auto: bool, as_json: bool) -> None:
    """Set up a fictional brand, run its campaign, and wait for you to sign it in the browser.

    Ctrl-C ends it; run it again to start another campaign of the same brand.
    """
    if as_json and not auto:
        raise click.UsageError("--json goes with --auto; without it a person is waited for")
    tell: Callable[[str], None] = (lambda line: None) if as_json else say
    settings = _demo_settings(project.settings)
    cast = _prepare(settings, tell)
    with _running(settings, tell):
        run = _start_run(settings, cast["author"], tell)
        review = _wait_for_review(settings, run, tell)
        if auto:
            _sign(settings, cast["brand_lead"], review, tell)
        else:
            _wait_for_person(settings, cast, run, review)
        summary = _wait_for_delivery(settings, run, review, tell)
        if as_json:
            emit(summary)
        else:
            _show(summary)
            say("\nOther commands, such as `presscheck history --verify`, find the demo after")
            say(f"  {_for_another_terminal(settings)}")
        if not auto:
            say(f"\nLook around at {settings.door_url}/inbox; Ctrl-C stops everything.")
            _until_interrupted()
    if summary["state"] != "done" or summary["ledger"] != "sound":
        raise SystemExit(1)


# ---------------------------------------------------------------- setting up


def _demo_settings(settings: "Settings") -> "Settings":
    """The project's settings with a home, data and ports of the demo's own."""
    from presscheck.settings.databases import PostgresSection
    from presscheck.settings.notices import NoticesSection

    home = settings.home if settings.demo else settings.project / ".presscheck" / "demo"
    door_port = _free_port(settings.door_port, chosen="PRESSCHECK_DOOR_PORT" in os.environ)
    prefect_port = _free_port(settings.prefect_port, chosen="PRESSCHECK_PREFECT_PORT" in os.environ, but_not=door_port)
    changes = {"home": home, "data": home / "data", "demo": True, "via": "outbox", "ledger_url": "", "door_url": ""}
    # A demo brings its own databases: it must not write into the ones that the settings name.
    changes |= {"door_port": door_port, "prefect_port": prefect_port, "postgres": PostgresSection()}
    # Its people are three, and none of them answers for law or ethics.
    changes |= {"policies": settings.policies.model_copy(update={"signed": False})}
    # And it pays nobody: a project's model is asked when the project's own campaign asks it.
    # It tells nobody either: a project's people must not be called to a question of a brand that does not exist.
    changes |= {"copywriter": "offline", "notices": NoticesSection(), "webhooks": {}}
    return settings.model_copy(update=changes).resolved()


def _free_port(wanted: int, *, chosen: bool, but_not: int = 0) -> int:
    """`wanted` if it is free or was chosen by the user (who is told if it is taken), else any free one."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                if chosen:
                    return wanted
                continue
            found = int(probe.getsockname()[1])
            if found != but_not:
                return found
    raise PresscheckError("no free port was found on 127.0.0.1; name two with PRESSCHECK_DOOR_PORT and _PREFECT_PORT")


def _prepare(settings: "Settings", tell: Callable[[str], None]) -> "dict[str, Member]":
    from presscheck.demo import make_demo
    from presscheck.demo.cast import enrol_cast
    from presscheck.ledger import make_keys, upgrade

    tell("Making the demo: a catalogue of 200 products, 5,000 recipients with realistic dirt, three people.")
    settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    make_demo(settings.data, as_of=date.today())  # noqa: DTZ011 - a day as people count it here.
    make_keys(settings.keys)
    upgrade(settings.ledger_url)
    return enrol_cast(settings)


@contextmanager
def _running(settings: "Settings", tell: Callable[[str], None]) -> Generator[None]:
    """Server, door, worker and press, kept running by a thread of their own."""
    from presscheck.supervisor import Supervisor

    with Supervisor(settings, say=_without_summary(tell)) as supervisor:
        supervisor.start()
        watching = threading.Thread(target=supervisor.watch, name="supervisor", daemon=True)
        watching.start()
        try:
            yield
        finally:
            supervisor.stopping.set()
            watching.join(timeout=30)


def _without_summary(tell: Callable[[str], None]) -> Callable[[str], None]:
    # The supervisor's page speaks of a lasting set-up; the demo shows its own.
    return lambda text: None if "\n" in text else tell(text)


# ---------------------------------------------------------------- the campaign


@contextmanager
def _signed_in(settings: "Settings", member: "Member") -> "Generator[DoorClient]":
    """A conversation with the door as one of the demo's people."""
    from presscheck.cli.client import DoorClient
    from presscheck.cli.signed_in import Session

    body = {"email": member.email, "password": member.password, "code": member.present_code(datetime.now(UTC))}
    with DoorClient(settings.door_url) as door:
        answer = door.post("/-/api/sign-in", body)
        shown = {name: answer[name] for name in ("person", "name", "roles", "csrf", "expires_at")}
        door.session = Session(door=settings.door_url, cookies=door.cookies, **shown)
        yield door
        door.post("/-/api/sign-out")


def _start_run(settings: "Settings", author: "Member", tell: Callable[[str], None]) -> str:
    with _signed_in(settings, author) as door:
        started = door.post("/-/api/runs", {"campaign": "product-launch", "parameters": {}})
    tell(f"{author.name} (author) started the campaign product-launch: {_page(settings, started['run'])}")
    return str(started["run"])


def _wait_for_review(settings: "Settings", run: str, tell: Callable[[str], None]) -> str:
    from presscheck.ledger.reviews import open_reviews

    tell("Screening the audience, writing fifty variants, checking them; this takes half a minute or so.")

    def look(tx: Any) -> str | None:
        found = open_reviews(tx, run=run)
        return found[0].id if found else None

    return _wait(settings, run, look, "the campaign to ask for a decision")


def _sign(settings: "Settings", lead: "Member", review: str, tell: Callable[[str], None]) -> None:
    from presscheck.digests import fingerprint
    from presscheck.models import Manifest

    with _signed_in(settings, lead) as door:
        shown = door.get(f"/-/api/reviews/{review}")
        codes = [proposal["code"] for proposal in shown["proposals"][:_PICKS]]
        raw = {
            "form": shown["form"]["key"],
            "decision": "approve",
            "picks": codes,
            "edits": [],
            "note": "signed by AUTO=1",
        }
        answer = door.post(f"/-/api/reviews/{review}/decision", raw)
    signed = fingerprint(Manifest.model_validate(answer["decision"]["manifest"]).digest)
    tell(f"{lead.name} (brand lead) approved {', '.join(codes)} and so signed the manifest {signed}.")


def _wait_for_person(settings: "Settings", cast: "dict[str, Member]", run: str, review: str) -> None:
    """Show who may sign in and with which code, until the review has a decision."""
    from presscheck.ledger.reviews import decision_of

    def page() -> str:
        now = datetime.now(UTC)
        lines = ["", "  The campaign waits for a person.", ""]
        lines += [f"  Open    {settings.door_url}/inbox", ""]
        lines += [f"  {'who':<27} {'e-mail':<27} {'password':<28} code now"]
        for role, part in (("brand_lead", "brand lead, may sign"), ("author", "author, may not")):
            member = cast[role]
            who = f"{member.name} ({part})"
            lines += [f"  {who:<34} {member.email:<27} {member.password:<28} {member.present_code(now)}"]
        lines += ["", f"  Codes change every 30 seconds and are also kept, with the passwords, in {settings.home}"]
        lines += ["  (demo-people.json). In the run's page press ⋮ at the top right, then Resume."]
        return "\n".join(lines)

    def decided() -> bool:
        return _read(settings, lambda tx: decision_of(tx, review)) is not None

    if not on_terminal():
        say(page())
        while not decided():
            time.sleep(_LOOK_EVERY_SECONDS)
        return
    from rich.live import Live
    from rich.text import Text

    with Live(Text(page()), refresh_per_second=2) as live:
        while not decided():
            live.update(Text(page()))
            time.sleep(_LOOK_EVERY_SECONDS)


def _wait_for_delivery(settings: "Settings", run: str, review: str, tell: Callable[[str], None]) -> dict[str, Any]:
    from presscheck.ledger.deliveries import delivery_id, find_delivery
    from presscheck.ledger.reviews import decision_of, open_reviews

    while True:
        decision = _read(settings, lambda tx, asked=review: decision_of(tx, asked))
        if decision is None or decision.manifest is not None:
            break
        if decision.kind.value != "changes-requested":
            return _summary(settings, run, state=decision.kind.value, delivery=None)
        tell("Changes were requested; the next round is being drafted.")
        review = _wait(
            settings,
            run,
            lambda tx: next((found.id for found in open_reviews(tx, run=run)), None),
            "the next round",
        )
        while _read(settings, lambda tx, asked=review: decision_of(tx, asked)) is None:
            time.sleep(_LOOK_EVERY_SECONDS)

    def finished(tx: Any) -> str | None:
        row = find_delivery(tx, delivery_id(run, review))
        return row.state if row is not None and row.state in ("done", "held") else None

    tell("The press checks everything again and delivers.")
    state = _wait(settings, run, finished, "the press to deliver")
    return _summary(settings, run, state=state, delivery=delivery_id(run, review))


def _summary(settings: "Settings", run: str, *, state: str, delivery: str | None) -> dict[str, Any]:
    from sqlalchemy import func, select

    from presscheck.ledger import tables, verify
    from presscheck.ledger.assets import get_asset
    from presscheck.ledger.deliveries import find_delivery
    from presscheck.wiring import open_ledger

    shown: dict[str, Any] = {"run": run, "state": state, "url": f"{settings.door_url}/v2/runs/flow-run/{run}"}
    ledger = open_ledger(settings, None)
    try:
        with ledger.read() as tx:
            row = None if delivery is None else find_delivery(tx, delivery)
            if row is not None:
                table = tables.outbox
                query = select(table.c.asset, func.count().label("messages"))
                query = query.where(table.c.delivery == delivery, table.c.state == "sent").group_by(table.c.asset)
                shown |= {"delivery": row.id, "reason": row.reason, "sent": row.sent, "suppressed": row.suppressed}
                shown |= {"failed": row.failed, "unknown": row.unknown}
                shown["dealt"] = {
                    get_asset(tx, dealt["asset"]).copy_text.subject: dealt["messages"]
                    for dealt in tx.execute(query).mappings()
                }
                shown["outbox"] = str(settings.outbox / row.id / "index.html")
        verification = verify(ledger)
    finally:
        ledger.close()
    shown |= {"events": verification.events, "ledger": "sound" if verification.sound else verification.fault}
    return shown


def _show(summary: dict[str, Any]) -> None:
    say("")
    if summary["state"] == "done":
        say(f"Delivered: {summary['sent']} messages into the outbox, each once.")
        for subject, messages in summary["dealt"].items():
            say(f"  {messages:>6}  {subject}")
        say(f"  {summary['suppressed']:>6}  left out, because they unsubscribed after the approval")
        say(f"\nThe messages   {summary['outbox']}")
    else:
        say(f"Nothing went out: {summary['state']} {summary.get('reason', '')}".rstrip())
    say(f"The run        {summary['url']}")
    say(f"The ledger     {summary['events']} events, {summary['ledger']}")


def _for_another_terminal(settings: "Settings") -> str:
    """What other commands need to know to find the demo, which keeps apart from the project's own home."""
    at = {"HOME": settings.home, "DATA": settings.data, "DOOR_URL": settings.door_url}
    return "export " + " ".join(f"PRESSCHECK_{name}={shlex.quote(str(value))}" for name, value in at.items())


# ---------------------------------------------------------------- waiting


def _read(settings: "Settings", look: Callable[[Any], Any]) -> Any:
    from presscheck.wiring import open_ledger

    ledger = open_ledger(settings, None)
    try:
        with ledger.read() as tx:
            return look(tx)
    finally:
        ledger.close()


def _wait(settings: "Settings", run: str, look: Callable[[Any], str | None], what: str) -> str:
    """What `look` finds in the ledger; PresscheckError if the campaign ended first, or after five minutes."""
    from presscheck.ledger.campaigns import find_campaign

    until = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < until:
        if found := _read(settings, look):
            return str(found)
        ended = _read(settings, lambda tx: find_campaign(tx, run))
        if ended is not None and ended.ending == "held":
            raise PresscheckError(f"the campaign was held before {what}; its run says why: {_page(settings, run)}")
        time.sleep(_LOOK_EVERY_SECONDS)
    raise PresscheckError(
        f"waited {_PATIENCE_SECONDS:.0f} s for {what}; look at {_page(settings, run)} and {_logs(settings)}"
    )


def _page(settings: "Settings", run: str) -> str:
    return f"{settings.door_url}/v2/runs/flow-run/{run}"


def _logs(settings: "Settings") -> Path:
    return settings.home / "logs"


def _until_interrupted() -> None:
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        say("stopping")
