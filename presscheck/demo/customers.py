"""Invents the recipients of the demo, most of them in order and some broken as real lists are.

Each broken recipient has one thing wrong, so that the report's figures can be checked by hand.
"""

import random
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

CUSTOMERS = 5_000


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_GIVEN = _words(
    "Aaliyah Adriana Aisling Alan Amélie Ana André Aoife Ariel Beatriz Ben Björn Brígida Caoimhe Carlos Chloé Ciarán "
    "Clara Daniel Diego Élodie Emma Esra Ewa Fatima Femi Finn François Freya Gabriel Grace Håkon Hana Hugo Ines Ioan "
    "Isla Iván Jack Jana José Júlia Kai Karim Katarína Keira Kofi Lars Lea Leila Liam Łukasz Lucía Mads Maeve Malik "
    "Márta Mei Mia Miguel Nadia Niamh Noah Nora Óscar Oliver Olga Omar Paula Petra Pia Priya Quinn Rafael Renée Ruth "
    "Saoirse Sara Séamus Sofía Søren Stella Tariq Thea Tomás Úna Uwe Valentina Vera Will Wren Xavier Yara Yusuf Zoë"
)
_FAMILY = _words(
    "Adeyemi Ahmed Almeida Andersson Baker Bianchi Brady Brennan Brown Byrne Castro Chen Clarke Côté Cruz Davies Díaz "
    "Doyle Dubois Dunne Evans Fernández Fischer Flynn Gagnon García Gonçalves Gray Grey Hall Hansen Hernández Hughes "
    "Hussain Ibrahim Jensen Jones Kaur Kelly Khan Kim Kowalska Lavoie Lee Lewis Lindqvist López MacLeod Martin Meyer "
    "Moore Morales Mørk Müller Murphy Nagy Nguyen Novák Nowak Núñez O'Brien O'Connor Okafor Olsen Owens Park Patel "
    "Pérez Petrov Quigley Ramírez Reid Reilly Rossi Roy Ryan Sánchez Schäfer Scott Silva Singh Smith Šimić Stewart "
    "Suzuki Taylor Thompson Tremblay Vargas Walsh Wang Weber White Wilson Wójcik Wright Yılmaz Young Zhang"
)
_ZONES = {
    "US": ("America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles"),
    "GB": ("Europe/London",),
    "IE": ("Europe/Dublin",),
    "CA": ("America/Toronto", "America/Vancouver", "America/Halifax"),
}
_COUNTRIES = ("US",) * 11 + ("GB",) * 5 + ("CA",) * 3 + ("IE",)
_HOSTS = ("example.com", "example.org", "example.net")
_INTERESTS = ("walking", "cycling", "camping", "garden", "home", "")
_SOURCES = (
    "web form, double opt-in",
    "shop checkout, box ticked",
    "event sign-up sheet, scanned",
    "app, double opt-in",
)

Row = dict[str, str]


@dataclass(frozen=True)
class Customers:
    """The list, who said stop, and what is wrong with how many."""

    rows: tuple[Row, ...]
    suppressed: tuple[str, ...]
    """Addresses; some are of people who are no longer on the list."""
    dirt: Mapping[str, int]


def customers(seed: int, as_of: date) -> Customers:
    """5,000 recipients; the same for the same seed and day."""
    dice = random.Random(f"customers {seed}")  # noqa: S311 - repeatable on purpose, and no secret
    rows = [_sound(number, dice, as_of) for number in range(1, CUSTOMERS + 1)]
    # Broken rows are spread over the list without touching one another.
    order = sorted(range(len(rows)), key=lambda _: dice.random())
    taken = iter(order)
    dirt: dict[str, int] = {}
    for what, (count, spoil) in _single_faults(as_of).items():
        for at in range(count):
            spoil(rows[next(taken)], at)
        dirt[what] = count
    pairs = {"id used twice": "customer_id", "address used twice": "email"}
    for what, column in pairs.items():
        for _ in range(10):
            first, second = rows[next(taken)], rows[next(taken)]
            # The second spelling of an address differs in case, as it does when people type.
            second[column] = first[column] if column == "customer_id" else first[column].capitalize()
        dirt[what] = 20
    stopped = [rows[next(taken)]["email"] for _ in range(30)]
    dirt["said stop"] = len(stopped)
    gone = [f"former.reader{number}@example.com" for number in range(1, 21)]
    return Customers(tuple(rows), tuple(sorted(stopped + gone)), dirt)


def _single_faults(as_of: date) -> dict[str, tuple[int, Callable[[Row, int], None]]]:
    """What is broken, how often, and how; `at` counts the rows of one fault from 0."""
    ahead = _stamp(as_of + timedelta(days=400), 0)
    years_ago = _stamp(as_of - timedelta(days=1500), 0)
    malformed = (
        *("{local}@example", "{local}.example.com", "{local}@@example.org"),
        *("{local} @example.net", "@{local}.example.com", ""),
    )
    child = as_of.year - 13
    return {
        "no proof of consent": (35, _setter("consent_source", "")),
        "consent dated in the future": (20, _setter("consent_at", ahead)),
        "consent date unreadable": (10, _setter("consent_at", "13.25.2025", "spring 2024", "")),
        "consent too old": (15, _setter("consent_at", years_ago)),
        "unknown basis of consent": (12, _setter("consent", "soft opt-in", "yes", "")),
        "malformed address": (
            30,
            lambda row, at: row.update(email=malformed[at % 6].format(local=row["email"].partition("@")[0])),
        ),
        "no market": (20, _setter("country", "")),
        "unknown market": (8, _setter("country", "UK", "XX")),
        "market outside the brief": (12, _setter("country", "BR", "SG", "DE")),
        "under age": (20, _setter("birth_year", str(child), str(child + 2))),
        "no year of birth": (12, _setter("birth_year", "", "unknown")),
        "unknown time zone": (12, _setter("time_zone", "GMT+25", "Middle-earth/Shire", "Pacific Standard")),
    }


def _setter(column: str, *values: str) -> Callable[[Row, int], None]:
    def spoil(row: Row, at: int) -> None:
        row[column] = values[at % len(values)]

    return spoil


def _sound(number: int, dice: random.Random, as_of: date) -> Row:
    given, family = _GIVEN[int(dice.random() * len(_GIVEN))], _FAMILY[int(dice.random() * len(_FAMILY))]
    country = _COUNTRIES[int(dice.random() * len(_COUNTRIES))]
    zones = _ZONES[country]
    consented = as_of - timedelta(days=3 + int(dice.random() * 1000))
    return {
        "customer_id": f"C{number:05d}",
        "email": f"{_ascii(given)}.{_ascii(family)}{number}@{_HOSTS[int(dice.random() * len(_HOSTS))]}",
        "first_name": given,
        "last_name": family,
        "country": country,
        # Where somebody lives is not always known to the hour.
        "time_zone": "" if dice.random() < 0.03 else zones[int(dice.random() * len(zones))],
        "birth_year": str(as_of.year - 19 - int(dice.random() * 60)),
        "newsletter": "yes",
        "consent": "contract" if dice.random() < 0.08 else "consent",
        "consent_source": f"{_SOURCES[int(dice.random() * len(_SOURCES))]}, ref {100_000 + number}",
        "consent_at": _stamp(consented, int(dice.random() * 86_400)),
        "interest": _INTERESTS[int(dice.random() * len(_INTERESTS))],
    }


def _stamp(day: date, second: int) -> str:
    """ISO 8601 in UTC."""
    moment = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(seconds=second)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _ascii(name: str) -> str:
    """A name as it stands in an address: lower case, a to z."""
    plain = name.lower().translate(str.maketrans({"ø": "o", "ł": "l", "ı": "i", "đ": "d", "ß": "ss"}))
    return "".join(c for c in unicodedata.normalize("NFD", plain) if "a" <= c <= "z")
