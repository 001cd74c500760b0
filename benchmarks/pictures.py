"""What a picture costs: opening it in a process of its own against in this one, and letters with it against without.

python benchmarks/pictures.py
"""

import io
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from statistics import median

from PIL import Image

from presscheck.assets.copy.letters import Letter
from presscheck.assets.pictures.decoder import decode
from presscheck.assets.pictures.intake import prepare
from presscheck.assets.pictures.rendering import ShownPicture
from presscheck.models import Brief, CallToAction, Copy, Sender
from presscheck.unsubscribe_links import TOKEN_LENGTH

MESSAGES = 20_000
DECLARED = {"name": "hero", "alt": "A field of grey dots, as a camera sees them", "source_type": "digitalCapture"}
BRIEF = Brief(
    id="x",
    title="Spring",
    collaboration="producer",
    author="ben@brand.example",
    offer="o",
    persona="p",
    tone="warm",
    channel="email",
    markets=("US",),
    deadline=date(2026, 12, 1),
    call_to_action=CallToAction(label="See it", url="https://brand.example/"),
    sender=Sender(name="Brand", address="news@brand.example", postal_address="1 Mill Lane, Leeds"),
)


def seconds(work: Callable[[], object], times: int) -> float:
    taken: list[float] = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        taken.append(time.perf_counter() - began)
    return median(taken)


def photograph() -> bytes:
    """Twelve million pixels with some noise, as a telephone takes them."""
    out = io.BytesIO()
    Image.effect_noise((4000, 3000), 12).convert("RGB").save(out, "JPEG", quality=80)
    return out.getvalue()


def main() -> None:
    data = photograph()
    inside = seconds(lambda: decode(data, b""), 5)
    apart = seconds(lambda: prepare(data, DECLARED, path="x.jpg"), 5)
    print(f"a photograph of 12 million pixels, {len(data) / 1e6:.1f} MB (median of 5)")
    print(f"  opened and drawn anew in this process   {inside:6.2f} s")
    print(f"  the same in a process of its own        {apart:6.2f} s   {apart / inside:.2f} times")

    prepared = prepare(data, DECLARED, path="x.jpg")
    at = datetime(2026, 3, 2, 9, tzinfo=UTC)
    plain = Copy(channel="email", subject="Light", body="Hello,\n\nthe jacket is here.\n\nSee you outside.")
    pictured = plain.model_copy(update={"image": "a" * 64})
    shown = ShownPicture(prepared.picture, prepared.data)
    letters = {
        "without": Letter.of(plain, BRIEF, sender=BRIEF.sender, at=at),
        "with": Letter.of(pictured, BRIEF, sender=BRIEF.sender, at=at, shown=shown),
    }
    rate: dict[str, float] = {}
    for name, letter in letters.items():
        began = time.perf_counter()
        for number in range(MESSAGES):
            size = len(letter.to(f"r{number}@example.com", key=f"{number:064x}", token="A" * TOKEN_LENGTH))
        rate[name] = MESSAGES / (time.perf_counter() - began)
        print(f"  letters {name:<8} {rate[name]:>9,.0f} a second, {size:>9,} bytes each")
    print(f"  with a picture of {len(prepared.data):,} bytes: {rate['with'] / rate['without']:.2f} of the rate without")


if __name__ == "__main__":
    main()
