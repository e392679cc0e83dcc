-- Run once, when the volume of compose.yaml's `db` is empty: MLflow keeps its tables apart from the alliance's records,
-- and its users apart from its runs.
CREATE DATABASE mlflow;
CREATE DATABASE mlflow_users;
