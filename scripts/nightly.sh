#!/usr/bin/env bash
# What is too long for every change: the wide searches, each guard taken out,
# fuzzing, every interruption of real processes. Some hours on two cores; a
# failing part does not keep the others from running.
#
#   scripts/nightly.sh                   all parts
#   scripts/nightly.sh windows mutants   these
#   KEYTURN_SEED=7 scripts/nightly.sh    default: the number of the day
set -uo pipefail
cd "$(dirname "$0")/.." || exit

# The searches make much garbage, and a walk of a wide scene keeps gigabytes of states.
export GOGC=${GOGC:-400} GOMEMLIMIT=${GOMEMLIMIT:-6GiB}
seed=${KEYTURN_SEED:-$(($(date +%s) / 86400))}
only=" $* "
failed=()
ran=0
part() { # part NAME COMMAND…
  local name=$1
  shift
  [[ "$only" == *[!\ ]* && "$only" != *" $name "* ]] && return
  ran=$((ran + 1))
  printf '== %s: %s\n' "$name" "$*"
  SECONDS=0
  "$@" || failed+=("$name")
  printf '== %s: %s s\n' "$name" "$SECONDS"
}

walk() { # walk NAME SCENES BOUNDS…: whole, every order
  local name=$1 scenes=$2
  shift 2
  part "$name" go test ./internal/rehearsal/search -run "TestWalk/scenes/($scenes)\$" -walk.switches -1 "$@" -timeout 24h -v
}

# Two pools over two windows with up to two faults, three pools with one, and each
# of the narrower scenes with two.
walk windows two_windows -walk.callfaults 2 -walk.crashes 2 -walk.faults 2
walk pools three_pools -walk.callfaults 1 -walk.crashes 1 -walk.faults 1
walk faults 'a_rotation_is_due|a_(rollback|rotate|hold)_meanwhile|a_retirement(_and_a_(rollback|reinstate))?|a_deletion_and_a_reinstate|a_reinstate_and_a_rollback' \
  -walk.callfaults 2 -walk.crashes 2 -walk.faults 2
# One fault in the others, but for five that are too wide for it.
walk one 'a_(freeze|version_waits|switch_is_given_up|late_use,_and_another_alias|lost_record_is_rebuilt|retirement_and_a_hold|refused_rollback_is_given_up)|a_(window_opens_on_a_young_version|newer_plan_drains_for_less_long|newer_keyturn.s_record)|a_disabled_version_(is_not_to_be_deleted|may_not_be_deleted_yet)|an_alias_is_made(_while_a_run_stands)?|an_old_(key_is_adopted|version_is_in_use(,_and_a_newer_plan_does_not_ask)?)|another_(alias_names_(a_disabled|an_old)_version|table.s_keyturn_made_the_next_version)|before_switch_says_not_yet|clocks_are_off|reads_lag|the_alias_was_moved_by_hand|the_version_before_was_disabled_by_hand|too_many_versions_drain|two_rotate_by_hand|two_versions_of_the_plan' \
  -walk.callfaults 1 -walk.crashes 1 -walk.interventions 1 -walk.faults 1
# A record is put back from an older copy at any moment, with one fault and two switches.
walk putback 'a_record_is_put_back_(meanwhile|and_written_to)|the_record_of_a_held_key_is_put_back' -walk.switches 2 \
  -walk.callfaults 1 -walk.crashes 1 -walk.interventions 1 -walk.faults 1
# All scenes, and what somebody changes outside keyturn: nothing else wrong; then up to so many
# courses each with one fault, with moves of the clock, with two faults.
walk order '.*' -walk.interventions 1
part deep go test ./internal/rehearsal/search -run TestWalk -walk.deep -walk.most 5000 -timeout 24h -v
part joins go test ./internal/rehearsal/search -run 'TestJoin|TestUnseen' -walk.deep -timeout 2h -v
part roam go test ./internal/rehearsal/search -run TestRoam -roam.courses 500 -roam.seed "$seed" -timeout 24h -v
part draws go test ./internal/rehearsal -run TestDraw -draw.seed "$seed" -draw.seeds 300 -timeout 24h -v
part wide go test ./internal/rehearsal -run TestDraw -draw.seed "$seed" -draw.seeds 6 -draw.pools 16 -draw.keys 50 -draw.years 0.25 -timeout 24h -v
part histories go test ./internal/docs -run 'Test(Clean|Quiet)Histories' -histories 500 -timeout 3h -v
part hints go test ./internal/docs -run TestHints -hints.all -timeout 2h -v
part race go test -race ./... -timeout 3h
part decide go test ./plan -run TestWalk -walk.deep -timeout 6h
part processes go test ./internal/interrupted -interrupted.all -timeout 3h
part peers scripts/peers.sh
part years go test ./internal/docs -run TestPeersYears -peers.years -timeout 2h
part page scripts/page-check.sh
part mutants scripts/mutants.sh
part fuzz scripts/fuzz.sh 5m

if [ "$ran" -lt "$#" ] || [ "$ran" = 0 ]; then
  printf 'no such part among: %s\n' "$*" >&2
  exit 64
fi
if [ "${#failed[@]}" -gt 0 ]; then
  printf 'failed: %s (seed %s)\n' "${failed[*]}" "$seed" >&2
  exit 1
fi
