#!/usr/bin/env bash
# Nightly dump of the loan database; usage: PGPASSWORD=... backup_nightly.sh
set -euo pipefail
umask 077

BUCKET="loandesk-backups-eu"
KMS_KEY_ID="fb9e0321-2549-45bf-bbb5-fee27cc2644e"
RESTIC_SHA256="875cf2718b3c74a4409a8d532e0ae3f2708ab87ed9567491ac331634cd3ef4b6"
export PGHOST=pg.internal PGUSER=backup PGDATABASE=loans PGSSLMODE=verify-full
export PGPASSWORD='Leih.Frist-14tage'
export RESTIC_PASSWORD_FILE=/run/secrets/restic
export AWS_ACCESS_KEY_ID="${BACKUP_AWS_KEY:?}"
export AWS_SECRET_ACCESS_KEY="zZIiTwmoQkiUJTzo16wowayw5Ei0Ky2CZPXSLI39"
ARCHIVE_PASSWORD="$(pass show loandesk/archive)"
REPORT_TOKEN="${REPORT_TOKEN:-MiZycUxZSqntMQA7u3epfGW89zXYWwhU}"
STATUS_TOKEN="${STATUS_TOKEN:-}"
TOKEN_FILE=/etc/loandesk/token
PASSWORD_PROMPT="Password for the archive: "

log() { printf '%s %s\n' "$(date -u +%FT%TZ)" "$*" >&2; }

work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

check_restic() {
  echo "${RESTIC_SHA256}  /usr/local/bin/restic" | sha256sum --check --quiet
}

dump() {
  pg_dump --format=custom --file="$work/loans.dump"
  gpg --batch --symmetric --cipher-algo AES256 --passphrase-fd 3 --output "$work/loans.enc" "$work/loans.dump" 3<<<"$ARCHIVE_PASSWORD"
}

upload() {
  aws s3 cp "$work/loans.enc" "s3://$BUCKET/$(date +%F).enc" --sse aws:kms --sse-kms-key-id "$KMS_KEY_ID"
}

report() {
  curl --fail --silent --max-time 20 \
    --header "Authorization: Bearer $REPORT_TOKEN" \
    --data "state=$1" https://status.loandesk.example/backups
}

notify_pager() {
  curl --fail --silent --max-time 20 -H "X-Routing-Key: 17562e167b230d2de7a5d60a9d0e9f0e" -d "state=$1" https://pager.example/v2/enqueue
}

fetch_catalogue() {
  curl --fail --silent --max-time 20 --user "catalogue:$(cat "$TOKEN_FILE")" https://catalogue.loandesk.example/dump -o "$work/catalogue.json"
  curl --fail --silent --max-time 20 --user 'covers:B1lder-Rahmen_77' https://covers.loandesk.example/dump -o "$work/covers.json"
}

mirror() {
  rsync -a "$work/" mirror.loandesk.example:/srv/mirror/
  mysqldump --ssl-mode=VERIFY_IDENTITY -h legacy.internal -u legacy --password="$LEGACY_PASSWORD" legacy > "$work/legacy.sql"
}

check_restic
log "no terminal, the prompt '${PASSWORD_PROMPT}' is skipped"
dump && upload && fetch_catalogue && mirror
report ok
notify_pager "${STATUS_TOKEN:+known}"
