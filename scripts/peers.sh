#!/usr/bin/env bash
# Eight processes of the script that teams write, of the same steps under a lease lock,
# and of keyturn, each against a `keyturn sandbox`: without a fault, and with one of
# them stopped or killed. Prints the table of docs/peers.md. Installs the aws CLI from
# PyPI and Amazon's DynamoDB Lock Client from Maven Central; needs a JDK and Maven.
#
#   scripts/peers.sh           three to four minutes on two cores, more if they are shared
#   scripts/peers.sh -update   writes the table into docs/peers.md
#   scripts/peers.sh install   installs, and no more: `go test ./internal/peers` then has
#                              all three
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/backends/common.sh
. scripts/backends/common.sh

scripts/aws-cli.sh install
java_17 >/dev/null
for tool in javac mvn; do
  command -v "$tool" >/dev/null || fail "no $tool here
hint: apt-get install default-jdk-headless maven"
done
dir=$backends/lock
wanted=$(cat scripts/peers/pom.xml scripts/peers/Rotate.java | sha256sum)
if [ "$(cat "$dir/installed" 2>/dev/null)" != "$wanted" ]; then
  say "installing Amazon's DynamoDB Lock Client into .backends/lock"
  rm -rf "$dir"
  mkdir -p "$dir"
  cp scripts/peers/pom.xml "$dir"
  mvn --quiet --batch-mode -f "$dir/pom.xml" dependency:copy-dependencies -DoutputDirectory="$dir/lib" >"$dir/mvn.log" 2>&1 || {
    tail -n 20 "$dir/mvn.log" >&2
    fail 'Maven could not get it'
  }
  javac -cp "$dir/lib/*" -d "$dir/classes" scripts/peers/Rotate.java
  echo "$wanted" >"$dir/installed"
fi
[ "${1:-}" != install ] || exit 0
go test ./internal/peers -run 'TestPeers$' -peers.all -timeout 20m -v "$@"
