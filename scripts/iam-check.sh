#!/usr/bin/env bash
# The IAM policies that `keyturn init --iam` prints, judged by tools that others
# wrote: a simulator of IAM is asked about every call that the roles make in the
# embedded AWS, about each stage of a key's life, and about each attempt on keys
# beyond the plan; two linters read the policies.
#
#   scripts/iam-check.sh            all of it, without changing anything
#   scripts/iam-check.sh update     writes the tables of docs/iam.md
#   scripts/iam-check.sh install    installs the tools into .backends, and no more
#
# Where they cannot be had: KEYTURN_SKIP_IAM_CHECK=yes leaves it out, and it says so.
#
#   @cloud-copilot/iam-simulate  npm; needs Node.js 18. Its licence is the AGPL: it
#                                is run here, and never shipped.
#   parliament, cfn-lint         PyPI; need Python 3.10 (and parliament an old setuptools)
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/backends/common.sh
. scripts/backends/common.sh

simulator=0.1.173
until=2026-11-28 # what they need in turn is no newer than that

if [ -n "${KEYTURN_SKIP_IAM_CHECK:-}" ]; then
  say 'SKIPPED, as KEYTURN_SKIP_IAM_CHECK says: the IAM policies, by a simulator and two linters'
  exit 0
fi

install_simulator() {
  local dir=$backends/iam-simulate
  [ "$(cat "$dir/installed" 2>/dev/null)" = "$simulator $until" ] && return
  command -v npm >/dev/null || fail 'no npm here, for the simulator of IAM
hint: install Node.js 18 or newer, with npm'
  say "installing @cloud-copilot/iam-simulate $simulator into .backends/iam-simulate"
  rm -rf "$dir"
  mkdir -p "$dir"
  npm install --silent --no-fund --no-audit --ignore-scripts --before "$until" --prefix "$dir" "@cloud-copilot/iam-simulate@$simulator" >&2
  echo "$simulator $until" >"$dir/installed"
}

# A process of its own: inside of a condition, bash would go on after an error.
if [ "${1:-}" = tools ]; then
  install_simulator
  venv iam-lint 10 "$until" parliament==1.6.4 setuptools==80.9.0 cfn-lint==1.58.0
  exit
fi
if ! scripts/iam-check.sh tools; then
  cat >&2 <<'TEXT'
The IAM policies are to be judged by other people's tools too, which cannot be installed
here: see above what is missing. To check everything else, and have it said that this was left out:
hint: KEYTURN_SKIP_IAM_CHECK=yes scripts/check.sh
TEXT
  exit 1
fi
[ "${1:-}" != install ] || exit 0

say "IAM, by iam-simulate $simulator: every call of the roles, every stage of a key, every attempt"
flags=(-count=1)
[ "${1:-}" != update ] || flags+=(-update)
go test ./internal/iam "${flags[@]}" -iam.simulator "$backends/iam-simulate"

say 'IAM, by parliament 1.6.4 and cfn-lint 1.58.0'
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
for role in cron readonly break-glass; do
  go run . init --plan internal/iam/testdata/many.yaml --iam "$role" --out "$dir" >/dev/null 2>"$dir/notes" || {
    cat "$dir/notes" >&2
    exit 1
  }
done
"$backends/iam-lint/bin/python" scripts/iam-check/lint.py "$dir"
