"""Adds to a project what `presscheck new` is asked for: each thing with a test that passes, and nothing written over.

    added = add(project, "step", "collect-subjects", author="me@example.com", data=settings.data, as_of=date.today())
    added.files, added.then

What is generated is sound as it stands: a flow has data of its own until it is pointed at yours, a policy has cases.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

from presscheck.errors import Fault, InputError
from presscheck.starter import email_fault, filled, invented_catalogue, invented_customers, name_fault, words_for

if TYPE_CHECKING:
    from policies import PolicySet

What = Literal["flow", "step", "kind", "gate", "guardrail", "expectation"]
WHATS: tuple[What, ...] = get_args(What)

_FILES: dict[What, dict[str, str]] = {
    "flow": {
        "flow.py": "flows/{function}.py",
        "brief.yaml": "briefs/{function}.yaml",
        "segment.sql": "segments/{function}.sql",
        "test_flow.py": "tests/test_{function}.py",
    },
    "step": {"new_step.py": "flows/{function}_steps.py", "new_test_step.py": "tests/test_{function}_steps.py"},
    "kind": {
        "new_kind.py": "flows/{function}_kind.py",
        "new_approval.yaml": "policies/approvals/{slug}.yaml",
        "new_test_kind.py": "tests/test_{function}_kind.py",
    },
    "gate": {
        "new_approval.yaml": "policies/approvals/{slug}.yaml",
        "new_test_gate.py": "tests/test_{function}_gate.py",
    },
    "guardrail": {
        "new_guardrail.yaml": "policies/guardrails/{slug}.yaml",
        "new_test_guardrail.py": "tests/test_{function}_guardrail.py",
    },
    "expectation": {
        "new_expectation.yaml": "expectations/{slug}.yaml",
        "new_test_expectation.py": "tests/test_{function}_expectation.py",
    },
}
_THEN: dict[What, str] = {
    "flow": "say in {files[1]} what it is about, and point {files[2]} at your own data",
    "step": "call {function}(campaign) in a flow that imports it from {module}_steps",
    "kind": 'put one to people: await_decision(offer(campaign, {class_name}(...)), gate="{slug}")',
    "gate": 'ask there: await_decision(propose(campaign, choices, recipients), gate="{slug}")',
    "guardrail": "write in {files[0]} what texts may not do, and a case for each way of saying it",
    "expectation": 'say there what rows have to be, and put some to it: expect(campaign, rows, "{slug}")',
}
_REHEARSED: tuple[What, ...] = ("flow", "step", "kind")
_CONFTEST = "tests/conftest.py"


@dataclass(frozen=True)
class Added:
    """The files that were written, relative to the project, and what to do next."""

    files: tuple[str, ...]
    test: str
    then: str


def add(project: Path, what: What, name: str, *, author: str, data: Path, policies: Path, as_of: date) -> Added:
    """Write it, whole or not at all. InputError with every fault: no name, one that is taken, a file that is there."""
    if faults := [fault for fault in (name_fault("NAME", name), email_fault("--author", author)) if fault]:
        raise InputError(faults)
    words = _words(what, name, author, as_of)
    texts = {place.format(**words): filled(template, words) for template, place in _FILES[what].items()}
    main, test = list(texts), next(place for place in texts if place.startswith("tests/"))
    if what == "flow":
        folder = data.relative_to(project) if data.is_relative_to(project) else Path("data")
        texts[(folder / words["customers"]).as_posix()] = invented_customers(as_of)
        texts[(folder / words["catalogue"]).as_posix()] = invented_catalogue()
    policies = policies.relative_to(project) if policies.is_relative_to(project) else Path("policies")
    texts = {_in_policies(place, policies): text for place, text in texts.items()}
    faults = [
        Fault(place, None, "", "is there already, and nothing is written over; choose another name")
        for place in texts
        if (project / place).exists()
    ]
    faults += _taken(what, name, project / policies)
    texts |= _shared(project, what, words)
    faults += _without_rehearsal(project, what)
    if faults:
        raise InputError(faults)
    _write(project, texts)
    then = _THEN[what].format(**words, files=main, module=f"flows.{words['function']}")
    return Added(tuple(sorted(texts)), test, then)


def _words(what: What, name: str, author: str, as_of: date) -> dict[str, str]:
    words = words_for(name, author, as_of)
    function = words["function"]
    kinds = "copy, image" if what == "gate" else name
    return words | {
        "words": name.replace("-", " "),
        "class_name": "".join(part.capitalize() for part in name.split("-")),
        "customers": f"{function}_customers.csv",
        "catalogue": f"{function}_catalogue.csv",
        "far": (as_of + timedelta(days=9000)).isoformat(),
        "asked": f"what is asked at the gate {name}" if what == "gate" else f"a {name.replace('-', ' ')}",
        "kinds": kinds,
        "case_kind": kinds.partition(",")[0],
    }


def _shared(project: Path, what: What, words: dict[str, str]) -> dict[str, str]:
    """What such a test needs besides, where it is not there yet."""
    needed = {"pyproject.toml": "pyproject.toml"}
    if what in _REHEARSED:
        needed[_CONFTEST] = "conftest.py"
    if what in ("step", "kind"):
        needed["tests/plain_brief.yaml"] = "plain_brief.yaml"
    return {place: filled(template, words) for place, template in needed.items() if not (project / place).exists()}


def _without_rehearsal(project: Path, what: What) -> Iterator[Fault]:
    path = project / _CONFTEST
    if what in _REHEARSED and path.is_file() and "rehearsal" not in path.read_text("utf-8", "replace"):
        line = "from presscheck.rehearsal.fixtures import presscheck_prefect, rehearsal"
        yield Fault(_CONFTEST, None, "", f"offers no rehearsal, in which the test would run; add {line}")


def _taken(what: What, name: str, overlay: Path) -> Iterator[Fault]:
    """A policy that has the name, or decides there, already."""
    if what in ("flow", "step", "expectation"):
        return
    from policies import load_policies

    policies: PolicySet = load_policies(overlay=overlay if overlay.is_dir() else None)
    id_ = f"brand.{name}" if what == "guardrail" else f"approvals.{name}"
    if id_ in policies.versions:
        yield Fault("NAME", None, "", f"there is a policy {id_} already; choose another name, or override it by its id")
    for model in policies.approvals if what == "gate" else ():
        if model.scope.gates != "all" and name in model.scope.gates and "copy" in model.scope.kinds:
            yield Fault("NAME", None, "", f"at the gate {name} {model.id} decides already; override it by its id")
    if what == "kind" and "-" not in name:
        yield Fault("NAME", None, "", f"{name} is one word, as the kinds that ship are; write two, such as {name}-plan")


def _in_policies(place: str, policies: Path) -> str:
    first, _, rest = place.partition("/")
    return (policies / rest).as_posix() if first == "policies" else place


def _write(project: Path, texts: dict[str, str]) -> None:
    """All, or none: what was written is taken away again where the next cannot be."""
    written: list[Path] = []
    try:
        for place, text in texts.items():
            path = project / place
            path.parent.mkdir(parents=True, exist_ok=True)
            # Exclusively: somebody may have written it since it was looked for.
            with path.open("x", encoding="utf-8", newline="\n") as file:
                written.append(path)
                file.write(text)
    except OSError as error:
        for path in written:
            path.unlink(missing_ok=True)
        said = f"cannot be written: {error.strerror or error}; nothing was added"
        raise InputError([Fault(str(error.filename or project), None, "", said)]) from error
