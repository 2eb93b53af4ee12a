"""Create the demo's first admin, or give them a new password: run by `hubflow up` before the Hub.

`python -m hubflow.cli.first_admin DB_URL NAME`, password on standard input. A process of its own,
because importing JupyterHub takes seconds that only the first start has to wait for.
"""

from __future__ import annotations

import sys

from jupyterhub import orm
from nativeauthenticator import NativeAuthenticator


def main(url: str, name: str, password: str) -> None:
    """Store a hash of the password; the password itself is kept nowhere."""
    session = orm.new_session_factory(url)()
    authenticator = NativeAuthenticator(db=session, admin_users={name})
    if authenticator.user_exists(name):
        done = authenticator.change_password(name, password)
    else:
        done = authenticator.create_user(name, password)
    session.close()
    if not done:
        raise SystemExit(f"the authenticator does not accept the user {name!r}")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.stdin.readline().rstrip("\n"))
