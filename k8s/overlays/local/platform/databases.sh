# One database and one role for each service that has one; nobody else may open it. The image's own script reads this
# one into itself: what is set here must not stay.
(
set -eu
for service in accounts topics sessions secrets upload rating; do
    password="$(printenv "$(echo "$service" | tr '[:lower:]' '[:upper:]')_DATABASE_PASSWORD")"
    psql --set ON_ERROR_STOP=1 --username postgres --set name="$service" --set password="$password" <<'SQL'
CREATE ROLE :"name" LOGIN PASSWORD :'password';
CREATE DATABASE :"name" OWNER :"name";
REVOKE ALL ON DATABASE :"name" FROM PUBLIC;
SQL
done
)
