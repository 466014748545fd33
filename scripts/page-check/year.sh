#!/usr/bin/env bash
# year.sh KEYTURN DIR: lets a year pass in the sandbox of KEYTURN, with what happens in a
# year, and makes the report on it: DIR/evidence.html, .json, .csv and .txt. No AWS account
# is used. The sandbox begins today, and the year is the next one.
set -euo pipefail
keyturn=$1 dir=$2
rm -rf "$dir"
mkdir -p "$dir"
state=$dir/sandbox.json
since=$(date -u +%F)

box() { "$keyturn" --sandbox --sandbox-state "$state" "$@"; }
# may CODE COMMAND…: 0 or this exit code is as it should be.
may() {
  local code=$1 exit=0
  shift
  "$@" || exit=$?
  [ "$exit" = 0 ] || [ "$exit" = "$code" ] || { echo "exit $exit: $*" >&2; return 1; }
}
days() { # days N: so many days pass, with a run on each fifth
  for _ in $(seq 5 5 "$1"); do
    "$keyturn" sandbox --state "$state" --advance 5d
    may 1 box run
  done
}

box run
days 100
box rollback orders-data --reason 'checkout cannot decrypt: INC-4711' --confirm orders-data
days 5
box rotate orders-data --reason 'INC-4711 is fixed' --confirm orders-data
days 40
box hold session-mac --reason 'quarter end: CHG-1207'
days 35
box release session-mac
days 60
# The cron daemon is off for four months: windows are missed.
"$keyturn" sandbox --state "$state" --advance 120d
days 10

report() { may 13 box audit --evidence --since "$since" "$@"; }
report >"$dir/evidence.txt"
report --output json >"$dir/evidence.json"
report --output csv >"$dir/evidence.csv"
report --html "$dir/evidence.html"
