"""Claims as one request may read them, as Parquet by bucket of companies: for workers that have no store to ask."""

from alliance.export.bucket import Bucket, ExportBroken, read_bucket
from alliance.export.write import COMPANIES_PER_BUCKET, Export, buckets_of

__all__ = ["COMPANIES_PER_BUCKET", "Bucket", "Export", "ExportBroken", "buckets_of", "read_bucket"]
