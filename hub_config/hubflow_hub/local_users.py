"""Accounts with passwords in the Hub's own database, for the demo and for small teams.

`c.JupyterHub.authenticator_class = "hubflow_hub.local_users.LocalUsers"`
"""

from __future__ import annotations

from typing import Any

from jupyterhub.auth import Authenticator
from nativeauthenticator import NativeAuthenticator


class LocalUsers(NativeAuthenticator):
    """NativeAuthenticator behind the Hub's own login page.

    The page of nativeauthenticator 1.3 does not work on JupyterHub 6, whose page does the same.
    """

    def get_handlers(self, app: Any) -> list[tuple[str, Any]]:
        others = [rule for rule in super().get_handlers(app) if rule[0] != "/login"]
        return [*Authenticator.get_handlers(self, app), *others]
