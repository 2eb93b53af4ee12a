"""The DAG folder as a `tar.gz`, out and in; nothing lands outside of it."""

from __future__ import annotations

import gzip
import io
import subprocess
import tarfile
from pathlib import Path

import httpx
import pytest

from hubflow.config import Core
from hubflow.db import orm
from hubflow.db.engine import Database
from hubflow.services import dag_archives
from integration.server.service import Service

HOLES = {"GNU.sparse.map": "0,6", "GNU.sparse.size": str(2**40)}


def member(name: str, data: bytes = b"x = 1\n", **changes: object) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.size = len(data)
    for field, value in changes.items():
        setattr(info, field, value)
    return info


def archive(*members: tarfile.TarInfo) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as packed:
        for info in members:
            packed.addfile(info, io.BytesIO(b"x = 1\n"))
    return out.getvalue()


def send(service: Service, data: bytes, field: str = "sources") -> httpx.Response:
    url = f"{service.origin}/hubflow/api/dags/"
    return service.writer.post(url, files={field: ("dags.tar.gz", data)})


@pytest.fixture
def dags(core: Core) -> Path:
    core.paths.make()
    return core.paths.dags


def test_what_goes_out_comes_in_again(service: Service, dags: Path) -> None:
    (dags / "team").mkdir()
    (dags / "team" / "a.py").write_text("a = 1\n")
    (dags / "__pycache__").mkdir()
    (dags / "__pycache__" / "a.pyc").write_text("")
    (dags / "link.py").symlink_to("/etc/passwd")
    answer = service.writer.get(f"{service.origin}/hubflow/api/dags/")
    assert answer.headers["Content-Type"] == "application/gzip"
    with tarfile.open(fileobj=io.BytesIO(answer.content)) as packed:
        assert packed.getnames() == ["team/a.py"]
    (dags / "team" / "a.py").unlink()
    taken = send(service, answer.content)
    assert (taken.status_code, taken.json()) == (200, {"files": ["team/a.py"]})
    assert (dags / "team" / "a.py").read_text() == "a = 1\n"


def test_what_tar_packs_of_a_folder_comes_in(service: Service, dags: Path, tmp_path: Path) -> None:
    (tmp_path / "mine" / "team").mkdir(parents=True)
    (tmp_path / "mine" / "team" / "a.py").write_text("a = 1\n")
    packed = subprocess.run(
        ["tar", "czf", "-", "-C", tmp_path / "mine", "."], capture_output=True, check=True
    )
    taken = send(service, packed.stdout)
    assert (taken.status_code, taken.json()) == (200, {"files": ["team/a.py"]})
    assert (dags / "team" / "a.py").read_text() == "a = 1\n"


@pytest.mark.parametrize(
    ("members", "named"),
    [
        ([member("../out.py")], "outside of the DAG folder"),
        ([member("/etc/out.py")], "outside of the DAG folder"),
        ([member("a/../../out.py")], "outside of the DAG folder"),
        ([member("l.py", b"", type=tarfile.SYMTYPE, linkname="/etc/passwd")], "link or device"),
        ([member("l.py", b"", type=tarfile.LNKTYPE, linkname="good.py")], "link or device"),
        ([member("d", b"", type=tarfile.CHRTYPE)], "link or device"),
        ([member("a.py"), member("a.py/b.py")], "clashes"),
        ([member("there")], "clashes"),
        ([member("away/a.py")], "leads through a link"),
        ([member("holes.py", pax_headers=HOLES)], "sparse file"),
        ([member("../out", b"", type=tarfile.DIRTYPE)], "outside of the DAG folder"),
        ([member("a/" * 1_500 + "deep.py")], "more than 64 folders"),
        ([], "no file"),
    ],
)
def test_archive_that_would_do_harm_changes_nothing(
    service: Service, dags: Path, tmp_path: Path, members: list[tarfile.TarInfo], named: str
) -> None:
    (dags / "there").mkdir()
    (dags / "away").symlink_to(tmp_path)
    answer = send(service, archive(*([member("good.py")] if members else []), *members))
    assert answer.status_code == 400, answer.text
    assert named in answer.json()["detail"]
    assert not (dags / "good.py").exists()


def test_bomb_is_refused_before_it_fills_the_disk(
    service: Service, dags: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dag_archives, "MOST_BYTES", 2**20)
    answer = send(service, gzip.compress(b"\0" * 8 * 2**20))
    assert "more than 1 MiB" in answer.json()["detail"]


@pytest.mark.parametrize(
    "data", [b"no gzip at all", gzip.compress(b"no tar" * 500), archive(member("a.py"))[:-20]]
)
def test_what_is_no_archive_is_400(service: Service, dags: Path, data: bytes) -> None:
    answer = send(service, data)
    assert (answer.status_code, list(dags.iterdir())) == (400, [])


def test_other_forms_and_people_are_refused(service: Service, dags: Path) -> None:
    assert "sources" in send(service, archive(member("a.py")), "other").json()["detail"]
    url = f"{service.origin}/hubflow/api/dags/"
    assert service.reader.get(url).status_code == 403
    assert service.reader.post(url).status_code == 403
    assert service.stranger.get(url).status_code == 401


def test_the_scheduler_may_write_while_files_are_put_in_place(
    service: Service, dags: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = dag_archives._write

    def beside_another(packed: tarfile.TarFile, entry: dag_archives._Entry) -> None:
        with database.write() as session:
            session.add(orm.Pool(name="night", slots=1))
        write(packed, entry)

    monkeypatch.setattr(dag_archives, "_write", beside_another)
    assert send(service, archive(member("a.py"))).status_code == 200
    with database.read() as session:
        assert session.query(orm.AuditEvent).one().event == "unpack_dags"
