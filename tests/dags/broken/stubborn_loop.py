"""An endless loop that swallows what would end it."""

import signal

from hubflow import DAG

dag = DAG("stubborn_loop", schedule=None)
signal.signal(signal.SIGALRM, signal.SIG_IGN)
while True:
    pass
