"""An asset read as what people sign, whatever its kind."""

from presscheck.assets.copy.copy import CopyText
from presscheck.assets.described import Described
from presscheck.assets.kind import is_taken
from presscheck.assets.shipped import SHIPPED
from presscheck.assets.signable import Signable
from presscheck.errors import LedgerForged
from presscheck.models import KINDS, Asset, AssetKind

_READ_BY: dict[AssetKind, type[Signable]] = {"copy": CopyText, "material": CopyText}


def read_signable(asset: Asset) -> Signable:
    """The asset by its kind. LedgerForged where it is none that people can be asked about, or not what it says."""
    found = _READ_BY.get(asset.kind, Described)(asset)
    if isinstance(found, Described):
        _refuse_pretence(found)
    return found


def _refuse_pretence(found: Described) -> None:
    kind, said = found.asset.kind, found.description
    if kind in SHIPPED:
        try:
            SHIPPED[kind].of(said)
        except ValueError as error:
            raise LedgerForged(f"{kind} {found.asset.digest[:12]} is not described as a {kind} is: {error}") from error
    elif kind in KINDS:
        raise LedgerForged(f"{kind} {found.asset.digest[:12]}: nobody is asked about a {kind} by itself")
    elif is_taken(said.noun):
        raise LedgerForged(f"{kind} {found.asset.digest[:12]} calls itself {said.noun}, which is another kind")
