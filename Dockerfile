# One image for the scoring service, its command lines and the MLflow server (see compose.yaml).
ARG PYTHON=3.11

FROM python:${PYTHON}-slim AS builder
WORKDIR /src
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_NO_CACHE=1 UV_PYTHON=/opt/alliance/bin/python
# The lock alone says which uv, hashes and all.
COPY requirements.lock .
RUN sed -n '/^uv==/,/[^\\]$/p' requirements.lock > uv.txt \
    && pip install --no-cache-dir --require-hashes -r uv.txt \
    && python -m venv --without-pip /opt/alliance
# What runs, without the dev tools; as constraints the lock's versions and hashes hold for dependencies of dependencies too.
COPY pyproject.toml .
RUN uv pip install -r pyproject.toml -c requirements.lock
COPY . .
RUN uv pip install --no-deps --build-constraints requirements.lock .

FROM python:${PYTHON}-slim
# LightGBM's wheel needs OpenMP from the system. The folders are for volumes, which take their owner from here.
RUN apt-get update \
    && apt-get install -y --no-install-recommends libgomp1 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin alliance \
    && install -d -o alliance -g alliance /var/lib/alliance /var/lib/mlflow
COPY --from=builder /opt/alliance /opt/alliance
# Libraries that cache under a home folder do so in /tmp: the root file system may be read-only.
ENV PATH=/opt/alliance/bin:$PATH \
    HOME=/tmp \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    MPLBACKEND=Agg \
    GIT_PYTHON_REFRESH=quiet \
    MLFLOW_ALLOW_PICKLE_DESERIALIZATION=false \
    DO_NOT_TRACK=true
USER alliance
WORKDIR /var/lib/alliance
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/readyz', timeout=4)"]
CMD ["scoring", "serve", "--host", "0.0.0.0", "--port", "8000"]
