"""Requests of which two programs could see different ends: what hides behind one of them is never a second request.

Raw bytes go to the door, with a second request behind them that only counts where the first has ended.
"""

import re
from typing import Any

import pytest

from tests.door.conftest import _quick_argon2, _servers, _still_scene, still_house
from tests.door.house import House

# The fixtures of the door's tests, which are found here by name.
__all__ = ["_quick_argon2", "_servers", "_still_scene", "still_house"]

CHUNKED = "2\r\n{}\r\n0\r\n\r\n"
FILTER = "/api/flow_runs/filter"
HIDDEN = "/api/flows/filter"


def sent(house: House, rest: str, *, version: str = "1.1") -> tuple[list[str], bool, list[str]]:
    """The statuses of all answers, whether the connection was closed after the first, and what reached Prefect."""
    visitor = house.visitor("ana")
    who = f"Host: 127.0.0.1:{house.port}\r\nOrigin: {house.url}\r\nCookie: presscheck={visitor.token}\r\n"
    kind = "Content-Type: application/json\r\n"
    first = f"POST {FILTER} HTTP/{version}\r\n{who}{kind}{rest}"
    second = f"POST {HIDDEN} HTTP/1.1\r\n{who}{kind}Content-Length: 2\r\nConnection: close\r\n\r\n{{}}"

    answer = house.raw_request(first + second)

    statuses = re.findall(r"HTTP/1\.1 (\d{3})", answer)
    head = answer.partition("\r\n\r\n")[0].lower()
    return statuses, "connection: close" in head, [call["path"] for call in house.upstream.seen]


REFUSED = {
    "both": f"Content-Length: 12\r\nTransfer-Encoding: chunked\r\n\r\n{CHUNKED}",
    "both, the other way round": f"Transfer-Encoding: chunked\r\nContent-Length: 12\r\n\r\n{CHUNKED}",
    "both, and the length is right": f"Transfer-Encoding: chunked\r\nContent-Length: {len(CHUNKED)}\r\n\r\n{CHUNKED}",
    "both, of no length": f"Content-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n{CHUNKED}",
    "both, in capitals": f"CONTENT-LENGTH: 12\r\nTRANSFER-ENCODING: CHUNKED\r\n\r\n{CHUNKED}",
    "both, after a bare line feed": f"Content-Length: 12\nTransfer-Encoding: chunked\r\n\r\n{CHUNKED}",
    "both, one of them folded": f"Content-Length: 12\r\nTransfer-Encoding:\r\n chunked\r\n\r\n{CHUNKED}",
    "both, after a bare carriage return": f"Content-Length: 12\rTransfer-Encoding: chunked\r\n\r\n{CHUNKED}",
    "a coding twice": f"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n{CHUNKED}",
    "two codings": f"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n{CHUNKED}",
    "a list of codings": f"Transfer-Encoding: chunked, identity\r\n\r\n{CHUNKED}",
    "gzip before it": f"Transfer-Encoding: gzip, chunked\r\n\r\n{CHUNKED}",
    "identity": "Transfer-Encoding: identity\r\n\r\n{}",
    "a coding that is none": f"Transfer-Encoding: xchunked\r\n\r\n{CHUNKED}",
    "a coding in quotes": f'Transfer-Encoding: "chunked"\r\n\r\n{CHUNKED}',
    "a coding with a parameter": f"Transfer-Encoding: chunked;q=1\r\n\r\n{CHUNKED}",
    "a coding after a vertical tab": f"Transfer-Encoding: \x0bchunked\r\n\r\n{CHUNKED}",
    "a coding with a no-break space": f"Transfer-Encoding: chunked\xa0\r\n\r\n{CHUNKED}",
    "no coding": f"Transfer-Encoding: \r\n\r\n{CHUNKED}",
    "a space before the colon": f"Transfer-Encoding : chunked\r\n\r\n{CHUNKED}",
    "two lengths": "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
    "a list of lengths": "Content-Length: 2, 3\r\n\r\n{}",
    "a folded length": "Content-Length: 2\r\n 5\r\n\r\n{}",
    "a signed length": "Content-Length: +2\r\n\r\n{}",
    "a hexadecimal length": "Content-Length: 0x2\r\n\r\n{}",
    "a length below nothing": "Content-Length: -2\r\n\r\n{}",
    "a length with an underscore": "Content-Length: 0_2\r\n\r\n{}",
    "a length in other digits": "Content-Length: \xb2\r\n\r\n{}",
    "an empty length": "Content-Length: \r\n\r\n{}",
    "a hexadecimal mark before a chunk": "Transfer-Encoding: chunked\r\n\r\n0x2\r\n{}\r\n0\r\n\r\n",
    "a chunk below nothing": "Transfer-Encoding: chunked\r\n\r\n-2\r\n{}\r\n0\r\n\r\n",
    "a bare line feed after a chunk's length": "Transfer-Encoding: chunked\r\n\r\n2\n{}\r\n0\r\n\r\n",
    "a bare line feed after a chunk": "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\n0\r\n\r\n",
    "a line feed in a chunk's extension": 'Transfer-Encoding: chunked\r\n\r\n2;a="\n"\r\n{}\r\n0\r\n\r\n',
    "a chunk longer than it says": "Transfer-Encoding: chunked\r\n\r\n2\r\n{}xx\r\n0\r\n\r\n",
}
READ_ALIKE = {
    "a length": "Content-Length: 2\r\n\r\n{}",
    "the same length twice": "Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}",
    "chunked": f"Transfer-Encoding: chunked\r\n\r\n{CHUNKED}",
    "chunked in capitals": f"Transfer-Encoding: ChunKED\r\n\r\n{CHUNKED}",
    "chunked behind a tab": f"Transfer-Encoding:\tchunked\t\r\n\r\n{CHUNKED}",
    "chunked on a folded line": f"Transfer-Encoding:\r\n chunked\r\n\r\n{CHUNKED}",
    "bare line feeds": f"Transfer-Encoding: chunked\n\n{CHUNKED}",
    "a coding folded into another header": "X-A: b\r\n Transfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n{}",
    "a name with an underscore": "Transfer_Encoding: chunked\r\nContent-Length: 2\r\n\r\n{}",
    "a length behind the chunks": "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nContent-Length: 40\r\n\r\n",
}


@pytest.mark.parametrize("how", REFUSED)
def test_a_body_whose_end_is_told_in_two_ways_is_refused_and_nothing_behind_it_is_read(
    still_house: House, how: str, caplog: Any
) -> None:
    statuses, closed, reached = sent(still_house, REFUSED[how])

    assert (statuses, closed, reached) == (["400"], True, [])
    assert "Traceback" not in caplog.text


def test_a_coding_in_the_old_version_of_the_protocol_is_refused(still_house: House) -> None:
    statuses, closed, reached = sent(still_house, f"Transfer-Encoding: chunked\r\n\r\n{CHUNKED}", version="1.0")

    assert (statuses, closed, reached) == (["400"], True, [])


@pytest.mark.parametrize("how", READ_ALIKE)
def test_a_body_of_one_end_is_read_to_it_and_passed_on_with_a_length_of_our_own(still_house: House, how: str) -> None:
    statuses, _, reached = sent(still_house, READ_ALIKE[how])

    assert (statuses, reached) == (["200", "200"], [FILTER, HIDDEN])
    for call in still_house.upstream.seen:
        assert (call["body"], call["headers"]["content-length"]) == ({}, "2")
        assert "transfer-encoding" not in call["headers"]


@pytest.mark.parametrize("path", ["/sign-in", "/unsubscribe/x", "/-/api/sign-in", "/people/confirm"])
def test_our_own_pages_refuse_such_a_body_too(still_house: House, path: str) -> None:
    answer = still_house.raw_request(
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{still_house.port}\r\nOrigin: {still_house.url}\r\n"
        f"{REFUSED['both']}GET /enrol HTTP/1.1\r\nHost: 127.0.0.1:{still_house.port}\r\n\r\n"
    )

    assert re.findall(r"HTTP/1\.1 (\d{3})", answer) == ["400"]
    assert "two ways" in answer


def test_half_a_body_leaves_no_traceback_behind(still_house: House, caplog: Any, capfd: Any) -> None:
    import socket

    visitor = still_house.visitor("ana")
    head = f"POST {FILTER} HTTP/1.1\r\nHost: 127.0.0.1:{still_house.port}\r\nOrigin: {still_house.url}\r\n"
    with socket.create_connection(("127.0.0.1", still_house.port), timeout=10) as connection:
        cookie = f"Cookie: presscheck={visitor.token}\r\nContent-Type: application/json\r\n"
        connection.sendall(f"{head}{cookie}Content-Length: 10\r\n\r\n{{".encode())
    assert visitor.get("/inbox").status_code == 200

    assert "Traceback" not in caplog.text + capfd.readouterr().err
    assert still_house.upstream.seen == []
