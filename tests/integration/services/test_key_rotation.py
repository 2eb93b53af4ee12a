"""Renewing keys while others read and write."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select

from hubflow.config import Core
from hubflow.db import orm
from hubflow.db.crypto import new_key
from hubflow.db.engine import Database
from hubflow.services import key_rotation, variables
from hubflow.services.access import ALL, Actor
from hubflow.services.dto import PostVariable
from hubflow.services.unit import Backend

ADA = Actor("ada", ALL)


@pytest.fixture
def backend(core: Core, database: Database) -> Backend:
    return Backend(database, core.paths)


def put(backend: Backend, key: str, value: str = "x") -> None:
    variables.put(backend, ADA, PostVariable(key=key, value=value))


def test_every_batch_is_encrypted_anew(backend: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_rotation, "BATCH", 3)
    for number in range(7):
        put(backend, f"v{number}", str(number))
    done = key_rotation.rotate(backend, ADA)
    assert (done.encrypted, done.unreadable, done.forgotten) == (7, [], 1)
    assert [variables.reveal(backend, ADA, f"v{n}") for n in range(7)] == list("0123456")
    assert key_rotation.rotate(backend, ADA).encrypted == 7


def test_rows_that_were_plain_are_encrypted(backend: Backend) -> None:
    with backend.database.write() as session:
        session.add(orm.Variable(key="plain", value="Oslo", is_encrypted=False))
    assert variables.get(backend, ADA, "plain").is_encrypted is False
    assert key_rotation.rotate(backend, ADA).encrypted == 1
    assert variables.get(backend, ADA, "plain").is_encrypted is True
    assert variables.reveal(backend, ADA, "plain") == "Oslo"


def test_what_no_key_decrypts_is_named_and_stays(backend: Backend) -> None:
    put(backend, "lost")
    backend.keyring.path.unlink()
    put(backend, "kept", "Oslo")
    done = key_rotation.rotate(backend, ADA)
    assert (done.encrypted, done.unreadable) == (1, ["variable lost"])
    assert variables.reveal(backend, ADA, "kept") == "Oslo"


def test_a_rotation_that_was_killed_is_started_again(backend: Backend) -> None:
    put(backend, "old", "1")
    backend.keyring.add_key()  # as far as the killed one came
    put(backend, "new", "2")
    done = key_rotation.rotate(backend, ADA)
    assert (done.encrypted, done.forgotten) == (2, 2)
    assert [variables.reveal(backend, ADA, key) for key in ("old", "new")] == ["1", "2"]


def test_keys_of_the_configuration_are_used_and_left_alone(backend: Backend) -> None:
    old, new = new_key(), new_key()
    put(replace(backend, fernet_key=old), "v", "1")
    done = key_rotation.rotate(replace(backend, fernet_key=f"{new},{old}"), ADA)
    assert (done.encrypted, done.forgotten) == (1, 0)
    assert variables.reveal(replace(backend, fernet_key=new), ADA, "v") == "1"
    assert not backend.keyring.path.exists()


def test_another_process_goes_on_without_a_restart(backend: Backend) -> None:
    other = replace(backend)  # with a key ring of its own, as another process has
    put(backend, "v", "1")
    assert variables.reveal(other, ADA, "v") == "1"
    key_rotation.rotate(backend, ADA)
    assert variables.reveal(other, ADA, "v") == "1"
    put(other, "w", "2")
    assert variables.reveal(backend, ADA, "w") == "2"


def test_a_rotation_is_audited(backend: Backend) -> None:
    key_rotation.rotate(backend, ADA)
    with backend.database.read() as session:
        assert session.scalars(select(orm.AuditEvent.event)).all() == ["rotate_key"]
