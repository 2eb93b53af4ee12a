"""Which names hide values, and how secrets vanish from texts."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest

from hubflow.errors import BadRequest
from hubflow.masking import MASK, Masker, is_sensitive, named_secrets, redact, restore


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("db_PASSWORD", True),
        ("client_secret", True),
        ("root.passwd", True),
        ("Authorization", True),
        ("api_key", True),
        ("my_apikey", True),
        ("access_token_x", True),
        ("token", False),
        ("pass", False),
        ("threads", False),
    ],
)
def test_sensitive_keys_are_those_of_the_contract(key: str, expected: bool) -> None:
    assert is_sensitive(key) is expected


def test_json_is_redacted_by_name_at_any_depth() -> None:
    value = {"user": "ada", "Password": "x", "a": [{"token": "t", "n": 1}], "secret": None}
    hidden = {"user": "ada", "Password": MASK, "a": [{"token": MASK, "n": 1}], "secret": None}
    assert redact(value) == hidden
    assert restore(hidden, value) == value
    assert sorted(named_secrets(value)) == ["t", "x"]


def test_a_mask_that_stands_for_nothing_is_refused() -> None:
    with pytest.raises(BadRequest, match=r"a\.password"):
        restore({"a": {"password": MASK}}, {"a": {}})
    with pytest.raises(BadRequest, match="the value"):
        restore(MASK, None)


def test_a_changed_value_wins_over_the_stored_one() -> None:
    assert restore({"password": "new", "n": 2}, {"password": "old"}) == {"password": "new", "n": 2}


@pytest.mark.parametrize("written", [str, lambda s: quote(s, safe=""), json.dumps, repr])
def test_a_secret_is_hidden_however_it_is_written(written) -> None:  # type: ignore[no-untyped-def]
    secret = 'p@ss"w\n'
    masker = Masker()
    masker.add(secret)
    masker.add("p@ss")
    text = masker.masked(f"before {written(secret)} after")
    assert "p@ss" not in text
    assert "p%40ss" not in text
    assert text.startswith("before ")
    assert text.endswith(" after")


def test_short_words_stay_readable() -> None:
    masker = Masker()
    masker.add("dev")
    assert masker.masked("in dev") == "in dev"
