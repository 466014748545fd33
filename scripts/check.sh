#!/usr/bin/env bash
# Everything that must hold before a change goes in: format, vet, lint, tests,
# and the acceptance suite against two AWS that others wrote.
# Needs Go and git; installs the rest into .tools and .backends, pinned. No AWS
# account, no network but package registries. Those two, the judges of the IAM
# policies and shellcheck need Python, Node.js, Java and Maven, and completion is
# tested in three shells; where they cannot be had, it says at once what to type.
#
#   scripts/check.sh         all of it
#   scripts/check.sh quick   while you work, in a quarter of the time: what reads the
#                            code, and all tests with `go test -short`, which makes
#                            the searches small; nothing of other people but linters
set -euo pipefail
cd "$(dirname "$0")/.."
export GOFLAGS=${GOFLAGS:-}

say() { printf '== %s\n' "$*"; }

case ${1:-} in
  quick)
    scripts/lint.sh
    say 'tests, the searches in their smallest bounds'
    # Four packages at once: many tests wait for processes.
    go test -p 4 -short -shuffle=on -timeout 10m ./...
    exit
    ;;
  '') ;;
  *)
    echo "usage: scripts/check.sh [quick]" >&2
    exit 64
    ;;
esac

say 'other AWS: install'
scripts/backends-check.sh install
scripts/iam-check.sh install
scripts/shells.sh
scripts/promtool.sh install
scripts/aws-cli.sh install
scripts/lint.sh

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
# Beside the others runs what waits most: for processes, and for programs of other
# people.
others=$(mktemp)
set -m # a process group of its own, to be stopped with what it starts
{
  go test -shuffle=on -parallel 4 -timeout 20m ./internal/acceptance &&
    scripts/iam-check.sh &&
    scripts/backends-check.sh
} >"$others" 2>&1 &
beside=$!
set +m
trap 'kill -- "-$beside" 2>/dev/null || true; rm -f "$others"' EXIT

# The race detector makes a test up to six times as long, and finds little where one
# goroutine moves at a time or where the tests start a binary that was built without
# it. So of the runner it gets the tests in which several keys, runs or persons move
# at once; the tests of the main package, whose commands are processes, have all of
# the program with it. scripts/nightly.sh has everything with it.
alone='/(cmd|plan|internal/(acceptance|cost|docs|interrupted|peers|rehearsal|rehearsal/search|rotate))$'
mapfile -t packages < <(go list ./...)
mapfile -t raced < <(printf '%s\n' "${packages[@]}" | grep -vE "$alone")
mapfile -t unraced < <(printf '%s\n' "${packages[@]}" | grep -E "$alone" | grep -vE '/(acceptance|search)$')
go test $race -shuffle=on -timeout 20m "${raced[@]}"
[ -z "$race" ] || go test -race -shuffle=on -timeout 20m ./internal/rotate \
  -run 'AtOnce|ShareTheWork|CallsOfAQuietRun|Interrupt|Parked|Stale|Meanwhile|UnderTwoAliases'
go test -shuffle=on -timeout 20m "${unraced[@]}"

say 'the year of README.md'
go test ./internal/docs -run TestReadmeFigures -readme.figures

say 'metrics and alert rules'
scripts/promtool.sh

say 'every order of the runs with some faults'
go test -shuffle=on -timeout 20m ./internal/rehearsal/search -walk.daily -roam.courses 12

say 'the acceptance suite, other AWS, the IAM policies'
if ! wait "$beside"; then
  cat "$others"
  exit 1
fi
cat "$others"
