"""A story as one page with a time line: opens offline, holds no script, and everything in it is escaped."""

from html import escape

from presscheck.cleaning import clean_line
from presscheck.digests import fingerprint
from presscheck.stories.histories import Happening, Story

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_STYLE = (
    ":root{color-scheme:light dark}body{font:16px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,Arial,sans-serif;"
    "margin:0 auto;max-width:56rem;padding:1.5rem 1rem 4rem}h1{margin:0 0 .3rem;font-size:1.6rem}"
    "h2{font-size:1.15rem;margin:2rem 0 .6rem}dl{display:grid;grid-template-columns:max-content 1fr;gap:.3rem 1rem}"
    "dt,time,small{color:GrayText}dd{margin:0;min-width:0;overflow-wrap:anywhere}"
    "table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.3rem .6rem .3rem 0;vertical-align:top}"
    "ol{list-style:none;margin:0;padding:0 0 0 1.1rem;border-left:3px solid GrayText}"
    "li{position:relative;padding:0 0 1rem}li::before{content:'';position:absolute;left:-1.6rem;top:.45rem;width:.8rem;"
    "height:.8rem;border-radius:50%;background:#5c6370}li.door::before{background:#1f4fd1}"
    "li.press::before{background:#1d7a46}li p{margin:0;overflow-wrap:anywhere}"
    "li ul{margin:.2rem 0 0;padding-left:1.1rem;list-style:disc}li li{padding:0}li li::before{display:none}"
    "code{overflow-wrap:anywhere}"
)


def history_page(story: Story) -> str:
    """The whole page."""
    facts = "".join(f"<dt>{escape(name)}</dt><dd>{escape(told)}</dd>" for name, told in story.facts)
    title = f"{story.thing.what} {fingerprint(story.thing.digest)}"
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body><main>"
        f"<h1>{escape(title)}</h1><dl>{facts}</dl>{_versions(story)}"
        f"<h2>What happened</h2><ol>{''.join(map(_item, story.happenings))}</ol>"
        "<p><small>Told from events that the right process signed; findings are as they were stored. "
        "Door blue, press green, worker grey.</small></p></main></body></html>"
    )


def _versions(story: Story) -> str:
    if len(story.versions) < 2:
        return ""
    rows = "".join(
        f"<tr><td>{one.number}</td><td><code>{one.digest[:12]}</code></td><td>{escape(one.at[:19])}Z</td>"
        f"<td>{escape(one.how)}{f' from version {one.of}' if one.of else ''}</td></tr>"
        for one in story.versions
    )
    head = "<tr><th>Version</th><th>Digest</th><th>When</th><th>How</th></tr>"
    return f"<h2>Versions</h2><table>{head}{rows}</table>"


def _item(one: Happening) -> str:
    more = "".join(f"<li>{escape(clean_line(told))}</li>" for told in one.more)
    details = f"<ul>{more}</ul>" if more else ""
    return (
        f'<li class="{escape(one.process)}"><time datetime="{escape(one.at)}">{escape(one.at[:10])} '
        f"{escape(one.at[11:19])}Z</time> <small>{escape(one.process)}, event {one.event}</small>"
        f"<p>{escape(clean_line(one.told))}</p>{details}</li>"
    )
