"""`airflow.utils.types.NOTSET`: an argument that nobody gave, where None means something."""

from __future__ import annotations


class ArgNotSet:
    """The type of `NOTSET`."""


NOTSET = ArgNotSet()
