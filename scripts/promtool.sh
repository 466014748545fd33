#!/usr/bin/env bash
# What `keyturn run --metrics` writes, and the alert rules of docs/monitoring.md, judged by
# promtool, Prometheus's own checker: the metrics of a rotation, of a run with nothing due and
# of one that fails; the rules; and whether they fire where they should.
#
#   scripts/promtool.sh            all of it
#   scripts/promtool.sh install    unpacks promtool, and no more
#
# promtool is that of Debian's package prometheus, unpacked into .tools/promtool: no server is
# installed. Another one in KEYTURN_PROMTOOL=/path. Where it cannot be had,
# KEYTURN_SKIP_PROMTOOL=yes leaves it out, and it says so.
set -euo pipefail
cd "$(dirname "$0")/.."

tools=$PWD/.tools/promtool
say() { printf '== %s\n' "$*"; }

if [ -n "${KEYTURN_SKIP_PROMTOOL:-}" ]; then
  say 'SKIPPED, as KEYTURN_SKIP_PROMTOOL says: metrics and alert rules by promtool'
  exit 0
fi
fail() {
  printf '%s\n' "$*" >&2
  cat >&2 <<'TEXT'
Metrics and alert rules are to be judged by promtool, which is not possible here. To check
everything else, and have it said that this was left out:
hint: KEYTURN_SKIP_PROMTOOL=yes scripts/promtool.sh
TEXT
  exit 1
}

promtool=${KEYTURN_PROMTOOL:-$(command -v promtool || echo "$tools/usr/bin/promtool")}
if [ ! -x "$promtool" ]; then
  if ! command -v apt-get >/dev/null || ! command -v dpkg >/dev/null; then
    fail 'no promtool here, and no apt-get to get it with: say where one is in KEYTURN_PROMTOOL'
  fi
  say 'unpacking the package prometheus into .tools/promtool'
  rm -rf "$tools"
  mkdir -p "$tools"
  (cd "$tools" && { apt-get -qq download prometheus || { apt-get -qq update && apt-get -qq download prometheus; }; }) \
    >/dev/null 2>&1 || fail 'the package prometheus could not be downloaded with apt-get'
  dpkg -x "$tools"/prometheus_*.deb "$tools" || fail 'the package prometheus could not be unpacked'
  rm -f "$tools"/prometheus_*.deb
fi
"$promtool" --version >/dev/null 2>&1 || fail "$promtool does not run"
[ "${1:-}" != install ] || exit 0

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
go build -o "$dir/keyturn" .
export KEYTURN_POOL=pool-1

say "$("$promtool" --version 2>&1 | head -1)"
# A first run in a sandbox makes its keys.
"$dir/keyturn" run --sandbox --sandbox-state "$dir/state" >/dev/null
"$dir/keyturn" sandbox --state "$dir/state" --advance 91d >/dev/null
# metrics WANT ARGUMENTS…: a run on that sandbox which ends with WANT, and its metrics.
metrics() {
  local want=$1 exit=0
  shift
  KEYTURN_PLAN=testdata/plans/quickstart.yaml "$dir/keyturn" sandbox --state "$dir/state" -- \
    "$dir/keyturn" run --metrics "$dir/keyturn.prom" "$@" >/dev/null 2>&1 || exit=$?
  [ "$exit" = "$want" ] || { echo "exit $exit, want $want: $*" >&2; return 1; }
  "$promtool" check metrics <"$dir/keyturn.prom"
}
say 'metrics of a rotation, of nothing due, of a plan that is not there'
metrics 0
metrics 0
metrics 64 --plan "$dir/none.yaml"

say 'the alert rules of docs/monitoring.md'
awk '/^##/ { here = /^### Alert rules/ } here && /^```yaml$/ { on = 1; next } /^```$/ { on = 0 } on' docs/monitoring.md >"$dir/rules.yaml"
grep -q '^groups:' "$dir/rules.yaml"
"$promtool" check rules "$dir/rules.yaml"
cp scripts/promtool/fires.yaml "$dir/fires.yaml"
"$promtool" test rules "$dir/fires.yaml"

# Each metric of a rule is one that keyturn writes.
grep -oE 'keyturn_[a-z_]+' "$dir/rules.yaml" | sort -u >"$dir/used"
metrics 0 >/dev/null
while read -r name; do
  grep -q "^# TYPE $name gauge$" "$dir/keyturn.prom" || [ "$name" = keyturn_key_hold_age_seconds ] ||
    { echo "no metric is called $name" >&2; exit 1; }
done <"$dir/used"
