"""SQLite keeps bytes in a column of text: a row of one person that somebody spoilt so breaks nobody else's page."""

from typing import Any

import pytest

from presscheck.models import Decision
from presscheck.people.rights import person_email, person_name
from presscheck.people.same_person import same_person
from tests.desk.scene import Scene


@pytest.mark.parametrize("column", ["email", "name"])
def test_a_person_whose_row_is_no_text_keeps_nobody_from_answering(sqlite_ledgers: Any, column: str) -> None:
    scene = Scene(sqlite_ledgers)
    with sqlite_ledgers.door.write() as tx:
        # With a plus in it, as two addresses of one person have one.
        tx.connection.exec_driver_sql(f"UPDATE people SET {column} = x'ff2b40' WHERE id = 'P-cleo'")
        tx.connection.exec_driver_sql("UPDATE people SET email = 'a+b@brand.example' WHERE id = 'P-uma'")

    with sqlite_ledgers.door.read() as tx:
        told = person_name(tx, "P-cleo"), person_email(tx, "P-cleo"), same_person(tx, "P-ana")
        form = scene.desk.form(tx, scene.review)
    answer = scene.answer("ana")

    assert told == ("P-cleo", None, frozenset())
    assert form.key
    assert isinstance(answer, Decision)
