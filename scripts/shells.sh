#!/usr/bin/env bash
# The shells whose completion is tested by pressing TAB in them, bash, zsh and fish; mandoc,
# which checks the manual page; and jq, with which docs/record.md recomputes the chain
# of a ledger.
# Installs those that are missing, with apt-get as root; elsewhere it says what to
# install, and fails. Where one cannot be had:
#
#   KEYTURN_SKIP_SHELLS=zsh,fish scripts/check.sh
#   KEYTURN_SKIP_SHELLS=all scripts/check.sh
set -euo pipefail

skip=${KEYTURN_SKIP_SHELLS:-}
missing=()
for shell in bash zsh fish jq mandoc; do
  if [[ ,$skip, == *,all,* || ,$skip, == *,$shell,* ]]; then
    command -v "$shell" >/dev/null || printf '== SKIPPED, as KEYTURN_SKIP_SHELLS says: what is tested with %s\n' "$shell"
  elif ! command -v "$shell" >/dev/null; then
    missing+=("$shell")
  fi
done
[ "${#missing[@]}" -gt 0 ] || exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  printf '== installing %s with apt-get\n' "${missing[*]}"
  export DEBIAN_FRONTEND=noninteractive
  if apt-get -qq update >/dev/null && apt-get -qq install --no-install-recommends "${missing[@]}" >/dev/null; then
    exit 0
  fi
fi
list=$(IFS=,; echo "${missing[*]}")
cat >&2 <<TEXT
Completion is tested in bash, zsh and fish, the manual page by mandoc, the chain with jq; not here: ${missing[*]}. Install them, or
check everything else, and have it said that this was left out:
hint: KEYTURN_SKIP_SHELLS=${skip:+$skip,}$list scripts/check.sh
TEXT
exit 1
