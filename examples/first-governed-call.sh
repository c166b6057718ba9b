#!/usr/bin/env bash
# The main job over HTTP alone, with nothing but curl and sed: an agent asks for an e-mail and a refund, one and two
# people approve, the upstream has each once, and the audit chain verifies. Needs a running demo (npm start).
#
#   examples/first-governed-call.sh [path to demo.json]
set -euo pipefail

demo=${1:-${COUNTERSIGN_DATA_DIR:-./.countersign}/demo.json}
[ -r "$demo" ] || { echo "There is no $demo. Start the demo first: npm start" >&2; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The first string value of a key in JSON on standard input. Enough for flat answers like these.
value() { grep -o "\"$1\": *\"[^\"]*\"" | head -n 1 | sed 's/.*: *"\(.*\)"/\1/'; }
flat() { tr -d '\n' < "$demo"; }

url=$(value url < "$demo")
upstream=$(value upstream_url < "$demo")
token=$(value token < "$demo")

call() { curl -sS "$url/api/agent/gateway" -H "Authorization: Bearer $token" -H 'Content-Type: application/json' -d "$1"; }
password_of() { flat | sed -n "s/.*\"email\": *\"$1\", *\"password\": *\"\([^\"]*\)\".*/\1/p"; }
sign_in() {
  printf '{"email":"%s","password":"%s"}' "$1" "$(password_of "$1")" |
    curl -sS -f -o /dev/null -c "$work/$1" -H 'Content-Type: application/json' --data-binary @- "$url/api/auth/sign-in/email"
}
as() { local who=$1 method=$2 path=$3; shift 3; curl -sS -X "$method" -b "$work/$who" -H 'Content-Type: application/json' "$url$path" "$@"; }
approve() { # who, approval id, hash
  as "$1" POST "/v1/approvals/$2/decisions" -d "{\"decision\":\"granted\",\"payload_sha256\":\"$3\"}" | value status
}
expect() { # what, wanted, got
  [ "$2" = "$3" ] || { echo "$1: expected $2, got $3" >&2; exit 1; }
  echo "  $1: $3"
}
count() { curl -sS "$upstream$1" | grep -o "$2" | wc -l | tr -d ' '; }

run=$(date +%s%N)
admin=admin-1@demo.example
second=admin-2@demo.example
sign_in "$admin"
sign_in "$second"

echo "1. A call that is granted as auto runs at once."
expect "help.search" executed "$(call '{"tool":"help.search","arguments":{"q":"refund"}}' | value status)"

echo "2. An e-mail waits for one person, who sees its exact bytes."
mail="\"tool\":\"email.send\",\"arguments\":{\"to\":[\"customer@example.com\"],\"subject\":\"Run $run\",\"body\":\"Hello\"}"
held=$(call "{$mail}")
expect "email.send" pending_approval "$(echo "$held" | value status)"
id=$(echo "$held" | value approval_id)
hash=$(echo "$held" | value payload_sha256)
expect "before the decision" approval_pending "$(call "{$mail,\"approval_id\":\"$id\"}" | value code)"
expect "the approver decides" approved "$(approve "$admin" "$id" "$hash")"
changed=${mail/Hello/Changed}
expect "one byte changed" approval_hash_mismatch "$(call "{$changed,\"approval_id\":\"$id\"}" | value code)"
expect "the approved bytes" executed "$(call "{$mail,\"approval_id\":\"$id\"}" | value status)"
expect "a second use" approval_consumed "$(call "{$mail,\"approval_id\":\"$id\"}" | value code)"
expect "mails in the outbox" 1 "$(count /mail/outbox "Run $run")"

echo "3. A refund waits for two people, and runs when the second has approved."
held=$(call "{\"tool\":\"refunds.create\",\"arguments\":{\"order_id\":\"R-$run\",\"amount\":4900,\"currency\":\"EUR\",\"reason\":\"Damaged\"},\"execute_on_approval\":true}")
id=$(echo "$held" | value approval_id)
hash=$(echo "$held" | value payload_sha256)
execution=$(echo "$held" | value execution_id)
expect "after the first" pending "$(approve "$admin" "$id" "$hash")"
expect "the first again" duplicate_approver "$(as "$admin" POST "/v1/approvals/$id/decisions" -d "{\"decision\":\"granted\",\"payload_sha256\":\"$hash\"}" | value code)"
expect "after the second" approved "$(approve "$second" "$id" "$hash")"
for _ in $(seq 1 100); do
  state=$(as "$admin" GET "/v1/executions/$execution" | value status)
  [ "$state" = executed ] && break
  sleep 0.1
done
expect "the refund" executed "$state"
expect "refunds paid" 1 "$(count /refunds "R-$run")"

echo "4. A tool that was not granted does not exist for the agent."
expect "records.delete" not_granted "$(call '{"tool":"records.delete","arguments":{"id":"rec_1"}}' | value code)"

echo "5. The audit chain is intact."
verified=$(as "$admin" POST /v1/audit/verify)
case $verified in *'"ok":true'*) echo "  $verified" ;; *) echo "$verified" >&2; exit 1 ;; esac
