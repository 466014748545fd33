#!/usr/bin/env bash
# Checks .goreleaser.yml and builds a snapshot for this machine, without
# publishing anything. Not part of scripts/check.sh: goreleaser is large.
set -euo pipefail
cd "$(dirname "$0")/.."

version=v2.14.3
tools=$PWD/.tools
if ! "$tools/goreleaser" --version 2>/dev/null | grep -qF "${version#v}"; then
  GOBIN=$tools go install "github.com/goreleaser/goreleaser/v2@$version"
fi
"$tools/goreleaser" check
GORELEASER_CURRENT_TAG=$(git describe --tags --abbrev=0 2>/dev/null || echo v0.0.0) \
  "$tools/goreleaser" build --snapshot --clean --single-target
found=$(find dist -type f -name 'keyturn*' -perm -u+x | head -n 1)
"$found" --version
for file in man/keyturn.1 completions/keyturn.bash completions/_keyturn completions/keyturn.fish; do
  [ -s "$file" ] || { echo "the hook has not made $file" >&2; exit 1; }
done
