"""A whole configuration of a Hub with hubflow: `jupyterhub -f hub_config/jupyterhub_config.py`."""

from hubflow_hub import configure

c = get_config()  # noqa: F821  (JupyterHub provides it)

# Whatever your Hub needs: authenticator, spawner, addresses. Then, as the last thing:
c.JupyterHub.load_groups = {"hubflow-admins": {"users": ["admin"]}}

configure(c)
