"""hubflow inside JupyterHub: `configure(c)`, the hub-managed service and its page."""

from hubflow_hub.configure import configure

__all__ = ["configure"]
