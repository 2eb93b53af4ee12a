from datetime import datetime

from hubflow import DAG

dag = DAG("bad_cron", schedule="61 * * * *", start_date=datetime(2026, 1, 1))
