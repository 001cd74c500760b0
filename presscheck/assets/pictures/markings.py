"""What a picture's file says of its own origin, beside what a person declares of it.

    said = markings(data, texts)                        # XMP, IPTC or C2PA, wherever they stand
    faults = contradictions(said, source_type="digitalCapture", labels=())

Source: IPTC Photo Metadata Standard 2025.1 (Digital Source Type) and its NewsCodes; C2PA 2.2 writes the
same addresses into its assertions. Nothing is parsed: the addresses are looked for in the bytes, so that a
marking counts in whatever container it stands, and a broken container hides none.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from presscheck.models import SourceType

AI_SOURCES: frozenset[str] = frozenset(
    {"trainedAlgorithmicMedia", "compositeWithTrainedAlgorithmicMedia", "algorithmicMedia", "compositeSynthetic"}
)
"""Source types that say that a machine made the picture or a part of it."""

_CAPTURED = frozenset({"digitalCapture", "computationalCapture", "negativeFilm", "positiveFilm", "print"})
_NEWSCODES = "http://cv.iptc.org/newscodes/digitalsourcetype/"
_MARK = re.compile(rb"cv\.iptc\.org/newscodes/digitalsourcetype/([A-Za-z]{3,60})", re.IGNORECASE)
_CREDENTIALS = re.compile(rb"c2pa\.(?:assertions|claim|signature|actions)|jumbc2pa")
# Text chunks in which Stable Diffusion's and ComfyUI's programs keep the prompt.
_GENERATORS = re.compile(rb"Negative prompt: |Steps: \d{1,6}, Sampler: |\"class_type\": ?\"KSampler")


@dataclass(frozen=True)
class Markings:
    """What was found in a file."""

    sources: tuple[str, ...] = ()
    """IPTC digital source types, sorted."""
    credentials: bool = False
    """Content Credentials (C2PA): they are signed for the old bytes, and do not survive."""
    generator: bool = False
    """An image generator's prompt or settings."""

    @property
    def by_machine(self) -> bool:
        return self.generator or bool(AI_SOURCES & set(self.sources))


def markings(data: bytes, texts: Iterable[str] = ()) -> Markings:
    """The markings in a file's bytes and in texts that were compressed in it."""
    # UTF-16 puts a zero beside every letter; without the zeros both encodings read the same.
    pieces = [data, *(text.encode("utf-8", "replace") for text in texts)]
    seen = [piece for one in pieces for piece in (one, one.replace(b"\0", b""))]
    found = {match.decode("ascii") for piece in seen for match in _MARK.findall(piece)}
    known = {one.lower(): one for one in SourceType.__args__}
    return Markings(
        sources=tuple(sorted(known.get(one.lower(), one) for one in found)),
        credentials=any(_CREDENTIALS.search(piece) for piece in seen),
        generator=any(_GENERATORS.search(piece) for piece in seen),
    )


def contradictions(said: Markings, *, source_type: str | None, labels: Sequence[str]) -> list[str]:
    """Where what is declared and what the file says cannot both be true; one sentence each."""
    faults: list[str] = []
    machine = bool({"ai-generated", "synthetic-performer"} & set(labels))
    if said.by_machine and source_type not in AI_SOURCES:
        marks = ", ".join(sorted(AI_SOURCES & set(said.sources))) or "a generator's prompt"
        declared = f"{source_type} is declared" if source_type else "no source type is declared"
        faults.append(
            f"the file itself says that a machine made it ({marks}) and {declared}; declare --source-type "
            f"{next(iter(sorted(AI_SOURCES & set(said.sources))), 'trainedAlgorithmicMedia')}"
        )
    elif source_type is None and said.sources:
        faults.append(f"the file says {', '.join(said.sources)}; declare --source-type {said.sources[0]}, or another")
    if said.by_machine and not {"ai-generated", "ai-edited", "synthetic-performer"} & set(labels):
        faults.append("the file itself says that a machine made it; declare --label ai-generated or ai-edited")
    elif source_type in AI_SOURCES and not {"ai-generated", "ai-edited", "synthetic-performer"} & set(labels):
        faults.append(f"{source_type} says that a machine took part; declare --label ai-generated or ai-edited")
    if machine and source_type in _CAPTURED:
        faults.append(f"a picture labelled as made by AI was not taken as {source_type}; mend the label or the source")
    return faults


def source_uri(source_type: str) -> str:
    """The NewsCodes address of a source type, as IPTC and C2PA write it."""
    return _NEWSCODES + source_type


def marking_xmp(source_type: str | None, *, creator: str, credit: str, licence: str) -> bytes:
    """An XMP packet that says what was declared; empty where nothing was. The same words give the same bytes."""
    lines: list[str] = []
    if source_type:
        lines.append(f"<Iptc4xmpExt:DigitalSourceType>{source_uri(source_type)}</Iptc4xmpExt:DigitalSourceType>")
    if creator:
        lines.append(f"<dc:creator><rdf:Seq><rdf:li>{escape(creator)}</rdf:li></rdf:Seq></dc:creator>")
    if credit:
        lines.append(f"<photoshop:Credit>{escape(credit)}</photoshop:Credit>")
    if licence:
        usage = f'<rdf:Alt><rdf:li xml:lang="x-default">{escape(licence)}</rdf:li></rdf:Alt>'
        lines.append(f"<xmpRights:UsageTerms>{usage}</xmpRights:UsageTerms>")
    if not lines:
        return b""
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description rdf:about="" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" '
        'xmlns:xmpRights="http://ns.adobe.com/xap/1.0/rights/">'
        f'{"".join(lines)}</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="r"?>'
    ).encode()
