#!/bin/sh
# Makes the two database roles and the database: the owner migrates, the service runs and cannot become the owner.
# Run once against an empty server, as its administrator (libpq's PGHOST, PGUSER and so on say where). Reads
# OWNER_PASSWORD_FILE and SERVICE_PASSWORD_FILE. The official PostgreSQL image runs it from /docker-entrypoint-initdb.d.
set -eu
psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --dbname "${PGDATABASE:-postgres}" \
    --set owner="$(cat "$OWNER_PASSWORD_FILE")" --set service="$(cat "$SERVICE_PASSWORD_FILE")" <<'SQL'
CREATE ROLE fairwitness_owner LOGIN PASSWORD :'owner';
CREATE ROLE fairwitness_service LOGIN PASSWORD :'service';
CREATE DATABASE fairwitness OWNER fairwitness_owner TEMPLATE template0 ENCODING 'UTF8';
REVOKE CONNECT, TEMPORARY ON DATABASE fairwitness FROM PUBLIC;
GRANT CONNECT ON DATABASE fairwitness TO fairwitness_service;
SQL
