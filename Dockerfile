# scrubber as a service: built from this checkout with the Makefile's own commands.
FROM python:3.11-slim AS build
# hadolint ignore=DL3008
RUN apt-get update && apt-get install -y --no-install-recommends make && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY Makefile pyproject.toml constraints.txt README.md LICENSE ./
COPY rules rules
COPY models/dutch.npz models/needed.tsv models/
COPY scrubber scrubber
RUN make install PYTHON=python VENV=/opt/scrubber

FROM python:3.11-slim
COPY --from=build /opt/scrubber /opt/scrubber
# The user owns nothing but /data and /keys; the root file system may be read-only.
RUN useradd --system --uid 10001 --home-dir /data --create-home scrubber && install -d -m 700 -o scrubber /keys
ENV PATH=/opt/scrubber/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 SCRUBBER_SETTINGS=/data/scrubber.toml
USER 10001
WORKDIR /data
VOLUME ["/data", "/keys"]
# Figures for Prometheus, where [worker] metrics = "0.0.0.0:9464"; webhooks and calls, where it runs `serve`.
EXPOSE 9464 8080
# `status` opens the database and counts; it fails when that can't be done.
HEALTHCHECK --interval=60s --timeout=30s --start-period=60s --retries=3 CMD ["scrubber", "status"]
ENTRYPOINT ["scrubber"]
CMD ["run"]
