"""The door as a process: settings in, a server on loopback until it is told to stop."""

import logging
import socket

from presscheck.errors import SettingsError
from presscheck.settings import Settings
from presscheck.settings.logs import begin_logging
from presscheck.wiring import open_desk, open_ledger


def serve(settings: Settings) -> None:
    """Serve until SIGINT or SIGTERM. SettingsError where the port is taken or the inner credential is missing."""
    # Taken before anything is opened: whoever finds the port taken changed nothing.
    with _listen(settings.door_port) as listening:
        _serve(settings, listening)


def _serve(settings: Settings, listening: socket.socket) -> None:
    import httpx
    import uvicorn

    from presscheck.door.app import make_app

    begin_logging("%(asctime)s %(levelname)s %(name)s: %(message)s")
    # httpx tells every request to Prefect at this level, once a second from the bell alone.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    auth = _inner_credential(settings)
    ledger = open_ledger(settings, "door")
    desk = open_desk(settings, ledger)
    client = httpx.AsyncClient(
        base_url=settings.prefect_url.removesuffix("/api"),
        timeout=httpx.Timeout(30.0, connect=5.0),
        limits=httpx.Limits(max_connections=100),
        # A proxy of the environment has no business between the door and its own server.
        trust_env=False,
    )
    app = make_app(settings, ledger=ledger, desk=desk, client=client, prefect_auth=auth)
    config = uvicorn.Config(
        app,
        # Of the two parsers that uvicorn knows, the strict one, also where the other happens to be installed.
        http="h11",
        log_level="warning",
        server_header=False,
        date_header=True,
        proxy_headers=False,
        timeout_graceful_shutdown=5,
        h11_max_incomplete_event_size=64 * 1024,
        ws_max_size=1024 * 1024,
    )
    try:
        uvicorn.Server(config).run(sockets=[listening])
    finally:
        ledger.close()


def _listen(port: int) -> socket.socket:
    # By its protocol's name, or asyncio leaves Nagle's algorithm on and each answer waits 40 ms for an acknowledgement.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind(("127.0.0.1", port))
    except OSError as error:
        listening.close()
        raise SettingsError(
            f"door_port: port {port} on 127.0.0.1 cannot be used: {error.strerror}. "
            "Stop the program that has it, or set PRESSCHECK_DOOR_PORT to another."
        ) from error
    return listening


def _inner_credential(settings: Settings) -> str:
    try:
        return settings.prefect_auth_file.read_text("utf-8").strip()
    except OSError as error:
        raise SettingsError(
            f"{settings.prefect_auth_file}: Prefect's inner credential cannot be read: {error.strerror}; "
            "`presscheck up` makes it"
        ) from error
