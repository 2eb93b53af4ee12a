"""Variables as DAG files use them (SEMANTICS 5.2)."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest

from fakes import StoredValues
from hubflow import Variable
from hubflow.sdk import conf
from hubflow.sdk.exceptions import AirflowConfigException, HubflowException


def test_a_missing_variable_is_a_key_error_in_the_known_words(stored: StoredValues) -> None:
    with pytest.raises(KeyError, match="Variable city does not exist"):
        Variable.get("city")


def test_a_default_is_returned_as_it_is(stored: StoredValues) -> None:
    assert Variable.get("city", default_var=None) is None
    assert Variable.get("city", "{}", deserialize_json=True) == "{}"
    assert Variable.get("city", default="x") == "x"


def test_json_is_decoded_when_asked_for(stored: StoredValues) -> None:
    stored.variables["cfg"] = '{"a": [1]}'
    assert Variable.get("cfg") == '{"a": [1]}'
    assert Variable.get("cfg", deserialize_json=True) == {"a": [1]}
    stored.variables["cfg"] = "no JSON"
    with pytest.raises(ValueError, match="Expecting value"):
        Variable.get("cfg", deserialize_json=True)


def test_values_are_stored_as_text_or_as_json(stored: StoredValues) -> None:
    Variable.set("n", 5)
    Variable.set("cfg", {"a": 1}, serialize_json=True)
    Variable.set("city", "Oslo", "in the north")
    assert stored.variables == {"n": "5", "cfg": '{\n  "a": 1\n}', "city": "Oslo"}
    assert stored.asked[-1].description == "in the north"  # type: ignore[union-attr]


def test_setdefault_stores_what_is_missing(stored: StoredValues) -> None:
    assert Variable.setdefault("cfg", {"a": 1}, deserialize_json=True) == {"a": 1}
    assert json.loads(stored.variables["cfg"]) == {"a": 1}
    assert Variable.setdefault("cfg", {"b": 2}, deserialize_json=True) == {"a": 1}
    with pytest.raises(ValueError, match="Default Value must be set"):
        Variable.setdefault("other", None)


def test_delete_says_how_many_there_were(stored: StoredValues) -> None:
    stored.variables["city"] = "Oslo"
    assert (Variable.delete("city"), Variable.delete("city")) == (1, 0)


def test_update_needs_a_variable(stored: StoredValues) -> None:
    with pytest.raises(KeyError):
        Variable.update("city", "Oslo")
    stored.variables["city"] = "Oslo"
    Variable.update("city", "Bergen")
    assert stored.variables["city"] == "Bergen"


@pytest.mark.parametrize("brand", ["AIRFLOW", "HUBFLOW"])
def test_the_environment_comes_first_and_cannot_be_overwritten(
    stored: StoredValues, monkeypatch: pytest.MonkeyPatch, brand: str
) -> None:
    stored.variables["my_city"] = "Oslo"
    monkeypatch.setenv(f"{brand}_VAR_MY_CITY", "Rome")
    Variable.set("my_city", "Bergen")
    assert Variable.get("my_city") == "Rome"
    assert stored.variables["my_city"] == "Bergen"


def test_hubflow_wins_over_airflow(monkeypatch: pytest.MonkeyPatch, stored: StoredValues) -> None:
    monkeypatch.setenv("AIRFLOW_VAR_X", "a")
    monkeypatch.setenv("HUBFLOW_VAR_X", "h")
    assert Variable.get("x") == "h"
    assert stored.asked == []


def test_threads_of_user_code_may_ask(stored: StoredValues) -> None:
    stored.variables["city"] = "Oslo"
    got: list[Any] = []
    thread = threading.Thread(target=lambda: got.append(Variable.get("city")))
    thread.start()
    thread.join()
    assert got == ["Oslo"]


def test_where_nobody_answers_the_error_says_so() -> None:
    with pytest.raises(HubflowException, match="only inside a running task"):
        Variable.get("city")


def test_a_variable_is_also_a_value() -> None:
    variable = Variable(key="city", val="Oslo")
    variable.set_val(5)
    assert (variable.key, variable.get_val(), variable.val) == ("city", "5", "5")
    assert (variable.id, variable.is_encrypted, repr(variable)) == (None, False, "<Variable city>")


def test_conf_knows_the_environment_and_a_few_options(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUBFLOW_HOME", "/srv/hubflow")
    monkeypatch.setenv("AIRFLOW__MY__FLAG", "True")
    assert conf.get("core", "dags_folder") == "/srv/hubflow/dags"
    assert conf.getboolean("my", "flag") is True
    assert conf.getint("my", "n", fallback=3) == 3
    assert conf.getfloat("my", "n", fallback="0.5") == 0.5
    assert (conf.has_option("my", "flag"), conf.has_option("my", "n")) == (True, False)
    with pytest.raises(ValueError, match="neither true nor false"):
        conf.getboolean("core", "dags_folder")
    with pytest.raises(AirflowConfigException, match="HUBFLOW__MY__N"):
        conf.get("my", "n")
