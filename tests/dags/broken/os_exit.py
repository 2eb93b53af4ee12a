import os

from hubflow import DAG

dag = DAG("os_exit", schedule=None)
os._exit(0)
