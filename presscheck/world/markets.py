"""Markets are countries, by the codes of ISO 3166-1 that are in force; a slip is told with what was probably meant."""

from collections.abc import Iterable

# ISO 3166-1 alpha-2, the 249 codes in force (ISO Online Browsing Platform, 2024).
_ISO_3166 = """
AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ
CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO
FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE
JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO
MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW
PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM
TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW
"""
MARKETS: tuple[str, ...] = tuple(_ISO_3166.split())

# Codes that people write and ISO 3166-1 does not have: reserved, withdrawn, of languages, or of three letters.
_MEANT = {
    "UK": "GB", "EN": "GB", "ENG": "GB", "GBR": "GB", "USA": "US", "EL": "GR", "GRE": "GR", "DEU": "DE", "GER": "DE",
    "FRA": "FR", "ESP": "ES", "ITA": "IT", "NLD": "NL", "AUT": "AT", "CHE": "CH", "CAN": "CA", "JPN": "JP", "JA": "JP",
    "CS": "CZ", "DA": "DK", "SV-SE": "SE", "FX": "FR", "TP": "TL", "BU": "MM",
}  # fmt: skip
_SEVERAL = {"EU", "EEA", "EMEA", "DACH", "APAC", "LATAM", "AC", "WW", "ALL", "UN", "EZ", "SU", "YU", "AN"}


def market_fault(text: str) -> str | None:
    """What is wrong with a market and what to write instead; None for a code in force."""
    if text in MARKETS:
        return None
    word = text.strip().upper()
    if word in _SEVERAL:
        return f"{text[:20]} is no country of ISO 3166-1; list the countries, such as DE, FR"
    meant = word if word in MARKETS else _MEANT.get(word)
    advice = f"did you mean {meant}?" if meant else "write its two capital letters, such as US, GB, DE"
    return f"{text[:20]} is no country code of ISO 3166-1; {advice}"


def known_market(text: str) -> str:
    """The code itself; ValueError, with advice, for one that is not in force."""
    if fault := market_fault(text):
        raise ValueError(fault)
    return text


def first_fault(markets: Iterable[str]) -> str | None:
    """The first fault among several markets; None where each is in force."""
    return next((fault for market in markets if (fault := market_fault(market))), None)
