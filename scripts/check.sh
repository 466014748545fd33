#!/usr/bin/env bash
# Everything that must hold before a change goes in: format, vet, lint, tests,
# and the acceptance suite against two AWS that others wrote.
# Needs Go and git; installs the rest into .tools and .backends, pinned. No AWS
# account, no network but package registries. Those two, and the judges of the IAM
# policies, need Python, Node.js, Java and Maven, and completion is tested in three
# shells; where they cannot be had, it says at once what to type.
set -euo pipefail
cd "$(dirname "$0")/.."

staticcheck_version=v0.7.0
tools=$PWD/.tools
export GOFLAGS=${GOFLAGS:-}

say() { printf '== %s\n' "$*"; }

say 'other AWS: install'
scripts/backends-check.sh install
scripts/iam-check.sh install
scripts/shells.sh

say gofmt
unformatted=$(gofmt -l $(git ls-files '*.go'))
if [ -n "$unformatted" ]; then
  printf 'not gofmt-ed:\n%s\nhint: gofmt -w %s\n' "$unformatted" "$(echo "$unformatted" | tr '\n' ' ')" >&2
  exit 1
fi

say go vet
go vet ./...

say "staticcheck $staticcheck_version"
if ! "$tools/staticcheck" -version 2>/dev/null | grep -qF "${staticcheck_version#v}"; then
  GOBIN=$tools go install "honnef.co/go/tools/cmd/staticcheck@$staticcheck_version"
fi
"$tools/staticcheck" ./...

say layers
scripts/layers.sh

scripts/iam-check.sh

say tests
race=-race
if ! command -v "$(go env CC)" >/dev/null 2>&1; then
  # The race detector needs a C compiler; a machine with Go and git alone has none.
  race=
  echo 'no C compiler: the tests run WITHOUT -race here' >&2
  if [ "${CI:-}" = true ]; then
    echo 'hint: in CI the race detector is not optional: install gcc' >&2
    exit 1
  fi
fi
# Without the race detector, which costs much here and finds little: plan starts no
# goroutine, in the rehearsal one moves at a time, and the other two type commands
# one after the other. The tests of cmd rehearse with it, and scripts/nightly.sh has
# these four with it as well. The acceptance suite, which waits much, and then the
# rehearsal run beside the others.
orders=$(mktemp)
set -m # a process group of its own, to be stopped with what it starts
{
  go test -shuffle=on -timeout 20m ./internal/acceptance &&
    go test -shuffle=on ./internal/rehearsal &&
    go test -shuffle=on ./internal/rehearsal/search -walk.daily -roam.courses 12 -timeout 20m
} >"$orders" 2>&1 &
beside=$!
set +m
trap 'kill -- "-$beside" 2>/dev/null || true; rm -f "$orders"' EXIT
# shellcheck disable=SC2046
go test $race -shuffle=on -timeout 20m $(go list ./... | grep -v -e '/internal/rehearsal' -e '/plan$' -e '/internal/docs$' -e '/internal/acceptance$')

say 'plan, the documents'
go test -shuffle=on -timeout 20m ./plan ./internal/docs

say 'the acceptance suite, and every order of the runs with some faults'
if ! wait "$beside"; then
  cat "$orders"
  exit 1
fi
cat "$orders"

say 'other AWS'
scripts/backends-check.sh
