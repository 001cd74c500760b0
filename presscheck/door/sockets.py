"""The two sockets that a browser needs, one way: events out and logs out, for who is signed in.

The door does Prefect's handshake (`prefect.server.utilities.subscriptions`) in both directions: the
client's own token is read and dropped, the inner credential is sent inside. A client sends one
filter and nothing after; a session that ends closes its sockets within half a minute.
"""

import asyncio
import contextlib
import json
import logging
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from presscheck.door.bounds import too_much
from presscheck.door.doorway import Doorway
from presscheck.door.prefect_behind import AT_ONCE

_log = logging.getLogger(__name__)

PATHS = ("/api/events/out", "/api/logs/out")
_SESSION_SECONDS = 30.0
_PATIENCE = 10.0
_POLICY_VIOLATION = 1008
_GOING_AWAY = 1001
_TRY_AGAIN_LATER = 1013


async def relay(door: Doorway, socket: WebSocket) -> None:
    """Serve one socket until either side leaves."""
    session = await door.session(socket)
    if socket.url.path not in PATHS or session is None or "prefect" not in socket.scope.get("subprotocols", []):
        await socket.close(_POLICY_VIOLATION)
        return
    if door.prefect.sockets[session.person] >= AT_ONCE:
        await socket.close(_TRY_AGAIN_LATER, f"{AT_ONCE} sockets of yours are open already")
        return
    door.prefect.sockets[session.person] += 1
    try:
        await _relay(door, socket)
    finally:
        door.prefect.sockets[session.person] -= 1


async def _relay(door: Doorway, socket: WebSocket) -> None:
    await socket.accept(subprotocol="prefect")
    try:
        async with asyncio.timeout(_PATIENCE):
            if _kind(await _said(socket)) != "auth":
                await socket.close(_POLICY_VIOLATION, "the first message is the auth message")
                return
            inner = await _inside(door, socket.url.path)
    except (TimeoutError, OSError, WebSocketException) as error:
        _log.warning("a socket could not be opened inside: %s", type(error).__name__)
        await _close(socket, _GOING_AWAY)
        return
    except (WebSocketDisconnect, ValueError):
        await _close(socket, _POLICY_VIOLATION)
        return
    async with contextlib.AsyncExitStack() as stack:
        stack.push_async_callback(inner.close)
        await _serve(door, socket, inner)
    await _close(socket, _GOING_AWAY)


async def _serve(door: Doorway, socket: WebSocket, inner: ClientConnection) -> None:
    try:
        await socket.send_json({"type": "auth_success"})
        async with asyncio.timeout(_PATIENCE):
            text = await _said(socket)
        if _kind(text) != "filter" or too_much(json.loads(text)):
            await socket.close(_POLICY_VIOLATION, "the second message is the filter")
            return
        await inner.send(text)
    except (TimeoutError, WebSocketDisconnect, WebSocketException, ValueError):
        return
    tasks = [
        asyncio.create_task(_outwards(socket, inner)),
        asyncio.create_task(_until_gone(socket)),
        asyncio.create_task(_until_signed_out(door, socket)),
    ]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _inside(door: Doorway, path: str) -> ClientConnection:
    address = door.prefect.address.replace("http", "ws", 1) + path
    inner = await connect(address, subprotocols=["prefect"], proxy=None, max_size=8 * 1024 * 1024)  # pyright: ignore[reportArgumentType]
    await inner.send(json.dumps({"type": "auth", "token": door.prefect.auth}))
    if _kind(str(await inner.recv())) != "auth_success":
        await inner.close()
        raise OSError("Prefect's server did not take the inner credential")
    return inner


async def _outwards(socket: WebSocket, inner: ClientConnection) -> None:
    try:
        async for message in inner:
            await socket.send_text(message if isinstance(message, str) else message.decode())
    except (WebSocketException, WebSocketDisconnect, RuntimeError):
        # Either side left while a message was under way: there is nobody to tell.
        return


async def _until_gone(socket: WebSocket) -> None:
    while True:
        message: Any = await socket.receive()
        if message["type"] == "websocket.disconnect":
            return
        # Nothing else that a client says goes inside.


async def _until_signed_out(door: Doorway, socket: WebSocket) -> None:
    while await door.session(socket) is not None:
        await asyncio.sleep(_SESSION_SECONDS)


async def _said(socket: WebSocket) -> str:
    """The next message as it stands; ValueError where it is bytes, and no text."""
    message = await socket.receive()
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(message.get("code", _GOING_AWAY))
    if not isinstance(text := message.get("text"), str):
        raise ValueError("a message is text")
    return text


def _kind(text: str) -> str:
    try:
        message = json.loads(text)
    except RecursionError as error:
        raise ValueError("a message is nested too deeply") from error
    return str(message.get("type")) if isinstance(message, dict) else ""  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]


async def _close(socket: WebSocket, code: int) -> None:
    if socket.application_state is not WebSocketState.DISCONNECTED and (
        socket.client_state is not WebSocketState.DISCONNECTED
    ):
        with contextlib.suppress(RuntimeError, WebSocketDisconnect):
            await socket.close(code)
