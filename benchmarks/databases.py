"""A million rows from PostgreSQL into a segment's candidates, beside psycopg's fetchall with Polars, in one run.

    python benchmarks/databases.py [--rows 1000000] [--url postgresql://USER@HOST/NAME]

Without --url it starts a PostgreSQL of its own on loopback from Debian's package and ends it again. The other side
does less: it keeps no row apart, hashes no address and sorts nothing. Both sides run in processes of their own, in
turn, so that each one's peak memory is its own; the segment's process that fetches the rows is told apart.
"""

import argparse
import os
import pwd
import resource
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

HERE = Path(__file__).resolve()
SELECT = (
    "SELECT id, address, consent_basis, consent_proof, consented_at, market, time_zone, birth_year FROM segment_people"
)
FILL = """
CREATE TABLE segment_people AS SELECT 'c' || n AS id, 'person' || n || '@example.com' AS address,
    'consent' AS consent_basis, 'form ' || n AS consent_proof,
    timestamptz '2025-06-01' + n * interval '1 second' AS consented_at,
    CASE mod(n, 2) WHEN 0 THEN 'DE' ELSE 'US' END AS market,
    'Europe/Berlin' AS time_zone, 1950 + mod(n, 50) AS birth_year
FROM generate_series(1, %s) AS n
"""


def segment(url: str, user: str, folder: Path) -> None:
    from presscheck.screening.databases import Database
    from presscheck.screening.segment import run_segment
    from presscheck.settings.databases import DatabaseSection

    sql = folder / "segment.sql"
    sql.write_text(f"-- database: shop\n{SELECT}\n")
    out = folder / "segment.parquet"
    out.unlink(missing_ok=True)
    shop = Database("shop", DatabaseSection(url=url, user=user))
    run_segment(sql, folder, out, as_of=datetime.now(UTC), databases=lambda _: shop)


def plain(url: str, user: str, folder: Path) -> None:
    import polars
    import psycopg

    with psycopg.connect(url, user=user) as connection:
        cursor = connection.execute(SELECT)
        names = [column.name for column in cursor.description]
        frame = polars.DataFrame(cursor.fetchall(), schema=names, orient="row")
    frame.write_parquet(folder / "plain.parquet")


@contextmanager
def own_server() -> Iterator[str]:
    """PostgreSQL's URL without a user; the data is gone afterwards."""
    binaries = sorted(Path("/usr/lib/postgresql").glob("*/bin"))[-1]
    with tempfile.TemporaryDirectory() as name, socket.socket() as probe:
        folder, as_user = Path(name), []
        if os.geteuid() == 0:
            account = pwd.getpwnam("postgres")
            os.chown(folder, account.pw_uid, account.pw_gid)
            as_user = ["setpriv", f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups"]
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        init = [*as_user, binaries / "initdb", "-D", folder / "data", "-U", "owner", "--auth=trust", "-E", "UTF8"]
        subprocess.run(init, check=True, capture_output=True, cwd=folder)
        flags = ["-D", folder / "data", "-h", "127.0.0.1", "-p", str(port), "-k", folder]
        server = subprocess.Popen(
            [*as_user, binaries / "postgres", *flags], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            while subprocess.run([binaries / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port)]).returncode:
                time.sleep(0.2)
            yield f"postgresql://127.0.0.1:{port}/postgres"
        finally:
            server.terminate()
            server.wait(timeout=30)


def measured(side: str, url: str, user: str, folder: Path) -> tuple[float, float, float]:
    """Seconds, MiB of one side in a process of its own, and MiB of the process that it started to fetch the rows."""
    code = [sys.executable, str(HERE), "--side", side, "--url", url, "--user", user, "--folder", str(folder)]
    began = time.perf_counter()
    said = subprocess.run(code, check=True, stdout=subprocess.PIPE, text=True).stdout
    own, fetching = map(float, said.split()[-2:])
    return time.perf_counter() - began, own, fetching


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--side", choices=["segment", "plain"])
    parser.add_argument("--url")
    parser.add_argument("--user", default="reader")
    parser.add_argument("--folder", type=Path)
    given = parser.parse_args()
    if given.side:
        {"segment": segment, "plain": plain}[given.side](given.url, given.user, given.folder)
        used = (resource.getrusage(who).ru_maxrss / 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
        print(*used)
        return
    with own_server() as url, tempfile.TemporaryDirectory() as folder:
        import psycopg

        with psycopg.connect(url, user="owner", autocommit=True) as owner:
            owner.execute("CREATE ROLE reader LOGIN")
            owner.execute(FILL % given.rows)
            owner.execute("GRANT SELECT ON segment_people TO reader")
        sides = {"segment": [], "plain": []}
        for _ in range(given.times):
            for side, found in sides.items():
                found.append(measured(side, url, "reader", Path(folder)))
    seconds = {side: median(one[0] for one in found) for side, found in sides.items()}
    for side, found in sides.items():
        own, fetching = max(one[1] for one in found), max(one[2] for one in found)
        speed = f"{seconds[side]:.2f} s, {given.rows / seconds[side]:,.0f} rows a second"
        print(f"{side}: {speed}, {own:,.0f} MiB{f', fetching {fetching:,.0f} MiB' if fetching else ''}")
    print(f"ratio of time (segment / psycopg fetchall and Polars): {seconds['segment'] / seconds['plain']:.2f}")


if __name__ == "__main__":
    main()
