# syntax=docker/dockerfile:1
# One image for web, workers and beat; compose.yaml and docs say how each is started.

FROM python:3.11-slim-bookworm AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/vibesite
COPY requirements.txt /tmp/requirements.txt
RUN /opt/vibesite/bin/pip install --requirement /tmp/requirements.txt
COPY . /srv/vibesite
WORKDIR /srv/vibesite
# Static files are gathered once, with hashed names; the secret is for this command only and is in no layer's settings.
RUN DEBUG=off SECRET_KEY=build SPOTIFY_SANDBOX=off VAR_DIR=/tmp/var \
      /opt/vibesite/bin/python manage.py collectstatic --noinput --skip-checks \
  && /opt/vibesite/bin/python -m compileall -q accounts ingest insights playlists vibesite

# `docker build --target flower`: the page of queues, for operators of the Redis broker.
FROM build AS flower
RUN /opt/vibesite/bin/pip install "flower>=2.0.1,<3" \
  && useradd --system --uid 10001 --home-dir /srv/vibesite vibesite
USER 10001
ENV PATH="/opt/vibesite/bin:$PATH" VAR_DIR=/tmp/var
EXPOSE 5555
CMD ["celery", "-A", "vibesite", "flower", "--address=0.0.0.0", "--port=5555"]

FROM python:3.11-slim-bookworm AS vibesite
RUN useradd --system --uid 10001 --home-dir /srv/vibesite vibesite \
  && install --directory --owner=vibesite --group=vibesite /var/lib/vibesite
COPY --from=build /opt/vibesite /opt/vibesite
COPY --from=build /srv/vibesite /srv/vibesite
WORKDIR /srv/vibesite
ENV PATH="/opt/vibesite/bin:$PATH" PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    DEBUG=off VAR_DIR=/var/lib/vibesite PORT=8000
USER 10001
VOLUME /var/lib/vibesite
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 \
  CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen(f'http://127.0.0.1:{os.environ[\"PORT\"]}/health/live', timeout=4)"]
CMD ["sh", "-c", "exec gunicorn --config python:vibesite.gunicorn --bind \"0.0.0.0:$PORT\""]
