"""Prefect's server of a rehearsal, as a process: it serves an open socket until whoever started it is gone.

    python -m presscheck.rehearsal.serving FOLDER SOCKET < pipe

When the pipe is closed, it ends at once and takes FOLDER along, which holds nothing that anybody wants again.
"""

import os
import shutil
import socket
import sys
import threading
import time
from pathlib import Path

from presscheck.supervisor.prefect_schema import make_database


def main() -> None:
    """Serve until standard input is closed."""
    folder, number = sys.argv[1:]
    # Before the seconds of importing: nobody may be there any more when they are over.
    threading.Thread(target=_end_with_starter, args=(folder,), daemon=True).start()
    home = Path(os.environ["PREFECT_HOME"])
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    make_database(home / "prefect.db")
    import uvicorn
    from prefect.server.api.server import create_app

    app = create_app(ephemeral=True, final=True)
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="on"))
    server.run(sockets=[socket.socket(fileno=int(number))])


def _end_with_starter(folder: str) -> None:
    sys.stdin.buffer.read()
    server = os.getpid()
    if os.fork():
        os._exit(0)
    # While the server lives, its other threads may write there.
    while os.getppid() == server:
        time.sleep(0.01)
    shutil.rmtree(folder, ignore_errors=True)
    os._exit(0)


if __name__ == "__main__":
    main()
