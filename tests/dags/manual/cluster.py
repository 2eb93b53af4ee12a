"""The chapters "What is DAG?" and "Operators": everything that runs on a cluster."""

from datetime import datetime, timedelta

from airflow import DAG
from airflow.operators import (
    CoutureDaskYarnOperator,
    CouturePySparkOperator,
    CoutureSparkOperator,
    CoutureTensorflowOperator,
    PySparkOperator,
    SparkOperator,
    TensorflowOperator,
)

appName = "FunWithPySpark"

default_args = {
    "owner": "couture",
    "depends_on_past": False,
    "start_date": datetime(2018, 10, 8),
    "retries": 1,
    "retry_delay": timedelta(minutes=5),
}

schedule = None
dag = DAG("PySpark", default_args=default_args, catchup=False, schedule_interval=schedule)

files = {
    "input_base_dir_path": "/usr/local/couture/input/",
    "output_base_dir_path": "/usr/local/couture/processed/",
    "output_filenames_dict": {"tags_file": "video_tags.csv"},
    "input_filenames_dict": {"tags_file": "video_tags.csv"},
    "method_args_dict": {"task_strategy": "parallel"},
}

Get_Ratings_Data = CouturePySparkOperator(
    task_id="Get_Ratings_Data",
    method_id="Get_Ratings_Data",
    app_name=appName,
    code_artifact="Ratings.py",
    dag=dag,
    description="Dump ratings data in hdfs",
)

Get_Ratings_History = CouturePySparkOperator(
    task_id="Get_Ratings_History",
    method_id="Get_Ratings_History",
    app_name=appName,
    code_artifact="History.py",
    dag=dag,
    description="Get ratings history",
)

Get_Ratings_Data >> Get_Ratings_History

operator_task = CoutureSparkOperator(
    task_id="operator_task",
    method_id="run_task",
    dag=dag,
    app_name="Couture",
    class_path="ai.couture.MainClass",
    code_artifact="couture.jar",
    description="",
)

SparkPi = SparkOperator(
    task_id="SparkPi",
    method_id="run_task",
    app_name=appName,
    class_path="org.apache.spark.examples.SparkPi",
    code_artifact="spark-examples_2.11-2.3.1.jar",
    application_arguments=[],
    dag=dag,
    description="A Spark task",
)

LoadData = CoutureSparkOperator(
    task_id="LoadData",
    method_id="LoadData",
    app_name=appName,
    class_path="org.apache.spark.examples.SparkPi",
    code_artifact="spark-examples_2.11-2.3.1.jar",
    dag=dag,
    description="A Spark task with files",
    **files,
)

DataCleaning = CoutureDaskYarnOperator(
    task_id="DataCleaning",
    method_id="DataCleaning",
    app_name=appName,
    code_artifact="spark-examples_2.11-2.3.1.jar",
    dag=dag,
    description="A Dask task",
)

StatsGeneration = PySparkOperator(
    task_id="StatsGeneration",
    method_id="StatsGeneration",
    app_name=appName,
    code_artifact="pi.py",
    application_arguments=[],
    dag=dag,
    description="Stats Generation",
)

MoreStats = CouturePySparkOperator(
    task_id="MoreStats",
    method_id="StatsGeneration",
    app_name=appName,
    code_artifact="pi.py",
    dag=dag,
    description="Stats Generation",
    **files,
)

FeatureValidation = TensorflowOperator(
    task_id="FeatureValidation",
    code_artifact="pi.py",
    application_arguments="",
    dag=dag,
    description="Feature Validation",
)

fetch_videos = CoutureTensorflowOperator(
    dag=dag,
    task_id="fetch_videos",
    method_id="fetch_videos",
    code_artifact="pi.py",
    description="A TF task",
    **files,
)
