"""What a delivery came to, put together for the channel's page."""

from presscheck.assets.copy.letters import preview_html
from presscheck.cleaning import clean_line, shorten
from presscheck.desk.endings import ending_at
from presscheck.digests import fingerprint
from presscheck.ledger import Reader
from presscheck.ledger.deliveries import messages, sent_by_asset
from presscheck.models import Copy
from presscheck.press.channels import Report, Shipment, Variation
from presscheck.press.plan import Plan
from presscheck.press.records import Request, signed_counts
from presscheck.press.rows import COUNTED

SHOWN = 200
"""How many messages the page lists."""


def make_report(tx: Reader, request: Request, plan: Plan) -> Report:
    """The report of a delivery whose last batch is recorded."""
    # Rows say which were sent; who got what is the plan's, because anybody may have written into the rows.
    rows = messages(tx, request.delivery, "sent", limit=SHOWN)
    sent: list[int] = [at for at in (int(row.position) for row in rows) if 0 <= at < plan.size]
    by_asset = sent_by_asset(tx, request.delivery)
    read = plan.read(0, sent[-1] + 1 if sent else 0)
    copies = plan.basis.copies
    first = [Shipment(read[at].key, read[at].to or "everybody", _headed(copies[read[at].pick])) for at in sent]
    return Report(
        delivery=request.delivery,
        run=request.run,
        title=plan.basis.brief.title,
        sender=f"{request.manifest.sender.name} <{request.manifest.sender.address}>",
        review=request.review,
        answer=ending_at(tx, plan.basis.decision).told,
        finished=tx.now,
        counts=signed_counts(tx, request.delivery, COUNTED),
        variations=tuple(
            Variation(
                _headed(copy),
                fingerprint(asset),
                preview_html(copy, plan.basis.brief, plan.basis.product, sender=request.manifest.sender, shown=shown),
                by_asset.get(asset, 0),
            )
            for asset, copy, shown in zip(request.manifest.assets, plan.basis.copies, plan.shown, strict=True)
        ),
        first=tuple(first),
        channel=request.manifest.channel,
    )


def _headed(copy: Copy) -> str:
    """The subject, or the first words where the channel knows none."""
    return copy.subject or shorten(clean_line(copy.body), 80)
