#!/usr/bin/env bash
# The page of `keyturn audit --evidence --html`, opened in a real browser: wide and
# narrow, light and dark, and on paper. No error, no request, nothing wider than the
# window. Three pages: keys whose stories have all that a page can show, texts that
# would do something if they were no data, and a year that keyturn itself made in its
# sandbox. The screenshots stay in .tools/pages, to be looked at.
#
#   scripts/page-check.sh            all of it
#   scripts/page-check.sh install    installs the browser and its driver, and no more
#
# Where they cannot be had: KEYTURN_SKIP_PAGE_CHECK=yes leaves it out, and it says so.
# Nothing here takes longer than its limit: then it is killed, and the check fails.
#
#   chromium         Debian's package; another one in KEYTURN_CHROMIUM=/path
#   playwright-core  npm, into .tools/page; needs Node.js 18
set -euo pipefail
cd "$(dirname "$0")/.."

driver=1.65.1
until=2026-11-28
tools=$PWD/.tools/page
say() { printf '== %s\n' "$*"; }
# within MINUTES COMMAND…
within() { timeout --kill-after=20 "$1m" "${@:2}"; }

if [ -n "${KEYTURN_SKIP_PAGE_CHECK:-}" ]; then
  say 'SKIPPED, as KEYTURN_SKIP_PAGE_CHECK says: the page in a browser'
  exit 0
fi
fail() {
  printf '%s\n' "$*" >&2
  cat >&2 <<'TEXT'
The page is to be opened in a browser, which is not possible here. To check everything
else, and have it said that this was left out:
hint: KEYTURN_SKIP_PAGE_CHECK=yes scripts/page-check.sh
TEXT
  exit 1
}

chromium=${KEYTURN_CHROMIUM:-$(command -v chromium || true)}
if [ -z "$chromium" ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  say 'installing chromium with apt-get'
  export DEBIAN_FRONTEND=noninteractive
  if ! { within 5 apt-get -qq update && within 15 apt-get -qq install --no-install-recommends chromium; } >/dev/null; then
    fail 'chromium could not be installed with apt-get'
  fi
  chromium=$(command -v chromium || true)
fi
[ -n "$chromium" ] || fail 'no chromium here: install it, or say where one is in KEYTURN_CHROMIUM'
command -v npm >/dev/null || fail 'no npm here, for playwright-core: install Node.js 18 or newer, with npm'
if [ "$(cat "$tools/installed" 2>/dev/null)" != "$driver $until" ]; then
  say "installing playwright-core $driver into .tools/page"
  rm -rf "$tools"
  mkdir -p "$tools"
  within 10 npm install --silent --no-fund --no-audit --ignore-scripts --before "$until" --prefix "$tools" \
    "playwright-core@$driver" >&2 || fail 'playwright-core could not be installed with npm'
  echo "$driver $until" >"$tools/installed"
fi
[ "${1:-}" != install ] || exit 0

pages=$PWD/.tools/pages
rm -rf "$pages"
mkdir -p "$pages"
go build -o "$tools/keyturn" .
say 'a year in the sandbox'
within 5 scripts/page-check/year.sh "$tools/keyturn" "$tools/year" >"$tools/year.log" 2>&1 || {
  cat "$tools/year.log" >&2
  exit 1
}
cp "$tools/year/evidence.html" "$pages/year.html"
cp testdata/screens/evidence.html "$pages/stories.html"
KEYTURN_HOSTILE_PAGE=$pages/hostile.html go test -timeout 5m -count=1 ./internal/webpage -run TestHostilePage >/dev/null

say "$(within 1 "$chromium" --version)"
NODE_PATH=$tools/node_modules within 10 node scripts/page-check/check.cjs "$chromium" "$pages"
say 'look at the screenshots in .tools/pages'
