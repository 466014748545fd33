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

# The searches make much garbage, and a walk of a wide scene keeps gigabytes of states.
export GOGC=${GOGC:-400} GOMEMLIMIT=${GOMEMLIMIT:-6GiB}
go test ./internal/mutants -count=1 -v -timeout 3h -run TestMutants \
  -hunt -hunt.only "${1:-}" -hunt.report "${KEYTURN_MUTANTS_REPORT:-}"
