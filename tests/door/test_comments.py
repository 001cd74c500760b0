"""Comments at the door."""
from tests.door.house import House
from tests.door.test_answering import Browser


def test_smoke(house: House) -> None:
    b = Browser(house)
    page = b.open()
    assert "Comment on V01" in page
    a = b.post("comment:V01", ("pick", "V02"), **{"comment.V01.part": "body", "comment.V01.quote": "wet", "comment.V01.words": "x"})
    print(a.status_code, a.text[-3000:])
    a = b.post("comment:V01", ("pick", "V02"), note="keep", **{"comment.V01.part": "body", "comment.V01.quote": "keeps the rain", "comment.V01.words": "shorter @P-cleo"})
    print(a.status_code)
    i = a.text.index('class="talk"')
    print(a.text[i-2500:i+4000])
    assert 0
