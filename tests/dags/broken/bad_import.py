from hubflow import DAG

import no_such_module

dag = DAG("bad_import", schedule=None)
