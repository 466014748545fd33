#!/usr/bin/env bash
# Takes each guard of the protocol out in turn, builds keyturn without it, and
# hunts for a violation with the rehearsal. One that is not found fails the
# script. Needs Go. Takes some minutes on two cores; not part of
# check.sh, which only checks that the mutants still fit the code.
#
#   scripts/mutants.sh             all of them
#   scripts/mutants.sh fence       those whose name matches
set -euo pipefail
cd "$(dirname "$0")/.."

# The searches make much garbage and keep little.
export GOGC=${GOGC:-400}
go test ./internal/mutants -count=1 -v -timeout 3h -run TestMutants \
  -hunt -hunt.only "${1:-}" -hunt.report "${KEYTURN_MUTANTS_REPORT:-}"
