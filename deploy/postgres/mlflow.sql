-- Run once, when the volume of compose.yaml's `db` is empty: MLflow keeps its tables apart from the alliance's records.
CREATE DATABASE mlflow;
