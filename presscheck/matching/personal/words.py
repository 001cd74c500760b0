"""The words that say what a number beside them is: data, so that a policy can carry its own.

    PersonalWords(phone=("call", "ring"))        # a frozen value; what is not given stays as shipped

English, German, French, Spanish, Italian, Dutch and Portuguese. A word is matched whole, in any case and with or
without its accents; a space in it stands for any space.
"""

import re
from dataclasses import dataclass, fields
from functools import cached_property

from presscheck.matching.normal import normalise


@dataclass(frozen=True)
class PersonalWords:
    """Words and names that decide where a form alone does not."""

    at: tuple[str, ...] = ("at", "ät", "arroba", "arobase", "chiocciola", "apenstaartje")
    """Read as @ in brackets (`bob [at] example.com`), and bare where a word for the dot follows."""
    dot: tuple[str, ...] = ("dot", "punkt", "point", "punto", "ponto", "punt")
    phone: tuple[str, ...] = (
        "phone", "phones", "telephone", "tel", "mobile", "cell", "cellphone", "landline", "fax", "call", "calling",
        "dial", "ring", "hotline", "helpline", "whatsapp", "sms", "text", "text us", "text me", "toll free",
        "reach", "reached", "ph", "mob", "t:", "m:", "p:", "f:", "my number", "your number", "his number",
        "her number", "our number", "new number", "meine nummer", "mon numéro", "mi número", "mio numero",
        "mijn nummer", "meu número", "contact", "contacts", "contact number", "direct line", "pager", "voicemail",
        "kontakt", "contacto", "contatto", "contato", "telefon", "telefonnummer", "telefonisch", "rufnummer",
        "rückruf", "handy", "handynummer", "mobil", "mobilnummer", "mobiltelefon", "festnetz", "durchwahl", "fon",
        "anrufen", "ruf", "rufen", "erreichbar", "téléphone", "tél", "portable", "appelez", "appeler", "appelle",
        "télécopie", "joindre", "joignable", "teléfono", "telf", "tlf", "tfno", "móvil", "celular", "llama",
        "llame", "llamar", "llámanos", "llamenos", "telefono", "cellulare", "chiama", "chiamare", "chiamaci",
        "telefonare", "recapito", "telefoon", "telefoonnummer", "mobiel", "mobiele", "bel", "bellen", "gsm",
        "telefone", "telemóvel", "fone", "ligue", "ligar", "telefonema",
    )  # fmt: skip
    behind_phone: tuple[str, ...] = (
        "phone", "telephone", "tel", "mobile", "cell", "home", "work", "office", "fax", "toll free", "mobil",
        "büro", "geschäftlich", "bureau", "domicile", "portable", "oficina", "móvil", "ufficio", "cellulare",
        "kantoor", "thuis", "mobiel", "escritório", "telemóvel", "is my number", "is my phone number",
        "is my new number",
    )  # fmt: skip
    """Said after a number, as in signatures: `555 0123 (office)`."""
    between: tuple[str, ...] = (
        "us", "me", "on", "at", "is", "under", "number", "numbers", "no", "nr", "n", "now", "today", "toll free",
        "free", "the", "my", "our", "your", "new", "to", "via", "or", "and", "for", "help", "uns", "mich", "unter",
        "die", "der", "nummer", "lautet", "ist", "heute", "jetzt", "an", "oder", "und", "nous", "moi", "au", "le",
        "la", "numéro", "est", "ou", "et", "al", "el", "número", "es", "o", "y", "a", "numero", "è", "e", "ons",
        "op", "naar", "of", "en", "ao", "para", "é", "mobile", "fax", "office", "line", "hours",
    )  # fmt: skip
    """May stand between a word for the telephone and a number without gaps: `call us now on 5550123`."""
    numbering: tuple[str, ...] = (
        "number", "numbers", "no", "nr", "num", "n", "id", "is", "code", "nummer", "lautet", "ist", "numéro", "est",
        "número", "es", "numero", "è", "é",
    )  # fmt: skip
    """May stand between a word for another thing and its number: `order no. 5550123`."""
    extension: tuple[str, ...] = (
        "x", "ext", "extn", "extension", "durchwahl", "dw", "poste", "anexo", "ramal", "toestel",
    )  # fmt: skip
    other_number: tuple[str, ...] = (
        "order", "invoice", "reference", "ref", "ean", "upc", "gtin", "isbn", "issn", "asin", "sku", "item",
        "article", "part", "model", "serial", "tracking", "track", "parcel", "shipment", "code", "coupon",
        "voucher", "promo", "id", "version", "license", "licence", "licence number", "passport", "account",
        "policy", "case", "ticket", "booking", "receipt", "batch", "patent", "zip", "customer", "member",
        "membership", "registration", "company number", "charity", "vat", "size", "sizes", "message-id",
        "bestellung", "bestellnummer", "bestell-nr", "auftrag", "rechnung", "rechnungsnummer", "artikel",
        "artikelnummer", "art.-nr", "gutschein", "kundennummer", "ust-id", "größe", "größen", "konto", "blz", "plz",
        "commande", "facture", "référence", "réf", "siret", "siren", "taille", "tailles", "pedido", "factura",
        "referencia", "talla", "tallas", "ordine", "fattura", "riferimento", "partita iva", "p.iva", "taglia",
        "taglie", "bestelling", "factuur", "kvk", "maat", "maten", "encomenda", "fatura", "tamanho",
    )  # fmt: skip
    """Said before a number that is no telephone's."""
    card: tuple[str, ...] = (
        "card", "cards", "card number", "credit card", "debit card", "cc", "ccn", "visa", "mastercard", "amex",
        "maestro", "karte", "kreditkarte", "kartennummer", "kreditkartennummer", "carte", "carte bancaire", "cb",
        "tarjeta", "carta", "carta di credito", "kaart", "creditcard", "kaartnummer", "cartão",
    )  # fmt: skip
    iban: tuple[str, ...] = (
        "iban", "account", "account number", "bank account", "konto", "kontonummer", "bankverbindung", "compte",
        "compte bancaire", "cuenta", "cuenta bancaria", "conto", "conto corrente", "rekening", "rekeningnummer",
        "conta",
    )  # fmt: skip
    ssn: tuple[str, ...] = ("ssn", "social security", "social security number", "social security no", "soc sec", "ss#")
    ip: tuple[str, ...] = ("ip", "ipv4", "ipv6", "ip address", "ip-adresse", "adresse ip", "dirección ip", "host")
    version: tuple[str, ...] = (
        "version", "versions", "release", "firmware", "build", "driver", "section", "chapter", "clause", "v", "ver",
        "kapitel", "abschnitt", "versión", "versione", "versie", "versão", "paragraph",
    )  # fmt: skip
    """Said before four numbers that are no address of the internet."""
    national_ids: tuple[tuple[str, tuple[str, ...]], ...] = (
        ("at.vnr", ("svnr", "sozialversicherungsnummer", "sv-nummer", "versicherungsnummer")),
        ("au.tfn", ("tfn", "tax file number")),
        ("be.nn", ("rijksregisternummer", "numéro national", "numéro de registre national", "nationalregisternummer")),
        ("bg.egn", ("egn", "егн")),
        ("ca.sin", ("sin", "social insurance number", "nas", "numéro d'assurance sociale")),
        ("cn.ric", ("resident identity", "身份证")),
        (
            "de.idnr",
            ("idnr", "steuer-id", "steuerid", "steueridentifikationsnummer", "identifikationsnummer", "tax id"),
        ),
        ("dk.cpr", ("cpr", "cpr-nummer", "personnummer")),
        ("ec.ci", ("cédula", "cédula de identidad", "c.i")),
        ("ee.ik", ("isikukood", "personal code")),
        ("br.cpf", ("cpf",)),
        ("es.dni", ("dni", "nif", "documento nacional de identidad")),
        ("es.nie", ("nie",)),
        ("gb.nhs", ("nhs", "nhs number")),
        ("gr.amka", ("amka", "αμκα")),
        ("hr.oib", ("oib",)),
        ("id.nik", ("nik",)),
        ("ie.pps", ("pps", "ppsn", "pps number")),
        ("il.idnr", ("teudat zehut", "mispar zehut")),
        ("in_.aadhaar", ("aadhaar", "aadhar", "uidai")),
        ("in_.pan", ("pan", "pan card", "permanent account number")),
        ("jp.in_", ("my number", "マイナンバー")),
        ("lt.asmens", ("asmens kodas",)),
        ("mx.rfc", ("rfc",)),
        ("nl.bsn", ("bsn", "burgerservicenummer", "sofinummer", "sofi-nummer")),
        ("no.fodselsnummer", ("fødselsnummer", "fodselsnummer", "fnr", "personnummer")),
        ("pl.pesel", ("pesel",)),
        ("pt.nif", ("nif", "contribuinte", "número de contribuinte")),
        ("ro.cnp", ("cnp", "cod numeric personal")),
        ("ru.inn", ("инн", "inn")),
        ("si.emso", ("emšo", "jmbg", "матични број")),
        ("tr.tckimlik", ("tckn", "tc kimlik", "kimlik no", "t.c. kimlik no", "kimlik numarası")),
        ("ua.rntrc", ("рнокпп", "іпн")),
        ("za.idnr", ("south african id", "sa id", "id number", "identity number")),
    )
    """By the name of the checking module of python-stdnum: what people call that number."""
    secret_parameters: tuple[str, ...] = (
        "token", "accesstoken", "authtoken", "refreshtoken", "idtoken", "auth", "authkey", "apikey", "key",
        "secret", "clientsecret", "sig", "signature", "xamzsignature", "xgoogsignature", "session", "sessionid",
        "sid", "phpsessid", "jsessionid", "jwt", "password", "passwd", "pwd", "pass", "otp", "nonce", "ticket",
        "hash", "code", "resettoken", "confirmationtoken", "unsubscribetoken", "credential", "xamzcredential",
    )  # fmt: skip
    """Names in a link's query, in small letters and without marks, whose value lets somebody in."""
    personal_parameters: tuple[str, ...] = (
        "email", "mail", "emailaddress", "useremail", "subscriberemail", "recipient", "phone", "phonenumber", "tel",
        "telephone", "mobile", "msisdn", "firstname", "lastname", "fname", "lname", "fullname", "surname",
        "username", "userid", "customerid", "subscriber", "subscriberid", "contactid", "memberid", "recipientid",
        "dob", "birthdate", "birthday", "ssn", "iban",
    )  # fmt: skip
    """Names in a link's query, written likewise, whose value says who somebody is."""
    secret_paths: tuple[str, ...] = (
        "reset", "resetpassword", "passwordreset", "verify", "verification", "confirm", "confirmation", "activate",
        "magic", "magiclink", "invite", "invitation", "unsubscribe", "optout", "login", "signin", "token",
        "session", "webhook", "webhooks",
    )  # fmt: skip
    """Steps of a link's path, written likewise, behind which a long code lets somebody in."""

    @cached_property
    def _hash(self) -> int:
        return hash(tuple(getattr(self, field.name) for field in fields(self)))

    # Finders keep their patterns by these words, and the words are hashed for every text.
    def __hash__(self) -> int:
        return self._hash


def any_of(words: tuple[str, ...]) -> str:
    """An alternation of the words as a folded reading has them, the longest first."""
    folded = {normalise(word).folded.text for word in words}
    return "|".join(re.escape(word).replace(r"\ ", r"\s+") for word in sorted(folded, key=lambda w: (-len(w), w)))


WORDS = PersonalWords()
"""What Presscheck ships."""
