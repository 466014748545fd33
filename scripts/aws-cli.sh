#!/usr/bin/env bash
# The unchanged aws CLI against `keyturn sandbox`: keys, aliases, a conditional
# put, the table script, and all of it again after the clock was moved. Installs
# its own CLI from PyPI into .tools; needs python3 with venv.
#
#   scripts/aws-cli.sh install   installs it, and no more: a test types the hints that
#                                are commands of it. KEYTURN_SKIP_AWS_CLI=yes leaves
#                                that out, and it says so
set -euo pipefail
cd "$(dirname "$0")/.."

version=1.45.11
tools=$PWD/.tools
if [ "${1:-}" = install ] && [ -n "${KEYTURN_SKIP_AWS_CLI:-}" ]; then
  echo '== SKIPPED, as KEYTURN_SKIP_AWS_CLI says: hints that are commands of the aws CLI'
  exit
fi
if ! "$tools/awscli/bin/aws" --version 2>/dev/null | grep -qF "aws-cli/$version"; then
  if ! { python3 -m venv "$tools/awscli" &&
    "$tools/awscli/bin/pip" install --quiet --disable-pip-version-check "awscli==$version"; }; then
    cat >&2 <<'EOF'
The aws CLI cannot be installed here: it takes python3 with venv, and PyPI. To go on
without it, and without the hints that are commands of it:
hint: KEYTURN_SKIP_AWS_CLI=yes scripts/check.sh
EOF
    exit 1
  fi
fi
[ "${1:-}" != install ] || exit 0
PATH=$tools/awscli/bin:$PATH
dir=$(mktemp -d)
trap 'kill "$server" 2>/dev/null || true; rm -rf "$dir"' EXIT
go build -o "$dir/keyturn" .

"$dir/keyturn" sandbox --listen 127.0.0.1:0 --journal "$dir/journal" >"$dir/env" &
server=$!
for _ in $(seq 100); do
  grep -q AWS_ENDPOINT_URL= "$dir/env" && break
  kill -0 "$server" || { echo 'the sandbox did not start' >&2; exit 1; }
  sleep 0.1
done
export HOME=$dir
unset AWS_PROFILE AWS_DEFAULT_PROFILE
# shellcheck disable=SC1091
. "$dir/env"

say() { printf '== %s\n' "$*"; }
# refused CODE COMMAND…: the command fails with this AWS error and no other.
refused() {
  local code=$1 out
  shift
  if out=$("$@" 2>&1); then
    echo "expected $code, and it succeeded: $*" >&2
    exit 1
  fi
  grep -qF "$code" <<<"$out" || { printf 'expected %s:\n%s\n' "$code" "$out" >&2; exit 1; }
}

talk() { # talk NAME: the same conversation, with its own names
  local key
  key=$(aws kms create-key --description "$1" --tags TagKey=team,TagValue=payments --query KeyMetadata.KeyId --output text)
  aws kms create-alias --alias-name "alias/$1" --target-key-id "$key"
  refused AlreadyExistsException aws kms create-alias --alias-name "alias/$1" --target-key-id "$key"
  test "$(aws kms describe-key --key-id "alias/$1" --query KeyMetadata.KeyId --output text)" = "$key"
  aws dynamodb put-item --table-name keyturn --item "{\"key\":{\"S\":\"$1\"},\"item\":{\"S\":\"x\"}}" \
    --condition-expression 'attribute_not_exists(#k)' --expression-attribute-names '{"#k":"key"}'
  refused ConditionalCheckFailedException aws dynamodb put-item --table-name keyturn \
    --item "{\"key\":{\"S\":\"$1\"},\"item\":{\"S\":\"x\"}}" \
    --condition-expression 'attribute_not_exists(#k)' --expression-attribute-names '{"#k":"key"}'
  aws sts get-caller-identity --query Account --output text
}

say "table, twice"
scripts/table.sh
scripts/table.sh
say "keys, aliases, conditions"
talk before
say "again, 30 days later"
python3 - <<'P'
import os, urllib.request
r = urllib.request.Request(os.environ["AWS_ENDPOINT_URL"] + "/_sandbox/clock", method="PUT", data=b'{"advance":"30d"}')
print(urllib.request.urlopen(r).read().decode().strip())
P
talk after
refused UnknownOperationException aws kms generate-random --number-of-bytes 4
say "$(wc -l <"$dir/journal" | tr -d ' ') calls in the journal"
