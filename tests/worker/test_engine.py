"""The warm engine: a child is what a fresh process would have been, and nothing of one is left for the next."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.worker.engines import CLIENT, ENGINE, Warm, children, is_alive, seen, share, until

_LEAST_OF_A_LEAK = 1 << 20
"""What 90 runs may add to an engine: a hundredth of what it holds when it serves campaigns."""


@pytest.fixture
def warm(tmp_path: Path) -> Iterator[Warm]:
    with Warm(tmp_path, "light=json,held", "full=fractions") as warm:
        yield warm


def fresh(warm: Warm, environ: Mapping[str, str]) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "probe"], cwd=warm.project, env={**os.environ, **environ}, input="given",
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def assert_ends_after(process: "subprocess.Popen[str]", warm: Warm) -> None:
    """The engine waits for this run, which waits for a line, and then ends itself."""
    with pytest.raises(subprocess.TimeoutExpired):
        warm.engine.wait(timeout=0.5)
    out, _ = process.communicate("\n")

    assert (process.returncode, out) == (0, "to the end\n")
    assert warm.engine.wait(timeout=60) == 0


def test_a_child_sees_what_a_fresh_process_would_see(warm: Warm) -> None:
    environ = {"A_RUN": "of its own", "TZ": "Asia/Tokyo"}

    child, plain = warm.run("probe", **environ), fresh(warm, environ)

    assert seen(child, "chance") == seen(plain, "chance")
    assert child.stderr == "to stderr\n"


def test_a_large_environment_arrives_whole(warm: Warm) -> None:
    environ = {f"PART_{number}": "x" * 50_000 for number in range(8)}

    assert seen(warm.run("probe", **environ))["environ"].items() >= environ.items()


def test_an_interpreter_without_memfd_serves_as_well(warm: Warm) -> None:
    # Python as uv brought it until the middle of 2026 was built for Linux without it.
    without = "import os, runpy, sys; del os.memfd_create; sys.argv = sys.argv[1:]; "
    command = [sys.executable, "-c", without + "runpy.run_path(sys.argv[0], run_name='__main__')", CLIENT[-1]]
    warm.write("who", "import sys; print('held' in sys.modules)")

    assert warm.run("who", client=command).stdout == "True\n"


def test_a_child_runs_what_was_imported_without_a_word_of_it(tmp_path: Path) -> None:
    (tmp_path / "project" / "pack").mkdir(parents=True)
    program = {"pack/program": "if __name__ == '__main__':\n    print('runs')"}
    with Warm(tmp_path, "light=pack.program", **program) as warm:
        run = warm.run("pack.program")

    assert (run.stdout, run.stderr) == ("runs\n", "")


def test_a_second_stage_has_more_imported_and_is_otherwise_the_same(warm: Warm) -> None:
    light, full = seen(warm.run("probe")), seen(warm.run("probe", "full"))

    assert (light.pop("loaded"), full.pop("loaded")) == (False, True)
    assert light.pop("chance") != full.pop("chance")
    assert light == full


def test_a_second_stage_begins_when_it_is_asked_for_and_goes_when_it_was_not_for_long(tmp_path: Path) -> None:
    with Warm(tmp_path, "light=json", "full@0+5=fractions") as warm:
        until(lambda: children(warm.engine.pid) == [])
        light = seen(warm.run("probe", "full", "light"))
        warm.ask_for_more()
        assert warm.engine.stdout is not None
        again = warm.engine.stdout.readline()

    assert light["loaded"] is False
    assert again == "full\n"


@pytest.mark.slow
def test_a_second_stage_that_goes_lets_its_run_come_to_its_end(tmp_path: Path) -> None:
    with Warm(tmp_path, "light=json", "full@0+5=fractions") as warm:
        warm.write("waiting", "import fractions\nprint('here', flush=True)\ninput()\nprint('to the end')")
        process = warm.start("waiting", "full")
        assert process.stdout is not None
        assert process.stdout.readline() == "here\n"
        until(lambda: seen(warm.run("probe", "full", "light"))["loaded"] is False)
        out, _ = process.communicate("\n")

    assert (process.returncode, out) == (0, "to the end\n")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("", 0),
        ("import sys; sys.exit(7)", 7),
        ("raise RuntimeError('a fault')", 1),
        ("import os; os._exit(9)", 9),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", -9),
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", -11),
        ("import os, signal; os.kill(os.getpid(), signal.SIGTERM)", -15),
        ("import sys; sys.exit('a word')", 1),
    ],
)
def test_the_client_ends_as_its_child_ends(warm: Warm, body: str, code: int) -> None:
    warm.write("ending", body)

    assert warm.run("ending").returncode == code


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGUSR1, signal.SIGHUP])
def test_a_signal_reaches_the_child(warm: Warm, number: signal.Signals) -> None:
    warm.write(
        "waiting",
        "import signal, sys, time\n"
        f"signal.signal({int(number)}, lambda *_: sys.exit(42))\n"
        "print('here', flush=True)\ntime.sleep(60)",
    )
    process = warm.start("waiting")
    assert process.stdout is not None
    assert process.stdout.readline() == "here\n"

    process.send_signal(number)

    assert process.wait(timeout=60) == 42


def test_a_signal_to_the_group_of_worker_and_runs_reaches_the_child_once(warm: Warm) -> None:
    warm.write("waiting", "import os\nprint(os.getpgrp(), flush=True)\ninput()")
    process = warm.start("waiting")
    assert process.stdout is not None

    assert int(process.stdout.readline()) == os.getpgid(warm.engine.pid)
    assert os.getpgid(process.pid) == process.pid
    process.communicate("\n")


def test_a_fresh_process_in_place_of_a_child_is_in_the_group_that_it_was_started_in(warm: Warm) -> None:
    warm.write("waiting", "import os; print(os.getpgrp())")
    warm.write("held", "value = 'new'")

    assert int(warm.run("waiting").stdout) == os.getpgrp()


def test_an_engine_that_only_waits_for_its_last_run_takes_no_time(warm: Warm) -> None:
    warm.write("waiting", "print('here', flush=True)\ninput()")
    process = warm.start("waiting")
    assert process.stdout is not None
    assert process.stdout.readline() == "here\n"
    assert warm.engine.stdin is not None
    warm.engine.stdin.close()

    before = ticks(warm.engine.pid)
    time.sleep(1)
    after = ticks(warm.engine.pid)

    assert after - before < 20
    process.communicate("\n")


def ticks(pid: int) -> int:
    """The processor's time that it took so far, in hundredths of a second."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def test_what_a_run_writes_when_its_interpreter_ends_is_written(warm: Warm) -> None:
    warm.write(
        "late",
        "import atexit, threading, time\natexit.register(print, 'at the end')\n"
        "threading.Thread(target=lambda: (time.sleep(0.2), print('from a thread'))).start()\n",
    )

    assert warm.run("late").stdout == "from a thread\nat the end\n"


def test_a_run_leaves_nothing_for_the_next(warm: Warm) -> None:
    before = seen(warm.run("probe"), "chance")
    warm.write(
        "careless",
        "import json, os, random, signal, sys, held\nos.environ['LEFT'] = '1'\nos.chdir('/')\nos.umask(0)\n"
        "random.seed(1)\njson.dumps = None\nheld.value = 1\nsys.path.insert(0, '/nowhere')\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n",
    )
    assert warm.run("careless").returncode == 0

    assert seen(warm.run("probe"), "chance") == before


def test_children_take_different_chances(warm: Warm) -> None:
    chances = {seen(warm.run("probe"))["chance"] for _ in range(3)}

    assert len(chances) == 3


def test_the_projects_code_is_loaded_in_the_child(warm: Warm) -> None:
    warm.write("edited", "print('before')")
    assert warm.run("edited").stdout == "before\n"

    warm.write("edited", "print('after the edit')")

    assert warm.run("edited").stdout == "after the edit\n"


def test_an_edit_of_what_the_engine_imported_ends_its_service_and_the_run_starts_afresh(warm: Warm) -> None:
    warm.write("uses", "import held; print(held.value)")
    warm.write("held", "value = 'new'")

    assert warm.run("uses").stdout == "new\n"
    assert warm.engine.stdout is not None
    assert warm.engine.stdout.readline() == "stale\n"


def test_an_edit_before_the_second_stage_is_ready_ends_its_service_too(tmp_path: Path) -> None:
    with Warm(tmp_path, "light=json,held", "full=fractions,slow", ready=False, held="value = 'old'") as warm:
        warm.write("slow", "import pathlib, time\nwhile not pathlib.Path('edited').exists(): time.sleep(0.02)")
        warm.write("uses", "import held; print(held.value)")
        assert warm.engine.stdout is not None
        assert warm.engine.stdout.readline() == "light\n"
        warm.ask_for_more()
        until(lambda: len(children(warm.engine.pid)) == 1)
        # Of another length: Python itself takes a file of the same second and size for the one that it compiled.
        warm.write("held", "value = 'newer'")
        (warm.project / "edited").touch()
        assert warm.engine.stdout.readline() == "full\n"

        assert warm.run("uses", "full").stdout == "newer\n"


def test_what_is_moved_into_the_place_of_an_imported_file_is_seen_although_it_is_older(warm: Warm) -> None:
    warm.write("uses", "import held; print(getattr(held, 'value', 'old'))")
    older = warm.project / "older.py"
    older.write_text("")
    os.utime(older, ns=((seen := (warm.project / "held.py").stat()).st_atime_ns, seen.st_mtime_ns))
    older.replace(warm.project / "held.py")

    warm.run("uses")

    assert warm.engine.stdout is not None
    assert warm.engine.stdout.readline() == "stale\n"


def test_an_edit_is_seen_in_a_project_that_lies_where_python_is_installed(tmp_path: Path) -> None:
    in_usr = f"import os, runpy, sys; sys.path[0] = os.getcwd(); sys.base_prefix = {str(tmp_path)!r}; "
    command = [sys.executable, "-c", in_usr + f"runpy.run_module({ENGINE[-1]!r}, run_name='__main__', alter_sys=True)"]
    with Warm(tmp_path, "light=held", command=command) as warm:
        warm.write("uses", "import held; print(held.value)")
        warm.write("held", "value = 'new'")

        assert warm.run("uses").stdout == "new\n"


def test_a_second_stage_that_still_imports_ends_with_the_service_and_takes_no_other_engines_place(
    tmp_path: Path,
) -> None:
    with Warm(tmp_path, "light=json", "full=slow", ready=False, slow="import time; time.sleep(60)") as warm:
        assert warm.engine.stdin is not None
        assert warm.engine.stdout is not None
        assert warm.engine.stdout.readline() == "light\n"
        warm.write("waiting", "import os\nprint(os.getpid(), flush=True)\ninput()")
        process = warm.start("waiting")
        assert process.stdout is not None
        run = int(process.stdout.readline())
        warm.ask_for_more()
        until(lambda: len(children(warm.engine.pid)) == 2)

        warm.engine.stdin.close()

        until(lambda: children(warm.engine.pid) == [run])
        process.communicate("\n")


@pytest.mark.parametrize("name", ["PYTHONHASHSEED", "PYTHONPATH", "LC_ALL", "LD_LIBRARY_PATH"])
def test_what_only_a_new_interpreter_reads_starts_one(warm: Warm, name: str) -> None:
    warm.write("who", "import sys; print('held' in sys.modules)")

    assert warm.run("who").stdout == "True\n"
    assert warm.run("who", **{name: "1"}).stdout == "False\n"


def test_without_an_engine_the_client_becomes_the_fresh_process(warm: Warm) -> None:
    warm.engine.kill()
    warm.engine.wait()

    assert seen(warm.run("probe"), "chance") == seen(fresh(warm, {}), "chance")


def test_a_child_does_not_outlive_its_client(warm: Warm) -> None:
    warm.write("waiting", "import os, time\nprint(os.getpid(), flush=True)\ntime.sleep(60)")
    process = warm.start("waiting")
    assert process.stdout is not None
    child = int(process.stdout.readline())

    process.kill()

    until(lambda: not is_alive(child))


@pytest.mark.slow
def test_a_hundred_runs_leave_an_engine_as_ten_did_though_every_fourth_is_killed(warm: Warm) -> None:
    warm.write("ending", "list(range(100_000))\nprint('ends')")
    warm.write("waiting", "import time\nprint('here', flush=True)\ntime.sleep(60)")

    def files() -> int:
        return len(os.listdir(f"/proc/{warm.engine.pid}/fd"))

    def weight_after(runs: int) -> int:
        """The engine's bytes after so many more runs, when nothing of them is left: no process and no open file."""
        for number in range(runs):
            if number % 4:
                assert warm.run("ending").stdout == "ends\n"
                continue
            process = warm.start("waiting")
            assert process.stdout is not None
            assert process.stdout.readline() == "here\n"
            process.kill()
        # The second stage is a child that stays.
        until(lambda: len(children(warm.engine.pid)) == 1 and files() == files_at_rest)
        return share(warm.engine.pid)

    files_at_rest = files()
    after_ten = weight_after(10)
    after_hundred = weight_after(90)

    assert after_hundred - after_ten < _LEAST_OF_A_LEAK


@pytest.mark.parametrize("stage", ["light", "full"])
def test_a_child_does_not_outlive_its_engine_and_counts_as_killed(warm: Warm, stage: str) -> None:
    warm.write("waiting", "import os, time\nprint(os.getpid(), flush=True)\ntime.sleep(60)")
    process = warm.start("waiting", stage)
    assert process.stdout is not None
    child = int(process.stdout.readline())

    warm.engine.kill()

    assert process.wait(timeout=60) == -signal.SIGKILL
    until(lambda: not is_alive(child))


def test_a_run_of_the_second_stage_goes_on_to_its_end_when_the_code_has_changed(warm: Warm) -> None:
    warm.write("waiting", "print('here', flush=True)\ninput()\nprint('to the end')")
    process = warm.start("waiting", "full")
    assert process.stdout is not None
    assert process.stdout.readline() == "here\n"

    warm.write("held", "value = 'new'")
    warm.run("probe")

    assert_ends_after(process, warm)


def test_what_an_import_sets_in_the_environment_is_there_for_every_run(tmp_path: Path) -> None:
    with Warm(tmp_path, "light=setting", setting="import os; os.environ['SET_BY_IT'] = 'so'") as warm:
        warm.write("who", "import os; print(os.environ['SET_BY_IT'], os.environ['A_RUN'])")

        assert warm.run("who", A_RUN="of its own").stdout == "so of its own\n"


def test_an_import_that_leaves_a_thread_ends_the_engine(tmp_path: Path) -> None:
    threads = "import threading, time\nthreading.Thread(target=time.sleep, args=(60,), daemon=True).start()"
    with Warm(tmp_path, "light=threads", threads=threads, ready=False) as warm:
        _, told = warm.engine.communicate()

        assert warm.engine.returncode == 1
        assert "threads: importing these starts threads" in told
        assert not any(warm.sockets.iterdir())


def test_an_engine_of_another_project_is_not_used(warm: Warm, tmp_path: Path) -> None:
    (tmp_path / "another").mkdir()
    (tmp_path / "another" / "who.py").write_text("import sys; print('held' in sys.modules, sys.path[0])")

    out = warm.run("who", cwd=tmp_path / "another").stdout

    assert out == f"False {tmp_path / 'another'}\n"


def test_a_deep_home_is_no_hindrance(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 100) / ("e" * 100)
    deep.mkdir(parents=True)

    with Warm(deep, "light=json,held") as warm:
        assert seen(warm.run("probe"))["cwd"] == str(warm.project)


def test_something_else_in_the_sockets_place_is_left_alone_and_said(tmp_path: Path) -> None:
    (tmp_path / "engine").mkdir(mode=0o700)
    (tmp_path / "engine" / "light").write_text("somebody's")

    with Warm(tmp_path, "light=json,held", ready=False) as warm:
        _, told = warm.engine.communicate()
        run = warm.run("probe")

    assert "the warm engine cannot listen there ([Errno 98] Address already in use); remove what is in the way" in told
    assert (tmp_path / "engine" / "light").read_text() == "somebody's"
    assert run.returncode == 0


def test_the_socket_of_an_engine_that_was_killed_is_replaced(tmp_path: Path) -> None:
    with Warm(tmp_path, "light=json,held"):
        pass

    with Warm(tmp_path, "light=json,held") as warm:
        warm.write("who", "import sys; print('held' in sys.modules)")

        assert warm.run("who").stdout == "True\n"


def test_an_engine_whose_starter_is_gone_ends_after_its_last_child(warm: Warm) -> None:
    warm.write("waiting", "input()\nprint('to the end')")
    process = warm.start("waiting")
    until(lambda: bool(Path(f"/proc/{warm.engine.pid}/task/{warm.engine.pid}/children").read_text().split()[1:]))

    assert warm.engine.stdin is not None
    warm.engine.stdin.close()

    assert_ends_after(process, warm)


def test_the_sockets_are_for_this_account_alone(warm: Warm) -> None:
    assert {path.stat().st_mode & 0o777 for path in warm.sockets.iterdir()} == {0o600}


@pytest.mark.parametrize("said", [b"", b"r", b"nope", b"\xff" * 5000])
def test_a_request_that_is_none_ends_nothing(warm: Warm, said: bytes) -> None:
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(str(warm.sockets / "light"))
        line.send(said)
        line.shutdown(socket.SHUT_WR)
        line.settimeout(5)
        assert line.recv(1) == b"n"

    assert warm.run("probe").returncode == 0


def test_a_signal_that_came_before_the_request_is_not_lost(warm: Warm) -> None:
    with socket.socket(socket.AF_UNIX) as line, (warm.project / "probe.py").open() as file:
        line.connect(str(warm.sockets / "light"))
        warm.engine.send_signal(signal.SIGSTOP)
        line.send(bytes([signal.SIGTERM]))
        socket.send_fds(line, [b"r"], [file.fileno()] * 4)
        warm.engine.send_signal(signal.SIGCONT)
        line.settimeout(5)

        # Nothing was begun, so that the client ends by the signal.
        assert line.recv(1) == b"n"
