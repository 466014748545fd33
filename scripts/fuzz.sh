#!/usr/bin/env bash
# Runs every fuzz target of the module for a while, one after the other:
#
#   scripts/fuzz.sh [TIME]     TIME is for each target, default 30s
#
# A finding fails the run, once all targets had their turn. The input that
# shows it is then in testdata/fuzz/<Target>/ of its package, and `go test`
# fails there until it is fixed; commit it with the repair.
set -euo pipefail
cd "$(dirname "$0")/.."

time=${1:-30s}
found=0
targets=0

for dir in $(git grep -lE '^func Fuzz[A-Z]' -- '*_test.go' | xargs -n1 dirname | sort -u); do
  listed=$(go test -list '^Fuzz' "./$dir") # its failure ends the script
  mapfile -t fuzzed < <(grep '^Fuzz' <<<"$listed")
  for target in "${fuzzed[@]}"; do
    targets=$((targets + 1))
    printf '== ./%s %s for %s\n' "$dir" "$target" "$time"
    # Making an input smaller that is merely new is not worth a minute each.
    if ! go test "./$dir" -run '^$' -fuzz "^$target\$" -fuzztime "$time" -fuzzminimizetime 3s; then
      found=$((found + 1))
    fi
  done
done

printf '%d targets, %d with a finding\n' "$targets" "$found"
if [ "$targets" -eq 0 ]; then
  echo 'no fuzz target was found: nothing was tried' >&2
  exit 1
fi
[ "$found" -eq 0 ]
