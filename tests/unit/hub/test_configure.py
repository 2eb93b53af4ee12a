"""configure(c) only adds: what the admin wrote stays."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from traitlets.config import Config

from hubflow_hub import configure
from hubflow_hub.configure import LOCAL_USERS_TEMPLATES, TEMPLATES
from hubflow_hub.spawn import linking

SCOPE = "access:services!service=hubflow"


def configured(**sections: dict[str, Any]) -> Config:
    c = Config(sections)
    configure(c)
    return c


def roles(c: Config) -> dict[str, dict[str, Any]]:
    return {role["name"]: role for role in c.JupyterHub.load_roles}


def test_two_lines_bring_services_roles_groups_link_and_environment() -> None:
    c = configured()
    assert [service["name"] for service in c.JupyterHub.services] == ["hubflow", "hubflow-engine"]
    assert c.JupyterHub.services[0]["url"] == "http://127.0.0.1:9777"
    assert roles(c)["user"]["scopes"] == ["self", SCOPE]
    assert roles(c)["server"]["scopes"] == ["users:activity!user", "access:servers!server", SCOPE]
    assert set(c.JupyterHub.load_groups) == {"hubflow-admins", "hubflow-developers"}
    assert c.JupyterHub.template_paths == [str(TEMPLATES)]
    assert c.JupyterHub.template_vars["hubflow_path"] == "/services/hubflow/"
    assert c.Spawner.environment == {"HUBFLOW_URL": "http://127.0.0.1:9777/services/hubflow"}


def test_authenticator_spawner_and_proxy_stay_untouched() -> None:
    c = configured(JupyterHub={"authenticator_class": "pam", "spawner_class": "docker"})
    assert c.JupyterHub.authenticator_class == "pam"
    assert c.JupyterHub.spawner_class == "docker"
    assert "proxy_class" not in c.JupyterHub
    assert "Authenticator" not in c


def test_scopes_that_the_admin_gave_stay() -> None:
    mine = [
        {"name": "user", "scopes": ["self", "shares!user"], "description": "mine"},
        {"name": "server", "scopes": ["inherit"]},
        {"name": "teachers", "scopes": ["list:users"], "users": ["ann"]},
    ]
    c = configured(JupyterHub={"load_roles": mine})
    assert roles(c)["user"] == {**mine[0], "scopes": ["self", "shares!user", SCOPE]}
    assert roles(c)["server"]["scopes"] == ["inherit", SCOPE]
    assert roles(c)["teachers"] == mine[2]


def test_lists_that_were_only_appended_to_are_kept() -> None:
    c = Config()
    c.JupyterHub.load_roles.append({"name": "teachers", "scopes": ["list:users"]})
    c.JupyterHub.services.append({"name": "culler", "command": ["x"]})
    configure(c)
    assert set(roles(c)) == {"teachers", "user", "server"}
    names = [service["name"] for service in c.JupyterHub.services]
    assert names == ["culler", "hubflow", "hubflow-engine"]


def test_calling_it_twice_changes_nothing() -> None:
    c = configured()
    services, paths = list(c.JupyterHub.services), list(c.JupyterHub.template_paths)
    loaded = list(c.JupyterHub.load_roles)
    configure(c)
    assert (c.JupyterHub.services, c.JupyterHub.template_paths) == (services, paths)
    assert c.JupyterHub.load_roles == loaded


def test_members_of_groups_stay_and_managed_groups_are_left_alone() -> None:
    groups = {"hubflow-admins": {"users": ["ann"]}, "staff": {"users": ["bob"]}}
    c = configured(JupyterHub={"load_groups": groups})
    assert c.JupyterHub.load_groups["hubflow-admins"] == {"users": ["ann"]}
    assert set(c.JupyterHub.load_groups) == {*groups, "hubflow-developers"}
    managed = configured(GenericOAuthenticator={"manage_groups": True})
    assert "load_groups" not in managed.JupyterHub


def test_environment_of_the_admin_stays_also_in_subclasses() -> None:
    c = configured(
        Spawner={"environment": {"A": "1"}}, KubeSpawner={"environment": {"HUBFLOW_URL": "mine"}}
    )
    assert c.Spawner.environment["A"] == "1"
    assert c.Spawner.environment["HUBFLOW_URL"].endswith("/services/hubflow")
    assert c.KubeSpawner.environment == {"HUBFLOW_URL": "mine"}


def test_base_url_and_port_are_honoured() -> None:
    c = configured(JupyterHub={"base_url": "/lab/"}, HubflowHub={"service_port": 9800})
    assert c.JupyterHub.template_vars["hubflow_path"] == "/lab/services/hubflow/"
    assert c.Spawner.environment["HUBFLOW_URL"] == "http://127.0.0.1:9800/lab/services/hubflow"


def test_own_page_template_gets_the_stock_menu_instead(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("")
    c = configured(JupyterHub={"template_paths": [str(tmp_path)]})
    assert c.JupyterHub.template_paths == [str(tmp_path)]
    assert c.JupyterHub.services[0]["display"] is True
    ours = configured(JupyterHub={"template_paths": [str(LOCAL_USERS_TEMPLATES)]})
    assert ours.JupyterHub.services[0]["display"] is False


def test_engine_and_link_can_be_switched_off() -> None:
    c = configured(HubflowHub={"run_engine": False, "link_label": "", "link_workspace": False})
    assert [service["name"] for service in c.JupyterHub.services] == ["hubflow"]
    assert "template_paths" not in c.JupyterHub
    assert "pre_spawn_hook" not in c.Spawner


def spawner(home: Path, notebook_dir: str = "") -> Any:
    return SimpleNamespace(
        home_dir=str(home), notebook_dir=notebook_dir, user=SimpleNamespace(name="ann")
    )


@pytest.mark.parametrize(
    ("notebook_dir", "link"),
    [
        ("", "common_workspace"),
        ("~/work", "work/common_workspace"),
        ("{username}/nb", "ann/nb/common_workspace"),
    ],
)
def test_hook_links_the_workspace_and_runs_the_former_hook_first(
    tmp_path: Path, notebook_dir: str, link: str
) -> None:
    called: list[str] = []

    async def former(spawner: Any) -> None:
        called.append(spawner.user.name)

    workspace = tmp_path / "workspace"
    hook = linking(workspace, former)
    for _ in range(2):
        asyncio.run(as_coroutine(hook(spawner(tmp_path / "ann", notebook_dir))))
    assert called == ["ann", "ann"]
    assert (tmp_path / "ann" / link).resolve() == workspace.resolve()


def test_hook_moves_an_old_link_and_leaves_a_real_folder(tmp_path: Path) -> None:
    workspace, home = tmp_path / "workspace", tmp_path / "ann"
    home.mkdir()
    (home / "common_workspace").symlink_to(tmp_path / "old")
    asyncio.run(as_coroutine(linking(workspace, None)(spawner(home))))
    assert (home / "common_workspace").resolve() == workspace.resolve()
    other = tmp_path / "bob"
    (other / "common_workspace").mkdir(parents=True)
    asyncio.run(as_coroutine(linking(workspace, None)(spawner(other))))
    assert not (other / "common_workspace").is_symlink()


def test_hook_leaves_spawners_on_other_machines_alone(tmp_path: Path) -> None:
    remote = SimpleNamespace(notebook_dir="", user=SimpleNamespace(name="ann"))
    asyncio.run(as_coroutine(linking(tmp_path, None)(remote)))
    assert list(tmp_path.iterdir()) == []


async def as_coroutine(result: Any) -> None:
    if result is not None:
        await result
