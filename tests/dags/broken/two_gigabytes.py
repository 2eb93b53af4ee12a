from hubflow import DAG

dag = DAG("two_gigabytes", schedule=None)
everything = bytearray(2 << 30)
