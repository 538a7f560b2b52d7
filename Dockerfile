# One image for each service, and one for the gateway, each with that code only:
#   docker build --build-arg SERVICE=leads --tag tongzhou-crm/leads .
# What an image does is said by its command: serve leads, work leads, migrate leads.
ARG SERVICE=gateway

FROM python:3.11-slim-bookworm AS libraries
COPY requirements/image.txt /
RUN python -m venv --without-pip /opt/crm \
 && pip --python /opt/crm/bin/python install --no-cache-dir --require-hashes --only-binary :all: -r /image.txt

FROM python:3.11-slim-bookworm AS common
RUN groupadd --gid 10001 crm \
 && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin crm
ENV PATH=/opt/crm/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 CRM_HOST=0.0.0.0
WORKDIR /app
COPY --from=libraries /opt/crm /opt/crm
COPY chassis chassis
COPY contracts contracts
COPY crm crm

FROM common AS map
COPY services services
RUN python -m crm.company > /company.json

FROM common AS complete
COPY --from=map /company.json crm/company.json
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s \
  CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/health/live', timeout=4)"]
ENTRYPOINT ["python", "-m", "crm"]
CMD ["--help"]

FROM complete AS gateway
COPY gateway gateway
COPY console console

FROM complete AS service
ARG SERVICE
COPY services/__init__.py services/
COPY services/${SERVICE} services/${SERVICE}

FROM service AS organization
FROM service AS customer
FROM service AS leads
FROM service AS activity
FROM service AS analytics

# hadolint ignore=DL3006
FROM ${SERVICE}
