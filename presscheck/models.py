"""The words of Presscheck as frozen values: what every room passes to every other.

Nothing here reads a file, a clock or a database. Values are immutable and, where they are
signed or stored, digestible: no floats, times in UTC as ISO 8601 text inside signed bodies.
"""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Literal, Self, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    StringConstraints,
    ValidationError,
    model_serializer,
    model_validator,
)

from presscheck.addresses import sendable_address
from presscheck.cleaning import clean_line, clean_text, coded_word_in, hidden_in, unfit_line, unfit_text
from presscheck.digests import digest_of, fingerprint
from presscheck.documents.sentences import in_one_sentence
from presscheck.errors import LedgerForged
from presscheck.world.days import Day
from presscheck.world.languages import known_language
from presscheck.world.markets import known_market
from presscheck.world.web_addresses import host_fault, host_of, plain_address


class Frozen(BaseModel):
    """Base of every value: immutable, and unknown keys are refused rather than dropped."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class _Signed(Frozen):
    """Base of what is signed and has got fields since: where those say nothing, what was signed before is the same."""

    newer: ClassVar[tuple[str, ...]]

    @model_serializer(mode="wrap")
    def _as_before_where_nothing_is_new(self, dump: SerializerFunctionWrapHandler) -> dict[str, Any]:
        told: dict[str, Any] = dump(self)
        fields = type(self).model_fields
        for name in self.newer:
            if getattr(self, name) == fields[name].default:
                told.pop(name, None)
        return told


def _shown(text: str) -> str:
    if fault := hidden_in(text):
        raise ValueError(fault)
    return text


def _without_controls(text: str) -> str:
    for at, character in enumerate(text):
        if (ord(character) < 32 and character not in "\n\t") or character in "\x7f\u2028\u2029":
            raise ValueError(f"character {at + 1} is a control character; remove it")
    return text


def _sendable(address: str) -> str:
    if not sendable_address(address):
        raise ValueError("is not one plain e-mail address in ASCII; write name@example.com")
    return address


def _one_line(text: str) -> str:
    if "\n" in text or "\t" in text:
        raise ValueError("must be one line without tabs")
    return text


def _written_line(text: str) -> str:
    """A line that may stand in a header of a mail; spaces and letters in their usual form, as every line goes out."""
    if fault := coded_word_in(text):
        raise ValueError(fault)
    # There are more line ends than one, and a line of a file can hold all but that one.
    _one_line(clean_text(text))
    return clean_line(text)


def _sent_line(text: str) -> str:
    # What is judged, shown and sent is the same text: nothing is left here for anybody to even out afterwards.
    if fault := unfit_line(text):
        raise ValueError(fault)
    return text


def _sent_text(text: str) -> str:
    if fault := unfit_text(text):
        raise ValueError(fault)
    return text


def _mailbox(address: str) -> str:
    # RFC 5322, section 3.4.1: anything else would need quotes in a header, and two programs would read it in two ways.
    if any(not part for side in address.split("@") for part in side.split(".")):
        raise ValueError("has two dots in a row, or one at an end; write it as NAME@DOMAIN")
    return address


_OneLine = (AfterValidator(_shown), AfterValidator(_one_line))
Line = Annotated[str, StringConstraints(min_length=1, max_length=500), *_OneLine, AfterValidator(_written_line)]
LineOrNone = Annotated[str, StringConstraints(max_length=300), *_OneLine, AfterValidator(_written_line)]
FeedLine = Annotated[str, *_OneLine, AfterValidator(_written_line)]
RowText = Annotated[
    str,
    StringConstraints(min_length=1, max_length=500),
    AfterValidator(_without_controls),
    AfterValidator(_one_line),
]
"""A cell of a recipient's row, exactly as it was frozen: it stands in no header, and nobody writes it anew."""
SentLine = Annotated[str, StringConstraints(max_length=500), AfterValidator(_sent_line)]
SentText = Annotated[str, StringConstraints(min_length=1, max_length=20_000), AfterValidator(_sent_text)]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(?:[-_][a-z0-9]+)*$", max_length=80)]
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Market = Annotated[str, AfterValidator(known_market)]
"""A country code of ISO 3166-1 that is in force."""
Language = Annotated[str, AfterValidator(known_language)]
"""A language tag of BCP 47."""
Email = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._%+\-]{1,64}@[A-Za-z0-9.\-]{1,190}\.[A-Za-z]{2,24}$")]
HttpsUrl = Annotated[
    str, StringConstraints(pattern=r"^https://[^\s<>\"'\\^`{}|]+$", max_length=2000), AfterValidator(_sent_text)
]

Collaboration = Literal["advisor", "producer", "agent"]
Tone = Literal["plain", "warm", "playful", "bold"]
Channel = Literal["email", "sms", "push", "social", "search", "blog"]
PUBLIC_CHANNELS: tuple[Channel, ...] = ("social", "search", "blog")
"""Channels that publish to everybody: they have no audience, and each pick goes out once."""
Level = Literal["block", "review", "note"]
LEVELS: tuple[Level, ...] = get_args(Level)
"""The gravest first."""
Worst = Literal["block", "review", "note", "none"]
"""The gravest finding among some texts."""
RiskTier = Literal["low", "medium", "high", "critical"]
Role = Literal[
    "ai_strategist", "prompt_engineer", "content_editor", "brand_lead", "regional_reviewer", "legal",
    "ethics_officer", "marketing_director", "author", "engineer", "scheduler", "administrator",
]  # fmt: skip
"""What somebody may be. Which of them may do what is said in `policies/rights/*.cedar` and nowhere else."""
ROLES: tuple[Role, ...] = get_args(Role)
ReasonCode = Literal["factual", "grammar", "compliance", "voice", "cultural", "audience", "other"]
AssetKind = Annotated[str, StringConstraints(pattern=r"^[a-z]+(?:-[a-z0-9]+)*$", max_length=40)]
"""One of `KINDS`, or the name of a kind of a project's own."""
KINDS: tuple[AssetKind, ...] = (
    "brief", "copy", "image", "template", "segment", "recommendations", "plan", "budget", "prompt", "rule", "material",
)  # fmt: skip
"""The kinds that are known everywhere. material: what a machine proposed to a person who writes; it is never
published, whoever signs it."""


def is_own(kind: str) -> bool:
    """Whether a kind is a project's own: it has a name of several words, and one word is a kind that ships."""
    return "-" in kind and kind not in KINDS


PartName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]
"""The name of a part of an asset, as its class has it."""
Process = Literal["door", "worker", "press"]
PictureLabel = Literal["contains-people", "synthetic-performer", "ai-generated", "ai-edited"]
SourceType = Literal[
    "digitalCapture", "computationalCapture", "negativeFilm", "positiveFilm", "print", "humanEdits", "screenCapture",
    "virtualRecording", "digitalCreation", "dataDrivenMedia", "algorithmicallyEnhanced", "composite",
    "compositeCapture", "compositeSynthetic", "algorithmicMedia", "trainedAlgorithmicMedia",
    "compositeWithTrainedAlgorithmicMedia",
]  # fmt: skip
"""Where a picture comes from, in the terms of the IPTC (NewsCodes, digital source type)."""


# ---------------------------------------------------------------- briefs and copy


class Fact(Frozen):
    """A key point. Figures in copy may come from facts, claims, the offer and the product only."""

    text: Line = Field(description="The point, as it may be said in public.")
    required: bool = Field(default=False, description="True: every text must say it.")


class Claim(Frozen):
    """An objective claim with its evidence (FTC 16 CFR 255, July 2023)."""

    text: Line = Field(description="The claim in the words that may be used.")
    evidence: Line = Field(description="Where the proof is: a document, a study, a URL.")
    expires: Day | None = Field(default=None, description="Last day on which the claim may be made.")


def _plain_authority(url: str) -> str:
    host = url.removeprefix("https://").partition("/")[0].partition("?")[0].partition("#")[0]
    if not host:
        raise ValueError("names no host; write https:// and the host's name")
    if "@" in host:
        raise ValueError(
            f"leads to {host_of(url)}, and readers take what stands before the @ for the host; take it out"
        )
    if fault := host_fault(url):
        raise ValueError(fault)
    return url


class CallToAction(Frozen):
    """What the reader is asked to do."""

    label: Line = Field(description="The words of the link or button.")
    url: Annotated[HttpsUrl, AfterValidator(_plain_authority)] = Field(description="Where it leads, https only.")

    @property
    def as_sent(self) -> "CallToAction":
        """The same with its address in ASCII: no proof and no message shows a letter that only looks like another."""
        return self if self.url.isascii() else self.model_copy(update={"url": plain_address(self.url)})


class Sender(Frozen):
    """Who a message says it is from (CAN-SPAM, 16 CFR 316, asks for a postal address)."""

    name: Line = Field(description="Display name.")
    address: Annotated[Email, AfterValidator(_mailbox)] = Field(description="E-mail address the message comes from.")
    postal_address: Line = Field(description="Physical postal address shown in every e-mail.")


class Brief(_Signed):
    """What to make, for whom, and under which collaboration."""

    newer = ("spend_dollars", "language")

    id: Slug = Field(description="Short name, lower-case words joined by hyphens.")
    title: Line = Field(description="What people call the campaign.")
    collaboration: Collaboration = Field(
        description="advisor: a person writes, AI proposes. producer: AI drafts, a person edits and "
        "approves. agent: AI acts inside an envelope. There is no default."
    )
    author: Email = Field(description="Who wrote this brief; that person may not approve its copy.")
    product: Line | None = Field(default=None, description="The product's id in the catalogue.")
    offer: Line = Field(description="What is offered, in one sentence.")
    key_points: tuple[Fact, ...] = Field(default=(), max_length=20, description="What to say.")
    claims: tuple[Claim, ...] = Field(default=(), max_length=50, description="What may be claimed, with evidence.")
    persona: Line = Field(description="Whom the text speaks to.")
    tone: Tone = Field(description="plain, warm, playful or bold.")
    channel: Channel = Field(description="email, sms, push, social, search or blog.")
    markets: tuple[Market, ...] = Field(min_length=1, description="ISO 3166-1 alpha-2 codes, such as US, DE.")
    language: Language | None = Field(
        default=None,
        description="The language of the texts as a tag of BCP 47, such as en, de, pt-BR; without one, Latin letters "
        "are taken for English.",
    )
    begun: Day | None = Field(
        default=None, description="The day on which work on it began; without one, its first run counts."
    )
    deadline: Day = Field(description="Last day on which it is of use to send.")
    spend_dollars: int = Field(
        default=0, ge=0, le=1_000_000_000, description="What it may spend on media, in whole US dollars."
    )
    keywords: tuple[Line, ...] = Field(default=(), max_length=20, description="Words to use where they fit.")
    images: tuple[Slug, ...] = Field(
        default=(), max_length=5, description="Pictures that may be shown, by name or digest (`presscheck image add`)."
    )
    call_to_action: CallToAction
    sender: Sender

    @property
    def digest(self) -> str:
        return digest_of(self.model_dump(mode="json"))


WITHOUT_DECIMALS = frozenset({
    "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV",
    "XAF", "XOF", "XPF",
})  # fmt: skip
"""Currencies of ISO 4217 (2024) without a smaller unit in use: their prices have no decimals."""


class Product(Frozen):
    """One row of a catalogue, as copy may speak of it."""

    id: Line
    name: Line
    category: FeedLine = ""
    brand: FeedLine = ""
    price: str = Field(description="Decimal text with two places, such as 129.00; never 0.")
    list_price: str | None = Field(default=None, description="The price before a reduction, if there is one.")
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] = "USD"
    rating: str | None = Field(default=None, description="Decimal text from 0 to 5; None where unknown.")
    reviews: int | None = None
    description: Annotated[str, AfterValidator(_shown)] = ""

    @property
    def price_said(self) -> str:
        """The price as it is said: 129.00, and 4900 where the currency has no smaller unit."""
        return self.price.partition(".")[0] if self.currency in WITHOUT_DECIMALS else self.price


class Copy(Frozen):
    """The words of one message. `subject` and `preheader` are empty on channels without them.

    A copy holds what cleaning leaves as it is (`presscheck.cleaning`), or it is none: ValidationError says which
    character is in the way. Whoever makes one of words from outside cleans them first, before they are judged.
    """

    channel: Channel
    subject: SentLine = ""
    preheader: SentLine = ""
    body: SentText = Field(description="Plain text; blank lines separate paragraphs.")
    call_to_action: CallToAction | None = None
    image: Digest | None = Field(default=None, description="The picture above the words: the digest of its asset.")

    @model_validator(mode="after")
    def _picture_where_it_can_be_shown(self) -> Self:
        if self.image is not None and self.channel != "email":
            raise ValueError("only an e-mail shows a picture so far; take the image out")
        return self


class Picture(Frozen):
    """A picture as it goes out: its file by digest, its words, and what a person declared of it."""

    name: Slug = Field(description="What briefs call it.")
    file: Digest = Field(description="SHA-256 of the file's bytes.")
    media_type: Literal["image/png", "image/jpeg"]
    width: int = Field(ge=1, le=20_000)
    height: int = Field(ge=1, le=20_000)
    size: int = Field(ge=1, description="The file's bytes.")
    alt: Line = Field(description="What the picture shows, for those who do not see it.")
    caption: LineOrNone = Field(default="", description="A visible line below it, such as a disclosure.")
    labels: tuple[PictureLabel, ...] = Field(default=(), description="What the person who added it declared.")
    source_type: SourceType | None = Field(default=None, description="IPTC digital source type; None: not declared.")
    creator: LineOrNone = ""
    credit: LineOrNone = ""
    licence: LineOrNone = ""


class Author(_Signed):
    """Who made an asset: a machine with its model and prompt, or a person by id."""

    newer = ("prompt_editor",)

    kind: Literal["machine", "person"]
    provider: str = ""
    model: str = ""
    prompt_id: str = ""
    prompt_version: str = ""
    prompt_editor: str = Field(default="", description="The digest of the address of whoever edited the prompt last.")
    person: str = ""

    @classmethod
    def machine(cls, provider: str, model: str, prompt_id: str, prompt_version: str) -> Self:
        return cls(kind="machine", provider=provider, model=model, prompt_id=prompt_id, prompt_version=prompt_version)

    @classmethod
    def by(cls, person: str) -> Self:
        return cls(kind="person", person=person)


THIS_MACHINE = "this-machine"
"""Where a model is asked that runs here; a provider's own address is the empty text, and any other its host."""


class Prompt(Frozen):
    """An owned, versioned instruction to a generator: a file under `policies/prompts/`."""

    id: str
    version: str
    text: str
    edited_by: str = ""
    """The address of whoever edited it last, as its file declares; empty where it declares nobody."""

    @property
    def words(self) -> Digest:
        """The digest of its text: what is approved of it, whatever number its version has."""
        return digest_of(self.text)


class Variant(Frozen):
    """One proposal of a generator."""

    copy_: Copy = Field(alias="copy")
    angle: str = Field(default="", description="The idea it was written from, such as benefit or curiosity.")
    author: Author

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Asset(Frozen):
    """One version of something publishable. Its digest covers kind and content, nothing else."""

    kind: AssetKind
    content: dict[str, Any]
    parent: Digest | None = None
    author: Author
    cost_microdollars: int = Field(default=0, ge=0, description="What the model charged, in millionths of a dollar.")

    @property
    def digest(self) -> str:
        return digest_of({"kind": self.kind, "content": self.content})

    @property
    def copy_text(self) -> Copy:
        """The content as `Copy`; LedgerForged for another kind of asset, and for words that no copy may hold."""
        try:
            return Copy.model_validate(self.content)
        except ValidationError as error:
            told = in_one_sentence(Copy, error)
            raise LedgerForged(f"text {self.digest[:12]} is no copy that may go out: {told}") from error


class Finding(_Signed):
    """What a check says of an asset: told so that a marketer knows what to write instead."""

    newer = ("replacement",)

    rule: str = Field(description="The policy's id, such as claims.superlatives.")
    version: Digest = Field(description="The policy's version.")
    level: Level
    field: str = Field(default="", description="The name of the part, such as subject or body; empty for the whole.")
    span: tuple[int, int] | None = Field(default=None, description="Start and end character in the field.")
    text: str = Field(default="", description="The words that caused it.")
    message: str = Field(description="What was found and why it matters.")
    suggestion: str = Field(default="", description="What to write instead.")
    replacement: str | None = Field(
        default=None,
        description="What to put in place of the span, where the text is no worse for it; empty: leave the words out.",
    )


class Allowance(Frozen):
    """Words on which a rule would have fired, and what let it be silent. It is shown beside them and never signed."""

    rule: str = Field(description="The policy's id, such as claims.free-offers.")
    version: Digest = Field(description="The policy's version.")
    field: str = Field(description="The name of the part, such as subject, body or caption.")
    span: tuple[int, int] | None = Field(description="Start and end character; None: the field's address.")
    text: str = Field(description="The words that were let pass.")
    by: str = Field(description="What let them pass, such as offer, key point 2, claim 1 or product name.")
    words: str = Field(description="What that says.")


class Recipient(Frozen):
    """One row of an audience."""

    id: RowText
    address: Annotated[str, AfterValidator(_sendable)]
    consent_basis: Literal["consent", "contract", "legitimate_interest"]
    consent_proof: RowText
    consented_at: datetime
    market: Market
    time_zone: str = Field(default="", description="IANA name; empty where unknown.")
    attributes: dict[str, str] = Field(default_factory=dict)


# ---------------------------------------------------------------- what is asked and signed


class Dealing(Frozen):
    """How picks are dealt to recipients: by a stable hash of recipient id and salt, evenly."""

    kind: Literal["stable-hash"] = "stable-hash"
    salt: str = Field(description="The campaign run, so that two runs deal differently.")


def _check_reach(channel: Channel | None, audience: str | None, rows: int) -> None:
    if channel is None:
        if audience is not None or rows:
            raise ValueError("what goes out by no channel has no audience")
        return
    public = channel in PUBLIC_CHANNELS
    if public and (audience is not None or rows):
        raise ValueError(f"{channel} publishes to everybody and takes no audience")
    if not public and (audience is None or rows < 1):
        raise ValueError(f"{channel} needs an audience of at least one recipient")


class Proposal(Frozen):
    """One choice of the form: a short code for an asset."""

    code: Annotated[str, StringConstraints(pattern=r"^V[0-9]{2,3}$")]
    asset: Digest


class UsedTable(Frozen):
    """Rows that a step of the run made, by the digest of their Parquet file."""

    step: Line
    digest: Digest
    rows: int = Field(ge=0)


_BESIDES = Field(
    default=(),
    max_length=20,
    description="Gates of this run: whoever got what one of them approved may get this besides.",
)
_TABLES = Field(default=(), max_length=50, description="The rows that steps of the run made before it was asked.")


class Manifest(_Signed):
    """All that is approved, by digest: what goes out, and what counts from then on. Change anything and it is another.

    Without a channel nothing goes out by it, whoever signed it.
    """

    newer = ("agreed", "rests_on", "besides", "tables")

    run: str
    brief: Digest
    assets: tuple[Digest, ...] = Field(description="What goes out.")
    agreed: tuple[Digest, ...] = Field(
        default=(), description="What was approved and does not go out: a segment, a budget, a plan."
    )
    rests_on: tuple[Digest, ...] = Field(
        default=(), description="What was agreed in this run before, and has to hold as long as this is to go out."
    )
    besides: tuple[Slug, ...] = _BESIDES
    tables: tuple[UsedTable, ...] = _TABLES
    audience: Digest | None = Field(description="SHA-256 of the frozen audience's Parquet file; None: the public.")
    audience_rows: int = Field(ge=0)
    dealing: Dealing
    channel: Channel | None
    via: str = Field(description="The way out, such as outbox or smtp; empty without a channel.")
    sender: Sender | None
    policies: dict[str, Digest] = Field(description="Every policy in scope, fired or not, with its version.")

    @property
    def signed(self) -> tuple[Digest, ...]:
        """All that a yes to it approves."""
        return (*self.assets, *self.agreed)

    @model_validator(mode="after")
    def _recipients_where_the_channel_has_them(self) -> Self:
        _check_reach(self.channel, self.audience, self.audience_rows)
        if not self.signed:
            raise ValueError("there is nothing in it that could be approved")
        if bool(self.assets) != (self.channel is not None) or (self.channel is None) != (self.sender is None):
            raise ValueError("texts, a channel and a sender go together: all three, or none")
        return self

    @property
    def digest(self) -> str:
        return digest_of(self.model_dump(mode="json"))


class Outgoing(Manifest):
    """A manifest by which something goes out; one without a channel is none."""

    channel: Channel  # pyright: ignore[reportIncompatibleVariableOverride]
    sender: Sender  # pyright: ignore[reportIncompatibleVariableOverride]


class Question(_Signed):
    """What one review asks: choices of which a person picks, and everything they would go out with."""

    newer = (
        "worst_finding", "first_use", "prompt_editors", "again", "kinds", "rests_on", "besides", "tables", "kept_out",
    )  # fmt: skip

    run: str = Field(description="Prefect's flow run id; never a parameter.")
    campaign: str = Field(description="The flow's name.")
    gate: Slug
    round: int = Field(ge=1, le=99)
    brief: Digest
    proposals: tuple[Proposal, ...] = Field(min_length=1, max_length=200)
    kinds: tuple[AssetKind, ...] = Field(
        default=("copy",), min_length=1, max_length=20, description="What the choices are, each kind once."
    )
    rests_on: tuple[Digest, ...] = Field(default=(), max_length=200, description="As in the manifest.")
    besides: tuple[Slug, ...] = _BESIDES
    tables: tuple[UsedTable, ...] = _TABLES
    blocked: dict[str, int] = Field(
        default_factory=dict, description="Rule to how many variants it kept out of the choices."
    )
    kept_out: tuple[Digest, ...] = Field(
        default=(), max_length=200, description="Those variants; people read them, and nobody can pick them."
    )
    audience: Digest | None = Field(description="As in the manifest: None for a channel that publishes to everybody.")
    audience_rows: int = Field(ge=0)
    dealing: Dealing
    channel: Channel | None = Field(description="None where none of it goes out.")
    via: str
    sender: Sender | None
    policies: dict[str, Digest]
    asks: Literal["approval", "writing"] = Field(
        default="approval",
        description="approval: pick what goes out. writing: write it, from raw material.",
    )
    worst_finding: Worst = Field(
        default="none", description="The gravest finding among the choices; the desk looks at what is picked again."
    )
    first_use: bool = Field(
        default=True,
        description="Whether nobody has approved anything by this model with this prompt before; the desk looks again.",
    )
    prompt_editors: tuple[Digest, ...] = Field(
        default=(), max_length=20, description="Digests of the addresses of whoever edited the prompts of the choices."
    )
    again: int = Field(
        default=0, ge=0, le=99, description="How often policies changed while this waited, so that it is asked again."
    )
    previous: str | None = Field(default=None, description="The review of the round before.")
    remark: str = Field(default="", max_length=2_000, description="Words of a copywriter for whoever reviews.")

    @property
    def digest(self) -> str:
        return digest_of(self.model_dump(mode="json"))

    @model_validator(mode="after")
    def _recipients_where_the_channel_has_them(self) -> Self:
        _check_reach(self.channel, self.audience, self.audience_rows)
        if len(set(self.kinds)) != len(self.kinds):
            raise ValueError("a kind is named twice")
        if not ((self.channel is None) == (self.sender is None) == ("copy" not in self.kinds)):
            raise ValueError("copy has a channel and a sender, and nothing else has")
        return self

    @property
    def review_id(self) -> str:
        """The same question is the same review, however often it is asked."""
        key = digest_of([self.run, self.gate, self.round, self.digest])
        return f"R-{key[:12]}"

    def manifest(self, assets: tuple[str, ...], agreed: tuple[str, ...] = ()) -> Manifest:
        """What is approved if these are picked: `assets` go out, and what is `agreed` does not."""
        return Manifest(
            run=self.run,
            brief=self.brief,
            assets=assets,
            agreed=agreed,
            rests_on=self.rests_on,
            besides=self.besides,
            tables=self.tables,
            audience=self.audience,
            audience_rows=self.audience_rows,
            dealing=self.dealing,
            channel=self.channel,
            via=self.via,
            sender=self.sender,
            policies=self.policies,
        )


class Review(Frozen):
    """One question, when it was asked, and until when it may be answered."""

    id: str
    question: Question
    opened_at: datetime
    expires_at: datetime

    @property
    def form_key(self) -> str:
        """What a form carries so that a stale one is recognised."""
        return f"Round {self.question.round} · {fingerprint(self.question.digest)}"


class Edit(Frozen):
    """A reviewer's complete new text for one part of one pick."""

    pick: str = Field(description="The choice's code, such as V07.")
    field: PartName
    text: str = Field(min_length=1, max_length=20_000, description="The complete new text.")


class Written(Frozen):
    """A text that a person wrote, field by field; which fields there are goes by the channel."""

    subject: str = Field(default="", max_length=500)
    preheader: str = Field(default="", max_length=500)
    body: str = Field(min_length=1, max_length=20_000)


class Submission(Frozen):
    """What somebody puts into the form; an application once it is recorded."""

    form: str = Field(description="Which round and fingerprint the form was made for.")
    decision: Literal["approve", "request_changes", "reject"]
    picks: tuple[str, ...] = Field(default=(), max_length=20)
    edits: tuple[Edit, ...] = Field(default=(), max_length=60)
    written: Written | None = Field(default=None, description="The text, where the question asks for one.")
    reason: ReasonCode | None = None
    note: str = Field(default="", max_length=4_000)


class DecisionKind(StrEnum):
    """How a review ended."""

    APPROVED = "approved"
    WRITTEN = "written"
    REJECTED = "rejected"
    CHANGES = "changes-requested"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    REOPENED = "reopened"


class Approval(Frozen):
    """One person's yes where more than one is needed. The door signs it; it holds no personal data and no free text."""

    review: str
    question: Digest
    manifest: Manifest
    stage: Slug
    person: str
    role: str = Field(description="The role that counts, of those that the person holds.")
    acts_for: str | None = Field(default=None, description="Who delegated the right; None for one's own.")
    rule: str
    rule_version: Digest
    tier: RiskTier
    tier_row: str
    asked_at: str = Field(description="When this stage began.")
    answered_at: str
    proved_at: str | None = Field(default=None, description="When the person last proved who they are.")
    own_edits: bool = False
    application: str | None = None
    submission: Digest | None = None


class Decision(Frozen):
    """What the desk accepted. The door signs it; it holds no personal data and no free text."""

    review: str
    question: Digest
    kind: DecisionKind
    person: str | None = Field(description="A person's id; None when time or a withdrawal ended it.")
    role: str | None = None
    rule: str = Field(description="The approval policy that gave the right, or that ended it.")
    rule_version: Digest
    asked_at: str
    answered_at: str
    manifest: Manifest | None = None
    written: Digest | None = Field(default=None, description="The text that a person handed in, not approved yet.")
    drew_on: tuple[Digest, ...] = Field(default=(), description="The raw material that the person says it draws on.")
    own_edits: bool = False
    stage: str = Field(default="", description="The stage that was answered; empty where time ended it.")
    acts_for: str | None = Field(default=None, description="Who delegated the right; None for one's own.")
    tier: RiskTier | None = None
    tier_row: str = Field(default="", description="The row of the tier table that decided the tier.")
    approvals: tuple[int, ...] = Field(
        default=(), description="The `approval:given` events that count beside this one, by their numbers."
    )
    proved_at: str | None = Field(default=None, description="When the person last proved who they are.")
    glass: int | None = Field(default=None, description="The `glass:confirmed` event, where glass was broken.")
    draw: int | None = Field(default=None, description="The `spot:drawn` event, where a signed rule approved it.")
    reason: ReasonCode | None = None
    application: str | None = Field(default=None, description="The application's id; its note is kept there.")
    submission: Digest | None = Field(
        default=None, description="The digest of what was submitted: the note beside it counts only if it matches."
    )

    @model_validator(mode="after")
    def _approval_names_what_it_approves(self) -> Self:
        if (self.kind is DecisionKind.APPROVED) != (self.manifest is not None):
            raise ValueError("an approval, and nothing else, carries a manifest")
        if (self.kind is DecisionKind.WRITTEN) != (self.written is not None):
            raise ValueError("a text that was handed in, and nothing else, is named as written")
        return self


class Refused(Frozen):
    """A no with its reason: what is wrong, and who or what could make it right."""

    reason: str
    code: str = Field(default="refused", description="For machines, such as own-brief, stale-form, expired.")


class OutcomeStatus(StrEnum):
    """What a flow reads in the ledger when it wakes."""

    OPEN = "open"
    APPROVED = "approved"
    WRITTEN = "written"
    REJECTED = "rejected"
    CHANGES = "changes-requested"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    REOPENED = "reopened"
    """The policies changed: the same gate asks again."""


class CommentAsked(Frozen):
    """A comment that was open when changes were asked for: what is wished, and of which words."""

    comment: str = Field(description="Its id.")
    code: str = Field(default="", description="The choice that it is about; empty for the question as a whole.")
    part: str = Field(default="", description="The title of the part; empty for the choice as a whole.")
    quote: str = Field(default="", description="The words that it is about; empty for the whole.")
    words: str = Field(description="What it says.")
    answers: tuple[str, ...] = Field(default=(), description="What others said to it.")


class Outcome(Frozen):
    """A review's answer as a flow sees it."""

    status: OutcomeStatus
    review: str
    decision: Decision | None = None
    person_name: str = Field(default="", description="Who answered: by name at the door, by role in a flow.")
    # A flow that logs its answer would leave the note with Prefect, where nobody can erase it.
    note: str = Field(default="", repr=False)
    comments: tuple[CommentAsked, ...] = Field(default=(), repr=False)
    """Of a request for changes, the comments that were open."""

    @property
    def approved(self) -> bool:
        return self.status is OutcomeStatus.APPROVED

    @property
    def written(self) -> bool:
        return self.status is OutcomeStatus.WRITTEN

    @property
    def changes_wanted(self) -> bool:
        return self.status is OutcomeStatus.CHANGES
