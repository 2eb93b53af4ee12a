"""The manual's Spark, Dask and TensorFlow operators (SEMANTICS 6.9): DAG files with them import.

They run once hubflow can reach a cluster; until then the task says so.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from hubflow.sdk.unavailable import UnavailableOperator


class _ClusterOperator(UnavailableOperator):
    advice: ClassVar[str] = "this version of hubflow cannot run it yet"
    template_fields: ClassVar[Iterable[str]] = ()
    ui_color = "#fbe3d6"


class SparkOperator(_ClusterOperator):
    """A JVM Spark job with arguments."""

    needs: ClassVar[str] = "a Spark cluster"


class CoutureSparkOperator(SparkOperator):
    """A JVM Spark job with the JSON argument."""


class PySparkOperator(SparkOperator):
    """A Python Spark job with arguments."""


class CouturePySparkOperator(PySparkOperator):
    """A Python Spark job with the JSON argument."""


class CoutureDaskYarnOperator(_ClusterOperator):
    """A Dask job on YARN."""

    needs: ClassVar[str] = "a YARN cluster with Dask"


class TensorflowOperator(_ClusterOperator):
    """A TensorFlow program with arguments."""

    needs: ClassVar[str] = "an environment with TensorFlow"


class CoutureTensorflowOperator(TensorflowOperator):
    """A TensorFlow program with the JSON argument."""
