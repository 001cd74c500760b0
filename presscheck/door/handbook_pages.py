"""The handbook at the door, of the policies as they are now, for everybody who is signed in.

The workflows are not in it: the door runs no flows. `presscheck policies handbook` writes the whole of it.
"""

from functools import lru_cache

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from policies import Rights
from policies.engine.rights_matrix import Cell, matrix_of
from presscheck.door.doorway import Doorway
from presscheck.door.page import page, signed_in_route
from presscheck.handbook.pages import one_page
from presscheck.people.sessions import Session

# The pages carry their style with them, so that they open from a folder too, and nothing else.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"


def routes(door: Doorway) -> list[Route]:
    """`/handbook` and its pages."""
    return [
        signed_in_route(door, "/handbook", "GET", _front),
        signed_in_route(door, "/handbook/{name}", "GET", _page),
    ]


def _front(_door: Doorway, _request: Request, _session: Session) -> Response:
    return RedirectResponse("/handbook/index.html", status_code=303)


def _page(door: Doorway, request: Request, _session: Session) -> Response:
    policies = door.desk.policies()
    text = one_page(
        str(request.path_params["name"]), policies, cells=lambda: _cells(policies.rights), back=("/inbox", "← Inbox")
    )
    if text is None:
        advice = (
            "Its first page is /handbook; a workflow's page is in the site that `presscheck policies handbook` writes."
        )
        return page("trouble.html", 404, what="There is no such page in the handbook.", advice=advice)
    return HTMLResponse(text, headers={"Content-Security-Policy": _POLICY})


@lru_cache(maxsize=2)
def _cells(rights: Rights) -> tuple[Cell, ...]:
    """A second or two of asking, once for each version of the rights."""
    return matrix_of(rights)
