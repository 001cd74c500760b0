"""What must be true of a recipient before anything is sent, declared once.

The rules follow three principles: no consent that can be shown, no message (GDPR art. 7(1)
puts the proof on the sender); whoever said stop is not written to (CAN-SPAM, 16 CFR 316;
GDPR art. 21(3)); and what is not known is not assumed.
"""

from datetime import UTC, timedelta
from typing import Any
from zoneinfo import available_timezones

from presscheck.addresses import sendable_address_sql
from presscheck.screening.audience import AudienceLimits
from presscheck.screening.bench import Bench
from presscheck.screening.expectations import OwnSuite
from presscheck.screening.rules import FigureRule, RowRule, Suite

_BASES = ("consent", "contract", "legitimate_interest")
_CONTROL = r"[\x00-\x1f\x7f\x{2028}\x{2029}]"
_BLANK = r"[\s\x{a0}\x{85}\x{1680}\x{2000}-\x{200a}\x{202f}\x{205f}\x{3000}]"
_PADDED = f"^{_BLANK}|{_BLANK}$"


def _no_line(column: str) -> str:
    """True of text that cannot stand on one line of up to 500 characters (models.Line)."""
    return (
        f"length(c.{column}) NOT BETWEEN 1 AND 500 OR regexp_matches(c.{column}, '{_CONTROL}') "
        f"OR regexp_matches(c.{column}, '{_PADDED}')"
    )


def as_core_expectations(limits: AudienceLimits, bench: Bench) -> OwnSuite:
    """The same rules again, wherever Great Expectations' own classes say one: stated apart, so that a count by these
    and a count by the predicates below share nothing but the rows."""
    now = bench.as_of.astimezone(UTC)
    least = "1990-01-01T00:00:00Z"
    oldest, youngest = (
        (now - timedelta(days=limits.consent_max_age_days)).isoformat(),
        now.year - limits.minimum_age - 1,
    )
    between, among = "expect_column_values_to_be_between", "expect_column_values_to_be_in_set"
    once = "expect_column_values_to_be_unique"
    zones = [*sorted(available_timezones()), ""]
    known, ours = list(bench.known_markets), list(bench.markets)
    said: tuple[tuple[str, str, dict[str, Any], dict[str, Any]], ...] = (
        ("recipient.id-unique", once, {"column": "id"}, {"missing": "passes"}),
        ("recipient.address-unique", once, {"column": "address_hash"}, {"missing": "passes"}),
        ("consent.basis", among, {"column": "consent_basis", "value_set": list(_BASES)}, {}),
        ("consent.date", between, {"column": "consented_at", "min_value": least}, {}),
        (
            "consent.not-in-future",
            between,
            {"column": "consented_at", "max_value": now.isoformat()},
            {"missing": "passes"},
        ),
        (
            "consent.fresh",
            between,
            {"column": "consented_at", "min_value": oldest},
            {"missing": "passes", "where": {"consented_at": {"at_least": least}}},
        ),
        (
            "recipient.age",
            between,
            {"column": "birth_year", "min_value": 1900, "max_value": youngest},
            {"where": {"has_birth_year": True}},
        ),
        ("recipient.market", among, {"column": "market", "value_set": known}, {}),
        (
            "recipient.market-of-campaign",
            among,
            {"column": "market", "value_set": ours},
            {"missing": "passes", "where": {"market": known}},
        ),
        ("recipient.time-zone", among, {"column": "time_zone", "value_set": zones}, {"missing": "passes"}),
    )
    told = {"message": "Told by the rule of this name.", "do": "Told by the rule of this name."}
    rules = [{"rule": rule, "type": type_, "kwargs": kwargs, **more, **told} for rule, type_, kwargs, more in said]
    return OwnSuite.model_validate({"title": "recipients", "owner": "presscheck", "each_row": rules})


def recipients(limits: AudienceLimits) -> Suite:
    """The suite for one audience, with this policy's limits.

    A rule about a value says nothing of a row where the value is missing, if another rule
    sends that row to a person already; so a row's list of rules stays readable.
    """
    days, age = limits.consent_max_age_days, limits.minimum_age
    rows = (
        RowRule(
            "recipient.id",
            f"c.id IS NULL OR {_no_line('id')}",
            "critical",
            "There is no id, or one that is no single line without blanks at its ends: nobody could say "
            "later who was written to.",
            "Give each recipient one id of up to 500 characters.",
        ),
        RowRule(
            "recipient.id-unique",
            "c.id IS NOT NULL AND c.id IN (SELECT id FROM duplicate_ids)",
            "critical",
            "Several rows have this id, and nobody can say which of them is right; all of them wait.",
            "Find out why the id comes twice (often a join) and keep the right row.",
        ),
        RowRule(
            "recipient.address",
            f"c.address IS NULL OR NOT {sendable_address_sql('c.address')}",
            "critical",
            "There is no address, or it is not one plain e-mail address in ASCII.",
            "Correct the address at its source; do not guess it. A domain outside of ASCII is written in punycode.",
        ),
        RowRule(
            "recipient.address-unique",
            "c.address_hash IS NOT NULL AND c.address_hash IN (SELECT address_hash FROM duplicate_addresses)",
            "warning",
            "Several recipients have this address; one mailbox would get the message more than once, under "
            "consents that may differ.",
            "Merge the recipients, or keep the one who gave the consent.",
        ),
        RowRule(
            "consent.basis",
            f"c.consent_basis IS NULL OR c.consent_basis NOT IN {_BASES}",
            "critical",
            "The legal basis is missing or none that is known here.",
            "Write consent, contract or legitimate_interest; with none of them, leave the row out.",
        ),
        RowRule(
            "consent.proof",
            f"c.consent_proof IS NULL OR {_no_line('consent_proof')}",
            "critical",
            "There is nothing that shows the consent, and the sender has to show it (GDPR art. 7(1)).",
            "Name the form, call or contract in which it was given, on one line.",
        ),
        RowRule(
            "consent.date",
            # A two-digit year is read as one of the first century.
            "c.consented_at IS NULL OR c.consented_at < TIMESTAMPTZ '1990-01-01 00:00:00+00'",
            "critical",
            "It is not known when consent was given: the date is missing, cannot be read, or is before 1990.",
            "Write the date as ISO 8601, such as 2026-03-01 or 2026-03-01T09:30:00Z.",
        ),
        RowRule(
            "consent.not-in-future",
            "c.consented_at IS NOT NULL AND c.consented_at > getvariable('as_of')",
            "critical",
            "The consent is dated after this campaign, so its record is wrong.",
            "Look at how the date was recorded: day and month exchanged, or a wrong time zone.",
        ),
        RowRule(
            "consent.fresh",
            "c.consented_at IS NOT NULL AND c.consented_at >= TIMESTAMPTZ '1990-01-01 00:00:00+00' "
            f"AND c.consented_at < getvariable('as_of') - INTERVAL {days} DAY",
            "warning",
            f"The consent is older than {days} days; people no longer expect a message on it.",
            "Ask for consent again, or leave the row out.",
        ),
        RowRule(
            "recipient.not-suppressed",
            "c.address_hash IS NOT NULL AND c.address_hash IN (SELECT address_hash FROM suppressed)",
            "critical",
            "This person asked not to be written to.",
            "Leave the row out of the segment.",
        ),
        RowRule(
            "recipient.age",
            # Only the year is known, so somebody who may not have had this year's birthday
            # counts as a year younger.
            "c.has_birth_year AND (c.birth_year IS NULL OR c.birth_year < 1900 "
            f"OR year(getvariable('as_of')) - c.birth_year <= {age})",
            "critical",
            f"By the year of birth this person may be younger than {age}, or the year is missing or cannot be.",
            "Correct the year of birth, or leave the row out.",
        ),
        RowRule(
            "recipient.market",
            "c.market IS NULL OR c.market NOT IN (SELECT code FROM known_markets)",
            "critical",
            "The market is missing or no ISO 3166-1 code, so nobody can say which law holds.",
            "Write two capital letters, such as DE or US.",
        ),
        RowRule(
            "recipient.market-of-campaign",
            "c.market IS NOT NULL AND c.market IN (SELECT code FROM known_markets) "
            "AND c.market NOT IN (SELECT code FROM markets)",
            "critical",
            "This market is not one of the campaign's; its copy was not reviewed for it.",
            "Add the market to the brief, which changes who approves, or leave the row out.",
        ),
        RowRule(
            "recipient.time-zone",
            "c.time_zone IS NOT NULL AND c.time_zone <> '' AND c.time_zone NOT IN (SELECT name FROM time_zones)",
            "warning",
            "This is no IANA time zone, so a message could arrive at night.",
            "Write a name such as Europe/Berlin, or leave it empty.",
        ),
        RowRule(
            "recipient.attributes",
            "c.attributes IS NOT NULL AND (length(c.attributes) > 4000 OR NOT json_valid(c.attributes) "
            "OR CASE WHEN json_valid(c.attributes) THEN json_type(c.attributes) <> 'OBJECT' "
            "OR len(list_filter(json_extract(c.attributes, '$.*'), lambda v: json_type(v) <> 'VARCHAR')) > 0 "
            "ELSE true END)",
            "warning",
            "The attributes are no JSON object whose values are all text, of up to 4,000 characters.",
            'Write them as {"first_name": "Ana"}; write numbers as text.',
        ),
    )
    figures = (
        FigureRule(
            "audience.size",
            "SELECT passed FROM tally",
            limits.min_rows,
            limits.max_rows,
            "The number of recipients who passed is not what was planned for.",
            "Look at the segment's conditions and joins; if the size is meant, change the limits.",
        ),
        FigureRule(
            "audience.exceptions",
            # Rounded up, so that 20.01 % is more than 20 %.
            "SELECT CASE WHEN candidates = 0 THEN 100 ELSE (exceptions * 100 + candidates - 1) // candidates END "
            "FROM tally",
            None,
            limits.max_exceptions_percent,
            "So many rows broke a rule that the segment or its source is likely to be wrong.",
            "Look at the rule that most rows broke, and mend the source.",
        ),
    )
    return Suite("recipients", rows, figures)
