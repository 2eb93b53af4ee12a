from hubflow import DAG

with DAG("syntax_error", schedule=None) as dag:
    print("the bracket stays open"
