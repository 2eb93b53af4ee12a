from hubflow import DAG

dag = DAG("endless_loop", schedule=None)
while True:
    pass
