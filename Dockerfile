# cachecost over HTTP, with every price sheet inside: docker build -t cachecost .
# For a build that can be repeated, name the base with its digest: --build-arg BASE=python:3.13-slim@sha256:...
ARG BASE=python:3.13-slim

FROM ${BASE} AS build
# Every package, that which builds the project too, is of the version and hash in requirements.lock.
# metrics is for Prometheus; files counts PDF, DOCX and EPUB that are sent to /v1/count.
ARG EXTRAS=metrics,files
WORKDIR /src
COPY pyproject.toml requirements.lock README.md LICENSE ./
COPY calc calc
COPY api api
COPY pricing pricing
RUN python -m venv /opt/cachecost \
 && /opt/cachecost/bin/pip download --disable-pip-version-check --no-deps --only-binary :all: \
      --require-hashes --requirement requirements.lock --dest /wheels \
 && /opt/cachecost/bin/pip install --no-cache-dir --disable-pip-version-check \
      --no-index --find-links /wheels ".[${EXTRAS}]" \
 && /opt/cachecost/bin/pip uninstall --yes pip

FROM ${BASE}
LABEL org.opencontainers.image.title="cachecost" \
      org.opencontainers.image.description="What N queries over a long context cost: sent fresh each time, or cached" \
      org.opencontainers.image.licenses="MIT"
COPY --from=build /opt/cachecost /opt/cachecost
# The container may be read-only (only a log sent to /v1/replay needs a /tmp); its user owns no file and has no home.
ENV PATH=/opt/cachecost/bin:$PATH \
    HOME=/ \
    CACHECOST_CACHE=off \
    PYTHONUNBUFFERED=1
USER 10001:10001
WORKDIR /
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=15s --retries=3 \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/healthz', timeout=4).close()"]
ENTRYPOINT ["cachecost"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8000"]
