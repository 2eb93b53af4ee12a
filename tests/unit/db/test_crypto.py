"""Keys: made once, private, renewed; what they cannot decrypt is an error of its own."""

from __future__ import annotations

import stat
import threading
from pathlib import Path

import pytest

from hubflow.db.crypto import KeyLost, Keyring, KeysUnusable, new_key


def test_the_key_file_is_made_on_first_use_and_private(tmp_path: Path) -> None:
    keyring = Keyring(tmp_path / "keys")
    assert not keyring.path.exists()
    token = keyring.encrypt("hunter2")
    assert "hunter2" not in token
    assert stat.S_IMODE(keyring.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(keyring.path.parent.stat().st_mode) == 0o700
    assert Keyring(tmp_path / "keys").decrypt(token) == "hunter2"


def test_decrypting_makes_no_key(tmp_path: Path) -> None:
    with pytest.raises(KeyLost):
        Keyring(tmp_path).decrypt("token")
    assert list(tmp_path.iterdir()) == []


def test_processes_that_start_together_share_one_key(tmp_path: Path) -> None:
    keyrings = [Keyring(tmp_path) for _ in range(8)]
    barrier = threading.Barrier(len(keyrings))
    tokens: list[str] = []

    def begin(keyring: Keyring) -> None:
        barrier.wait()
        tokens.append(keyring.encrypt("x"))

    threads = [threading.Thread(target=begin, args=(keyring,)) for keyring in keyrings]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [keyrings[0].decrypt(token) for token in tokens] == ["x"] * len(keyrings)
    assert [path.name for path in tmp_path.iterdir()] == ["fernet.keys"]


def test_of_configured_keys_the_first_encrypts_and_all_decrypt(tmp_path: Path) -> None:
    old, new = new_key(), new_key()
    before = Keyring(tmp_path, old).encrypt("x")
    both = Keyring(tmp_path, f"{new}, {old}")
    assert both.decrypt(before) == "x"
    assert not both.is_current(before)
    assert both.is_current(both.encrypt("y"))
    with pytest.raises(KeyLost):
        Keyring(tmp_path, new).decrypt(before)
    assert not both.path.exists()


def test_the_key_file_still_decrypts_once_a_key_is_configured(tmp_path: Path) -> None:
    token = Keyring(tmp_path).encrypt("x")
    assert Keyring(tmp_path, new_key()).decrypt(token) == "x"


def test_a_new_key_counts_at_once_in_every_process(tmp_path: Path) -> None:
    one, other = Keyring(tmp_path), Keyring(tmp_path)
    old = other.encrypt("x")
    one.add_key()
    new = other.encrypt("y")
    assert (one.is_current(old), one.is_current(new), one.decrypt(old)) == (False, True, "x")
    assert one.forget_old_keys() == 1
    with pytest.raises(KeyLost):
        other.decrypt(old)
    assert other.decrypt(new) == "y"


@pytest.mark.parametrize("key", ["hunter2", "x" * 44])
def test_a_malformed_key_is_counted_not_shown(tmp_path: Path, key: str) -> None:
    with pytest.raises(KeysUnusable, match="key 2 of HUBFLOW_FERNET_KEY") as caught:
        Keyring(tmp_path, f"{new_key()},{key}").encrypt("x")
    assert key not in str(caught.value)


def test_a_key_file_of_somebody_else_is_said(tmp_path: Path) -> None:
    (tmp_path / "fernet.keys").write_bytes(b"\xff")
    with pytest.raises(KeysUnusable, match=r"fernet\.keys"):
        Keyring(tmp_path).encrypt("x")
