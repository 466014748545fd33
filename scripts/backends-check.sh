#!/usr/bin/env bash
# The acceptance suite against two AWS that others wrote, installed and started
# here: a part of scripts/check.sh. With `install` as argument it installs
# them and no more, which check.sh does first: where one cannot be had, that
# fails in seconds, and names the line that leaves it out:
#
#   KEYTURN_SKIP_BACKENDS=moto+dynalite,moto+dynamodb-local scripts/check.sh
#   KEYTURN_SKIP_BACKENDS=all scripts/check.sh
#
# KEYTURN_BACKENDS names others, by commas: KEYTURN_BACKENDS=localstack,moto.
set -euo pipefail
cd "$(dirname "$0")/.."

skip=${KEYTURN_SKIP_BACKENDS:-}
# The two that are there soonest. Each has moto's KMS, for there is none in
# Node.js or Java; their tables are two programs by two authors, one of them
# Amazon. LocalStack, which takes as long to start as these to end, is in
# scripts/localstack.sh test and in the matrix.
IFS=, read -r -a names <<<"${KEYTURN_BACKENDS:-moto+dynalite,moto+dynamodb-local}"

say() { printf '== %s\n' "$*"; }
skipped() { [[ ,$skip, == *,all,* || ,$skip, == *,$1,* ]]; }

missing=()
for name in "${names[@]}"; do
  if skipped "$name"; then
    say "SKIPPED, as KEYTURN_SKIP_BACKENDS says: the acceptance suite against $name"
  elif ! scripts/backends.sh install "$name"; then
    missing+=("$name")
  fi
done
if [ "${#missing[@]}" -gt 0 ]; then
  list=$(IFS=,; echo "${missing[*]}")
  cat >&2 <<TEXT
The acceptance suite is to run against $list too, which cannot be installed here:
see above what is missing. To check everything else, and have it said that this was left out:
hint: KEYTURN_SKIP_BACKENDS=${skip:+$skip,}$list scripts/check.sh
TEXT
  exit 1
fi
[ "${1:-}" != install ] || exit 0
for name in "${names[@]}"; do
  skipped "$name" || scripts/backends.sh test "$name" -short
done
