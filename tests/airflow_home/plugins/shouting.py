from airflow.models import BaseOperator
from airflow.plugins_manager import AirflowPlugin


class ShoutOperator(BaseOperator):
    def __init__(self, word, **kwargs):
        super().__init__(**kwargs)
        self.word = word

    def execute(self, context):
        print(self.word.upper())


class ShoutingPlugin(AirflowPlugin):
    name = "shouting"
    operators = [ShoutOperator]
