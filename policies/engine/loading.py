"""Puts a set of policies and prompts together from the texts of their files.

    texts = read_texts(None, overlay)         # every file as it stands now
    policies = policies_of(texts)             # a whole set, or PolicyError
    policies = load_policies(None, overlay)   # both at once

A folder holds `packs/NAME/*.yaml`, `guardrails/*.yaml`, `approvals/*.yaml`, `deliveries/*.yaml`, `tiers/*.yaml`,
`calendars/*.yaml`, `campaigns/*.yaml`, `usage/*.yaml`, `rights/*.cedar` with their cases and `prompts/*.md`. An
overlay adds to the shipped folder: it replaces a policy of the same id where its file says `overrides: true`, changes
a guardrail where its file says `extends: ID`, and a pack where its `pack.yaml` says `extends: NAME`. All faults of all
files are told at once, and nothing is allowed under a set that does not load.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from policies.engine.approval import ApprovalPolicy
from policies.engine.calendars import Calendar
from policies.engine.campaigns import CampaignPolicy
from policies.engine.cases import failing_cases
from policies.engine.delivery import DeliveryPolicy
from policies.engine.extending import extended_rule, nothing_to_override
from policies.engine.guardrail import Guardrail
from policies.engine.pack_reading import PACKS, is_overlay, lay_packs_over, read_packs
from policies.engine.packs import PackFiles, without_parameters
from policies.engine.policy_set import PolicySet
from policies.engine.prompt_file import PromptFile, parse_prompt
from policies.engine.rights_loading import RightsFolder, load_rights
from policies.engine.rights_of_models import without_right
from policies.engine.rule_overlay import Reason
from policies.engine.style_lines import with_style
from policies.engine.texts import SHIPPED, Layer, PolicyTexts, read_layer, read_text, read_texts
from policies.engine.tiers import TierTable
from policies.engine.usage import UsagePolicy
from presscheck.documents.document import Document, read_document
from presscheck.errors import Fault, PolicyError
from presscheck.models import Digest, Prompt

AnyPolicy = Guardrail | ApprovalPolicy | DeliveryPolicy | TierTable | Calendar | CampaignPolicy | UsagePolicy
_Model = (
    type[Guardrail]
    | type[ApprovalPolicy]
    | type[DeliveryPolicy]
    | type[TierTable]
    | type[Calendar]
    | type[CampaignPolicy]
    | type[UsagePolicy]
)

KINDS: dict[str, _Model] = {
    "guardrails": Guardrail,
    "approvals": ApprovalPolicy,
    "deliveries": DeliveryPolicy,
    "tiers": TierTable,
    "calendars": Calendar,
    "campaigns": CampaignPolicy,
    "usage": UsagePolicy,
}
"""The policies of each kind: the folder that they lie in, and the field of a set that holds them."""
_RIGHTS = "rights"
_MOST_SOUND = 16
_SOUND: dict[Digest, PolicySet] = {}
"""Sets that loaded without a fault, by their texts: cases hold again wherever the same texts stand."""
_HELD: set[Digest] = set()
"""Policies whose cases hold, by their versions, of which cases are part: they hold wherever the same rule stands."""
_STEM = re.compile(r"^(?!schema$)[a-z0-9]+(?:-[a-z0-9]+)*$")
_PROMPT_ID = re.compile(r"^prompts\.([a-z0-9]+(?:-[a-z0-9]+)*)$")


@dataclass(frozen=True)
class _Loaded:
    """One policy and the document it came from."""

    policy: AnyPolicy
    document: Document
    reason: Reason | None = None
    """Why a project changes the rule below, where it does."""


def load_policies(folder: Path | None = None, overlay: Path | None = None) -> PolicySet:
    """The policies of `folder` (the shipped ones by default) with those of `overlay` on top.

    Raises PolicyError with every fault of every file: of form, of name, of a case that does not
    hold, of an id that is there twice or that an overlay does not find.
    """
    return policies_of(read_texts(folder, overlay))


def policies_of(texts: PolicyTexts) -> PolicySet:
    """The set that these texts are. Raises PolicyError as `load_policies` does."""
    known = _SOUND.get(texts.digest) if texts.readable else None
    if known is None:
        known = _put_together(texts)
        if len(_SOUND) >= _MOST_SOUND:
            _SOUND.clear()
        _SOUND[texts.digest] = known
    return known


def _put_together(texts: PolicyTexts) -> PolicySet:
    faults = [fault for layer in texts.layers for fault in layer.faults]
    shipped = read_packs(texts.base, faults)
    base = _without_doubles([*_read_layer(texts.base, faults), *_rules_of(shipped.values(), faults)], faults)
    for loaded in base.values():
        if loaded.policy.overrides:
            faults.append(loaded.document.fault(("overrides",), "only a policy of an overlay overrides; remove it"))
    held, packs = base, shipped
    if texts.overlay is not None:
        packs = lay_packs_over(shipped, texts.overlay, faults)
        changed = [packs[name] for name, pack in shipped.items() if packs[name] != pack]
        gone = {one.document.path for pack in changed for one in _rules_of([pack], [], run=False)}
        held = {id_: one for id_, one in base.items() if one.document.path not in gone}
        held |= _without_doubles(_rules_of(changed, faults), faults)
        off = {id_: pack.pack.pack for pack in packs.values() if not pack.on for id_ in pack.ids}
        own = _rules_of([pack for name, pack in packs.items() if name not in shipped], faults)
        _lay_over(held, _without_doubles(own, faults), off, faults)
        _lay_over(held, _without_doubles(_read_layer(texts.overlay, faults, held, off), faults), off, faults)
    # One of the same name in the overlay is taken in the place of the one below.
    prompts = {prompt.id: prompt for layer in texts.layers for prompt in _prompts_of(layer, faults)}
    before = len(faults)
    above = None if texts.overlay is None else _rights_of(texts.overlay, faults)
    rights = load_rights(_rights_of(texts.base, faults), above, faults)
    rights_are_sound = len(faults) == before
    policies = [held[id_].policy for id_ in sorted(held)]
    of_kind: dict[str, Any] = {
        kind: tuple(policy for policy in policies if isinstance(policy, model)) for kind, model in KINDS.items()
    }
    known: dict[str, Calendar] = {calendar.id: calendar for calendar in of_kind["calendars"]}
    for loaded in held.values():
        faults.extend(_calendar_faults(loaded, known))
        # Rights that do not load have faults of their own; what they do not say would only add to them.
        if rights_are_sound and isinstance(loaded.policy, ApprovalPolicy):
            faults.extend(loaded.document.fault(place, said) for place, said in without_right(loaded.policy, rights))
    if not faults:
        for kind in ("guardrails", "approvals", "tiers"):
            if not of_kind[kind]:
                message = "holds no policy; without one nothing may go out. Restore the folder or write a policy"
                faults.append(Fault(texts.base.path(kind), None, "", message))
    if faults:
        raise PolicyError(sorted(faults, key=lambda fault: (fault.path, fault.line or 0, fault.where)))
    below = tuple(one.policy for one in base.values() if isinstance(one.policy, Guardrail))
    return PolicySet(
        **of_kind,
        rights=rights,
        prompts=tuple(with_style(prompts[id_], of_kind["guardrails"], below) for id_ in sorted(prompts)),
        packs=tuple(packs[name].in_force(held) for name in sorted(packs)),
        below=below,
        reasons=tuple(_reasons(packs.values(), held.values())),
    )


def _reasons(packs: Iterable[PackFiles], held: Iterable[_Loaded]) -> Iterator[Reason]:
    """Why a project differs from what ships: of each pack that it sets, and of each rule that it changes."""
    for pack in packs:
        if pack.reason is not None:
            yield pack.reason
            yield from (Reason(id_, pack.reason.owner, pack.reason.why) for id_ in pack.ids if pack.on)
    for one in held:
        if one.reason is not None:
            yield one.reason
        elif isinstance(one.policy, Guardrail) and one.policy.overrides:
            yield Reason(one.policy.id, one.policy.owner, one.policy.why)


def _rules_of(packs: Iterable[PackFiles], faults: list[Fault], *, run: bool = True) -> list[_Loaded]:
    """The rules of the packs that are on, with the values of their parameters; `run`: and their cases."""
    loaded: list[_Loaded] = []
    for pack in packs:
        found: list[Fault] = []
        for stem, document in pack.documents if pack.on or not run else ():
            loaded.extend(_parsed(document, stem, Guardrail, found, run=run))
        faults.extend(pack.told(found))
    return loaded


def _calendar_faults(loaded: _Loaded, known: Mapping[str, Calendar]) -> Iterator[Fault]:
    """What is wrong between an approval model and the calendar that it counts by."""
    policy = loaded.policy
    if not isinstance(policy, ApprovalPolicy) or policy.calendar is None:
        return
    calendar = known.get(policy.calendar)
    if calendar is None:
        message = f"there is no {policy.calendar}; there are: {', '.join(sorted(known)) or 'none'}"
        yield loaded.document.fault(("calendar",), message)
        return
    for at, stage in enumerate(policy.stages):
        later = () if stage.escalate is None else ((("escalate", "after"), stage.escalate.after),)
        reminders = ((("remind_after", number), lasts) for number, lasts in enumerate(stage.remind_after))
        for place, lasts in ((("expires_after",), stage.expires_after), *reminders, *later):
            if calendar.too_long(lasts):
                message = f"{calendar.id} is not open so much within 400 days; write a shorter time"
                yield loaded.document.fault(("stages", at, *place), message)


def load_prompt(id: str, folder: Path | None = None, overlay: Path | None = None) -> Prompt:
    """The prompt of this id, such as `prompts.email-variants`, from `folder/prompts/<name>.md`.

    One of the same name in `overlay/prompts/` is taken in its place.

    Raises PolicyError where there is none, naming those that there are, or where it is malformed.
    """
    found = _PROMPT_ID.match(id)
    if overlay is not None and found is not None and (overlay / "prompts" / f"{found[1]}.md").is_file():
        folder = overlay
    root = (folder or SHIPPED) / "prompts"
    path = root / f"{found[1] if found else ''}.md"
    if found is None or not path.is_file():
        known = ", ".join(f"prompts.{file.stem}" for file in sorted(root.glob("*.md"))) or "none"
        raise PolicyError(f"{root}: there is no prompt {id[:80]!r}; there are: {known}")
    home = folder or SHIPPED
    return parse_prompt(read_text(path, home.resolve()), path=str(path), id=id).prompt


def load_prompts(folder: Path | None = None) -> tuple[Prompt, ...]:
    """All prompts of a folder, in order of their ids; raises PolicyError with the faults of all."""
    faults: list[Fault] = []
    prompts = tuple(found.prompt for found in _prompts_of(read_layer(folder or SHIPPED), faults))
    if faults:
        raise PolicyError(faults)
    return prompts


def _prompts_of(layer: Layer, faults: list[Fault]) -> list[PromptFile]:
    found: list[PromptFile] = []
    for place, text in layer.ending(".md"):
        try:
            found.append(parse_prompt(text, path=layer.path(str(place)), id=f"prompts.{place.stem}"))
        except PolicyError as broken:
            faults.extend(broken.faults)
    return found


def _read_layer(
    layer: Layer,
    faults: list[Fault],
    below: Mapping[str, _Loaded] | None = None,
    off: Mapping[str, str] | None = None,
) -> list[_Loaded]:
    """The policies of a layer that are no rules of a pack.

    `below`: what an overlay's rules may extend; `off`: rules whose packs are off, and those packs.
    """
    loaded: list[_Loaded] = []
    for place, text in layer.ending(".yaml", ".yml"):
        kind, path = place.parts[0], layer.path(str(place))
        if kind in (_RIGHTS, PACKS):
            continue
        if len(place.parts) != 2 or kind not in KINDS:
            message = f"is not read here; put it into {' or '.join(f'{name}/' for name in sorted((*KINDS, PACKS)))}"
            faults.append(Fault(path, None, "", message))
        elif place.suffix != ".yaml":
            faults.append(Fault(path, None, "", "is not read under this name; end it in .yaml"))
        else:
            document = read_document(text, path=path)
            if kind == "guardrails" and below is not None and is_overlay(document):
                under = {id_: (one.policy, one.document) for id_, one in below.items()}
                if (changed := extended_rule(document, under, off or {}, _HELD, faults)) is not None:
                    loaded.append(_Loaded(changed[0], document, changed[1]))
            else:
                faults.extend(without_parameters(document) if kind == "guardrails" else ())
                loaded.extend(_parsed(document, place.stem, KINDS[kind], faults))
    return loaded


def _rights_of(layer: Layer, faults: list[Fault]) -> RightsFolder:
    """The texts of `rights/`; a file that would be passed over is a fault, because it may forbid something."""
    cedar: list[tuple[str, str, str]] = []
    cases: list[tuple[str, str, str]] = []
    schema: tuple[str, str] | None = None
    for place, text in layer.ending(".cedar", ".cedarschema", ".yaml", ".yml"):
        path = layer.path(str(place))
        if place.suffix.lower() in (".yaml", ".yml") and place.parts[0] != _RIGHTS:
            continue
        if len(place.parts) != 2 or place.parts[0] != _RIGHTS:
            faults.append(Fault(path, None, "", f"is not read here; put it into {_RIGHTS}/"))
        elif place.name == "schema.cedarschema":
            schema = (path, text)
        elif place.suffix == ".cedar" and _STEM.match(place.stem):
            cedar.append((place.stem, path, text))
        elif place.name.endswith(".cases.yaml"):
            cases.append((place.name.removesuffix(".cases.yaml"), path, text))
        else:
            message = "is not read under this name; write NAME.cedar, NAME.cases.yaml or schema.cedarschema, "
            faults.append(Fault(path, None, "", message + "NAME in lower-case words joined by hyphens"))
    return RightsFolder(layer.path(_RIGHTS), tuple(cedar), tuple(cases), schema)


def _parsed(
    document: Document, stem: str, model: _Model, faults: list[Fault], *, run: bool = True
) -> Iterator[_Loaded]:
    try:
        policy: AnyPolicy = document.parse(model, PolicyError)
    except PolicyError as broken:
        faults.extend(broken.faults)
        return
    if policy.id.rpartition(".")[2] != stem:
        message = f"is {policy.id}, so the file must be called {policy.id.rpartition('.')[2]}.yaml, or the id change"
        faults.append(document.fault(("id",), message))
    if run and policy.version not in _HELD:
        broken_cases = [document.fault(("cases", at), said) for at, said in failing_cases(policy)]
        faults.extend(broken_cases)
        if not broken_cases:
            _HELD.add(policy.version)
    yield _Loaded(policy, document)


def _without_doubles(loaded: list[_Loaded], faults: list[Fault]) -> dict[str, _Loaded]:
    held: dict[str, _Loaded] = {}
    for one in loaded:
        if first := held.get(one.policy.id):
            if one.reason is not None or first.reason is not None:
                said = f"{one.policy.id} is changed by {first.document.path} already; join the two files"
            else:
                said = f"is already the id of {first.document.path}; choose another"
            faults.append(one.document.fault(("id",) if one.reason is None else ("extends",), said))
        else:
            held[one.policy.id] = one
    return held


def _lay_over(
    held: dict[str, _Loaded], overlay: dict[str, _Loaded], off: Mapping[str, str], faults: list[Fault]
) -> None:
    for id_, one in overlay.items():
        below = held.get(id_)
        if one.policy.overrides and below is None:
            said = nothing_to_override(id_, (other.policy for other in held.values()), off)
            faults.append(one.document.fault(("overrides",), said))
        elif one.policy.overrides and below is not None and below.policy.kind != one.policy.kind:
            message = f"{id_} is of kind {below.policy.kind} below; override like with like"
            faults.append(one.document.fault(("overrides",), message))
        elif below is not None and not one.policy.overrides:
            message = f"is already the id of {below.document.path}; write overrides: true to replace it"
            faults.append(one.document.fault(("id",), message))
        held[id_] = one
