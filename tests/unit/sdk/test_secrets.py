"""What a process prints of the secrets that it knows: nothing."""

from __future__ import annotations

import contextlib
import io
import logging
import sys
from collections.abc import Iterator

from fakes import StoredValues
from hubflow import Connection, Variable
from hubflow.sdk import secrets


@contextlib.contextmanager
def printing() -> Iterator[io.StringIO]:
    """Catch what this process prints and logs, as a task process does."""
    output = io.StringIO()
    root = logging.getLogger()
    handlers, root.handlers = root.handlers, [logging.StreamHandler(output)]
    streams, sys.stdout, sys.stderr = (sys.stdout, sys.stderr), output, output
    secrets.cover_output()
    try:
        yield output
    finally:
        sys.stdout, sys.stderr = streams
        root.handlers = handlers


def test_a_password_is_not_printed_however(stored: StoredValues) -> None:
    stored.connections["db"] = [{"conn_id": "db", "conn_type": "pg", "password": "p@ss-4711"}]
    connection = Connection.get("db")
    with printing() as output:
        print("password", connection.password, file=sys.stderr)
        print(connection.get_uri())
        sys.stdout.writelines([f"one {connection.password}\n"])
        logging.getLogger("x").error("it is %s", connection.password)
    text = output.getvalue()
    assert "4711" not in text
    assert text.count("***") == 4


def test_of_an_extra_only_what_is_named_so_is_hidden(stored: StoredValues) -> None:
    extra = '{"region": "north-west", "token": "t0ken-4711"}'
    stored.connections["db"] = [{"conn_id": "db", "conn_type": "pg", "extra": extra}]
    with printing() as output:
        print(Connection.get("db").extra_dejson)
    assert output.getvalue() == "{'region': 'north-west', 'token': '***'}\n"


def test_a_variable_with_a_sensitive_key_is_hidden(stored: StoredValues) -> None:
    stored.variables["api_key"] = "key-0815"
    stored.variables["cfg"] = '{"password": "pw-0816", "host": "host-0817"}'
    with printing() as output:
        print(Variable.get("api_key"), Variable.get("cfg", deserialize_json=True))
    assert output.getvalue() == "*** {'password': '***', 'host': 'host-0817'}\n"


def test_other_output_is_what_it_was() -> None:
    with printing() as output:
        secrets.cover_output()  # a second time changes nothing
        assert sys.stdout.write("plain\n") == 6
        assert not sys.stdout.isatty()
    assert output.getvalue() == "plain\n"


def test_texts_inside_of_values_are_masked(stored: StoredValues) -> None:
    stored.variables["the_secret"] = "value-0818"
    Variable.get("the_secret")
    found = secrets.masked_texts({"a": ["x value-0818", 5], "b": None})
    assert found == {"a": ["x ***", 5], "b": None}
    assert secrets.are_known()
