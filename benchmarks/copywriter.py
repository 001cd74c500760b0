"""Measures the offline copywriter: likeness, distinct subjects, seconds, and what guardrails find.

    python benchmarks/copywriter.py
    python benchmarks/copywriter.py --products products.csv --take 150

The first table needs nothing. With a CSV of real products (columns product_id, name, brand and
sale_price, as in the sports catalogue of shared data), each of `--take` products is written about
in every tone on every channel, and every text goes through the shipped guardrails.
"""

import argparse
import csv
import itertools
import random
import re
import time
from collections import Counter
from datetime import date
from pathlib import Path
from typing import get_args

from rapidfuzz.fuzz import token_set_ratio

from policies import check_copy, load_policies, load_prompt
from presscheck.models import Brief, CallToAction, Channel, Claim, Fact, Product, Sender, Tone
from presscheck.providers import open_copywriter

DAY = date(2026, 11, 21)
COUNT = 50


def brief(tone: Tone, channel: Channel, *, thin: bool) -> Brief:
    """A brief with facts, claims and keywords, or one with an offer and nothing else."""
    return Brief(
        id="bench",
        title="Benchmark",
        collaboration="producer",
        author="author@example.com",
        offer="Take a look at our collection for wet days." if thin else "Readers get 15% off until 30 April.",
        key_points=()
        if thin
        else (
            Fact(text="Delivery within three working days", required=True),
            Fact(text="Returns are accepted for 60 days", required=True),
            Fact(text="Sizes run from XS to 3XL"),
            Fact(text="Packed without plastic"),
        ),
        claims=() if thin else (Claim(text="Made from 80% recycled nylon", evidence="certificate"),),
        persona="People who like to be outdoors",
        tone=tone,
        channel=channel,
        markets=("US",),
        deadline=date(2027, 4, 30),
        keywords=() if thin else ("spring walks", "rain"),
        call_to_action=CallToAction(label="Have a look", url="https://shop.example.com/spring"),
        sender=Sender(name="Fernholt", address="hello@example.com", postal_address="14 Quarry Lane"),
    )


def masked(body: str, about: Brief, product: Product) -> str:
    """The body without any word of the brief or the product's name."""
    texts = [about.offer, *(f.text for f in about.key_points), *(c.text for c in about.claims), *about.keywords]
    known = set(re.findall(r"\w+", " ".join([*texts, about.sender.name, product.name]).lower()))
    return " ".join(word for word in re.findall(r"\w+", body.lower()) if word not in known)


def likeness_table() -> None:
    """Prints one line for each tone and kind of brief: 50 e-mail variants each."""
    writer, prompt = open_copywriter("offline"), load_prompt("prompts.email-variants")
    product = Product(id="P1", name="Tidewater Rain Jacket", price="129.00")
    print(f"{COUNT} e-mail variants of one brief, brief's words masked; seconds of processor time")
    print("tone     brief  subjects  mean  greatest  longest subject  seconds")
    for tone, thin in itertools.product(get_args(Tone), (False, True)):
        about = brief(tone, "email", thin=thin)
        start = time.process_time()
        variants = writer.write(about, product, prompt=prompt, count=COUNT, seed=7)
        seconds = time.process_time() - start
        bodies = [masked(variant.copy_.body, about, product) for variant in variants]
        ratios = [token_set_ratio(one, other) for one, other in itertools.combinations(bodies, 2)]
        subjects = [variant.copy_.subject for variant in variants]
        print(
            f"{tone:<8} {'thin' if thin else 'full':<6} {len({s.casefold() for s in subjects}):>8}  "
            f"{sum(ratios) / len(ratios):>4.1f}  {max(ratios):>8.1f}  {max(map(len, subjects)):>15}  {seconds:>7.2f}"
        )


def guardrail_table(products: Path, take: int, each: int) -> None:
    """Prints how many texts were written about real products and what the guardrails found."""
    with products.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["name"].strip() and float(row["sale_price"] or 0) > 0]
    random.Random(3).shuffle(rows)
    writer, policies = open_copywriter("offline"), load_policies()
    texts, found = 0, Counter[str]()
    for at, row in enumerate(rows[:take]):
        product = Product(
            id=row["product_id"], name=row["name"], brand=row["brand"], price=f"{float(row['sale_price']):.2f}"
        )
        for tone, channel in itertools.product(get_args(Tone), get_args(Channel)):
            about = brief(tone, channel, thin=at % 2 == 1)
            prompt = load_prompt(f"prompts.{channel}-variants")
            for variant in writer.write(about, product, prompt=prompt, count=each, seed=at):
                texts += 1
                findings = check_copy(variant.copy_, brief=about, product=product, policies=policies, as_of=DAY)
                found.update(f"{finding.rule} ({finding.level})" for finding in findings)
    print(f"\n{texts:,} texts about {min(take, len(rows))} products, every tone, every channel")
    print("findings:", dict(found) or "none")


def main() -> None:
    """Prints both tables, the second if products were given."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--products", type=Path, help="a CSV of real products")
    parser.add_argument("--take", type=int, default=100, help="how many products (default 100)")
    parser.add_argument("--each", type=int, default=4, help="variants of each product, tone and channel (default 4)")
    options = parser.parse_args()
    likeness_table()
    if options.products:
        guardrail_table(options.products, options.take, options.each)


if __name__ == "__main__":
    main()
