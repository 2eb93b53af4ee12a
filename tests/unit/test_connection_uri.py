"""Connections as URIs and as JSON: SEMANTICS 5.3 and its vectors."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubflow.connection_uri import (
    ConnectionFields,
    ConnectionInvalid,
    compose,
    from_mapping,
    parse,
    read,
    to_mapping,
)

VECTOR = "postgresql://u%40x:p%2Fw@h.example:5432/sch?sslmode=require&a="


def test_the_vector_of_the_contract() -> None:
    fields = parse(VECTOR)
    assert (fields.conn_type, fields.login, fields.password) == ("postgres", "u@x", "p/w")
    assert (fields.host, fields.port, fields.schema) == ("h.example", 5432, "sch")
    assert json.loads(fields.extra or "") == {"sslmode": "require", "a": ""}


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        ("my-type://", {"conn_type": "my_type", "host": "", "schema": ""}),
        ("MySQL://h", {"conn_type": "mysql", "host": "h"}),
        ("redis://:pw@h:6379/0", {"login": "", "password": "pw", "port": 6379, "schema": "0"}),
        ("ftp://ada@h", {"login": "ada", "password": None, "port": None}),
        ("sqlite://%2Ftmp%2FMy.db", {"host": "/tmp/My.db"}),
        ("http://https://u:p@h:8443/", {"host": "https://h", "login": "u", "port": 8443}),
        ("http://h/?url=https://x", {"host": "h", "extra": '{"url": "https://x"}'}),
        ("pg://[::1]:5432/db", {"host": "::1", "port": 5432}),
        ("aws://?__extra__=%7B%22a%22%3A%5B1%5D%7D", {"extra": '{"a":[1]}', "host": ""}),
        ("pg://h/a%2Fb", {"schema": "a/b"}),
        ("pg://u:p@q@h", {"login": "u", "password": "p@q", "host": "h"}),
    ],
)
def test_uris_are_read_part_by_part(uri: str, expected: dict[str, object]) -> None:
    fields = parse(uri)
    assert {name: getattr(fields, name) for name in expected} == expected


@pytest.mark.parametrize(
    "text",
    ["", "hunter2", "://hunter2", "pg://u:hunter2@h:port/", "pg://h:99999", "{hunter2", "{}"],
)
def test_what_is_no_connection_is_refused_without_showing_it(text: str) -> None:
    with pytest.raises(ConnectionInvalid) as caught:
        read(text)
    assert "hunter2" not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"conn_type": "pg", "passwort": "hunter2"}, "passwort"),
        ({"host": "h"}, "conn_type"),
        ({"conn_type": "pg", "login": 5}, "login"),
        ({"conn_type": "pg", "port": "x"}, "port"),
    ],
)
def test_a_wrong_field_is_named(values: dict[str, object], named: str) -> None:
    with pytest.raises(ConnectionInvalid, match=named) as caught:
        from_mapping(values)
    assert "hunter2" not in str(caught.value)


def test_json_may_hold_an_object_as_extra_and_a_port_as_text() -> None:
    fields = read('{"conn_type": "my-type", "port": "5", "extra": {"a": [1]}}')
    assert (fields.conn_type, fields.port, fields.extra) == ("my_type", 5, '{"a": [1]}')
    assert from_mapping({"uri": "pg://h"}).host == "h"
    assert to_mapping(fields) == {"conn_type": "my_type", "port": 5, "extra": '{"a": [1]}'}


texts = st.text(max_size=20)
extras = st.one_of(
    st.none(),
    st.dictionaries(texts, texts, min_size=1, max_size=3).map(json.dumps),
    st.dictionaries(texts, st.lists(st.integers()), max_size=2).map(json.dumps),
    st.text(min_size=1, max_size=10).filter(lambda text: "{" not in text),
)


@given(
    st.builds(
        ConnectionFields,
        conn_type=st.sampled_from(["postgres", "my_type", "http"]),
        host=st.one_of(texts.filter(lambda t: "://" not in t), st.just("https://h.example/x")),
        schema=texts,
        login=st.none() | texts,
        password=st.none() | texts,
        port=st.none() | st.integers(0, 65535),
        extra=extras,
        # A URI cannot tell no login from an empty one before a password.
    ).filter(lambda fields: fields.password is None or fields.login is not None)
)
def test_reading_what_was_written_gives_the_same(fields: ConnectionFields) -> None:
    found = parse(compose(fields))
    if fields.extra and fields.extra.startswith("{"):
        assert json.loads(found.extra or "") == json.loads(fields.extra)
        assert without_extra(found) == without_extra(fields)
    else:
        assert found == fields


def without_extra(fields: ConnectionFields) -> dict[str, object]:
    return {name: value for name, value in to_mapping(fields).items() if name != "extra"}
