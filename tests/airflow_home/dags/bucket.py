from datetime import datetime

from airflow import DAG
from airflow.providers.amazon.aws.operators.s3 import S3CreateBucketOperator

with DAG("bucket", start_date=datetime(2026, 1, 1), schedule=None):
    S3CreateBucketOperator(task_id="create", bucket_name="sales")
