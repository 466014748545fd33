#!/usr/bin/env bash
# Completion and the manual page, as people meet them: TAB is pressed in a real bash, zsh
# and fish at a terminal, with the script sourced and, in zsh, found on fpath; mandoc reads
# the page. Nothing that is typed may be run. PowerShell's script is printed and not run:
# there is no PowerShell to be had here.
#
#   scripts/completion-check.sh
#
# Where a shell cannot be had: KEYTURN_SKIP_SHELLS=zsh,fish leaves it out, and it says so.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/shells.sh
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! go test -count=1 -v -run '^(TestTab|TestTabInFish|TestManual)$' . >"$log" 2>&1; then
  cat "$log" >&2
  exit 1
fi
grep -E '^ *--- ' "$log"
skipped=$(grep -c -- '--- SKIP' "$log" || true)
if [ "$skipped" != 0 ] && [ -z "${KEYTURN_SKIP_SHELLS:-}" ]; then
  echo 'a check was skipped, and nobody asked for that' >&2
  exit 1
fi

say() { printf '== %s\n' "$*"; }
dir=$(mktemp -d)
trap 'rm -rf "$log" "$dir"' EXIT
go build -o "$dir/keyturn" .
for shell in bash zsh fish; do
  command -v "$shell" >/dev/null || continue
  "$dir/keyturn" completion "$shell" >"$dir/script.$shell"
  "$shell" -n "$dir/script.$shell"
  say "$("$shell" --version | head -n 1): its script parses, and TAB completes"
done
say "PowerShell: $("$dir/keyturn" completion powershell | wc -l) lines printed, NOT RUN"
