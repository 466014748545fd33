#!/usr/bin/env bash
# What is too long for every change: the wide searches, each guard taken out,
# fuzzing, every interruption of real processes. Some hours on two cores; each
# part can be run alone, and a failing one does not keep the others from
# running.
#
#   KEYTURN_SEED=7 scripts/nightly.sh    default: the number of the day
set -uo pipefail
cd "$(dirname "$0")/.."

seed=${KEYTURN_SEED:-$(($(date +%s) / 86400))}
failed=()
part() { # part NAME COMMAND…
  local name=$1
  shift
  printf '== %s: %s\n' "$name" "$*"
  "$@" || failed+=("$name")
}

# Whole, every order: two pools over two windows with up to two faults, and three
# pools with one.
part windows go test ./internal/rehearsal -run 'TestWalk/scenes/two_windows$' -walk.switches -1 -walk.fates 2 -walk.crashes 2 -walk.faults 2 -timeout 24h -v
part pools go test ./internal/rehearsal -run 'TestWalk/scenes/three_pools$' -walk.switches -1 -walk.fates 1 -walk.crashes 1 -walk.faults 1 -timeout 24h -v
# Each of 20 scenes in every order of its runs: with nothing wrong, with one call
# or run that is, with one move of the clock, with two; up to so many courses each.
part walk go test ./internal/rehearsal -run TestWalk -walk.deep -walk.most 100000 -timeout 24h -v
part roam go test ./internal/rehearsal -run TestRoam -roam.courses 5000 -roam.seed "$seed" -timeout 24h -v
part draw go test ./internal/rehearsal -run TestDraw -draw.seed "$seed" -draw.seeds 6 -draw.pools 16 -draw.keys 50 -draw.years 1 -timeout 24h -v
part race go test -race ./internal/rehearsal ./plan -timeout 1h
part decide go test ./plan -run TestWalk -walk.deep -timeout 6h
part processes go test ./internal/interrupted -interrupted.all -timeout 3h
part mutants scripts/mutants.sh
part fuzz scripts/fuzz.sh 5m

if [ "${#failed[@]}" -gt 0 ]; then
  printf 'failed: %s (seed %s)\n' "${failed[*]}" "$seed" >&2
  exit 1
fi
