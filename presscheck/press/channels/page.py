"""The outbox's page: opens offline, holds no script, and everything in it is escaped."""

from html import escape

from presscheck.assets.copy.letters import frame_height, framed
from presscheck.cleaning import clean_line
from presscheck.press.channels import Report, Variation

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'; img-src data:"
_STYLE = (
    "body{font:16px/1.5 -apple-system,'Segoe UI',Roboto,Arial,sans-serif;margin:0;color:#1c1c1a;background:#f6f6f3}"
    "main{max-width:960px;margin:0 auto;padding:24px}h1{margin:0 0 4px}h2{margin:32px 0 8px;font-size:18px}"
    "dl{display:grid;grid-template-columns:max-content 1fr;gap:4px 16px;margin:16px 0}dt{color:#5c5c58}dd{margin:0}"
    ".picks{display:grid;grid-template-columns:repeat(auto-fit,minmax(280px,1fr));gap:16px}"
    "article{background:#fff;border:1px solid #ddd;border-radius:6px;overflow:hidden}"
    "article header{padding:12px;border-bottom:1px solid #ddd}small{color:#5c5c58}"
    "iframe{display:block;width:100%;border:0;background:#fff}"
    "table{border-collapse:collapse;width:100%;background:#fff}td,th{padding:6px 10px;border-bottom:1px solid #e4e4e0;"
    "text-align:left;overflow-wrap:anywhere}"
)


def report_page(report: Report) -> str:
    """The whole page."""
    counts = "".join(f"<dt>{escape(word)}</dt><dd>{number:,}</dd>" for word, number in report.counts.items())
    facts = [
        ("from", report.sender),
        ("answer", report.answer),
        ("review", report.review),
        ("campaign run", report.run),
        ("finished", report.finished.strftime("%d %b %Y, %H:%M:%S UTC")),
    ]
    told = "".join(f"<dt>{name}</dt><dd>{escape(clean_line(value))}</dd>" for name, value in facts)
    suffix = "eml" if report.channel == "email" else "json"
    rows = "".join(
        f'<tr><td><a href="{message.key[:2]}/{message.key}.{suffix}">{escape(clean_line(message.address))}</a></td>'
        f"<td>{escape(clean_line(message.subject))}</td></tr>"
        for message in report.first
    )
    shown = f"The first {len(report.first):,} messages" if report.first else "No messages"
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(report.delivery)}</title><style>{_STYLE}</style></head><body><main>"
        f"<h1>{escape(clean_line(report.title))}</h1><small>{escape(report.delivery)}</small>"
        f"<dl>{counts}</dl><dl>{told}</dl>"
        f'<h2>What went out</h2><div class="picks">{"".join(map(_pick, report.variations))}</div>'
        f"<h2>{shown}</h2><table><tr><th>To</th><th>Subject</th></tr>{rows}</table>"
        "</main></body></html>"
    )


def _pick(variation: Variation) -> str:
    subject = escape(clean_line(variation.subject))
    return (
        f"<article><header><strong>{subject}</strong><br>"
        f"<small>{variation.messages:,} messages · {escape(variation.fingerprint)}</small></header>"
        f'<iframe sandbox height="{frame_height(variation.html)}" srcdoc="{escape(framed(variation.html))}" '
        f'title="{subject}"></iframe></article>'
    )
