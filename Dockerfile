# Three images from one file: `--target api` (no CAD kernel inside), `--target calculator`, and
# `--target backup` (the API's packages and PostgreSQL's client programs).

FROM python:3.11-slim-bookworm AS base
ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 PATH=/opt/venv/bin:$PATH
RUN useradd --uid 10001 --create-home millwright \
    && install -d -o millwright -g millwright -m 0700 /data
WORKDIR /srv/millwright

FROM base AS installer
ENV UV_PYTHON_DOWNLOADS=never UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1
RUN pip install --no-cache-dir uv==0.13.8 && uv venv /opt/venv

FROM installer AS api-packages
COPY requirements-api.lock ./
RUN uv pip install --no-cache --python /opt/venv/bin/python --require-hashes -r requirements-api.lock

FROM installer AS calculator-packages
COPY requirements-run.lock ./
RUN uv pip install --no-cache --python /opt/venv/bin/python --require-hashes -r requirements-run.lock

FROM base AS calculator
RUN apt-get update \
    && apt-get install -y --no-install-recommends libgl1 libegl1 \
    && rm -rf /var/lib/apt/lists/*
COPY --from=calculator-packages /opt/venv /opt/venv
COPY app/__init__.py app/__init__.py
COPY app/contract app/contract
COPY app/calculator app/calculator
USER millwright
ENV MILLWRIGHT_CALCULATOR__HOST=0.0.0.0
EXPOSE 7000
# loading the CAD kernel from a cold disk takes a while
HEALTHCHECK --interval=10s --timeout=5s --start-period=120s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:7000/health/live', timeout=4)"]
CMD ["python", "-m", "app.calculator.main"]

FROM base AS api
COPY --from=api-packages /opt/venv /opt/venv
COPY alembic.ini ./
COPY migrations migrations
COPY app app
RUN rm -r app/calculator
USER millwright
ENV MILLWRIGHT_SERVER__HOST=0.0.0.0 MILLWRIGHT_DATA_DIR=/data MILLWRIGHT_STORAGE__URL=/data/files
VOLUME /data
EXPOSE 8000
# live, not ready: a calculator that is away must not get the API restarted
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request; base = os.environ.get('MILLWRIGHT_SERVER__BASE_PATH', '').strip('/'); urllib.request.urlopen('http://127.0.0.1:8000/' + (base + '/' if base else '') + 'health/live', timeout=4)"]
CMD ["python", "-m", "app.main"]

FROM api AS backup
USER root
# pg_dump must not be older than the server of docker-compose.yml
RUN apt-get update \
    && apt-get install -y --no-install-recommends postgresql-common ca-certificates \
    && /usr/share/postgresql-common/pgdg/apt.postgresql.org.sh -y \
    && apt-get install -y --no-install-recommends postgresql-client-18 \
    && rm -rf /var/lib/apt/lists/*
COPY scripts/__init__.py scripts/audit.py scripts/backup.py scripts/jobs.py scripts/storage.py scripts/
COPY scripts/audits scripts/audits
COPY scripts/background scripts/background
COPY scripts/backups scripts/backups
COPY scripts/local scripts/local
COPY scripts/stored scripts/stored
USER millwright
HEALTHCHECK NONE
ENTRYPOINT ["python", "scripts/backup.py"]
CMD ["--help"]
