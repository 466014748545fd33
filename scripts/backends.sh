#!/usr/bin/env bash
# Other people's AWS, to run keyturn against.
#
#   scripts/backends.sh up NAME      installs and starts it, waits until it answers,
#                                    prints exports: eval "$(scripts/backends.sh up moto)"
#   scripts/backends.sh down [NAME]  ends it, or all; nothing stays running
#   scripts/backends.sh test NAME    the acceptance suite against it, from up to down,
#                                    then the conformance table; further arguments
#                                    are go test's, for the suite
#   scripts/backends.sh matrix       the suite against all of them; writes docs/backends.md
#   scripts/backends.sh install NAME
#
# NAME is localstack, moto, or moto+dynamodb-local or moto+dynalite: KMS and STS
# of the first, DynamoDB of the second. dynamodb-local and dynalite alone are for
# what needs no KMS. Everything goes into .backends/.
#
#   moto            PyPI, in a virtual environment; needs Python 3.10
#   dynamodb-local  Maven Central; needs Java 17 and Maven
#   dynalite        npm; needs Node.js 18
#   localstack      see scripts/localstack.sh
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/backends/common.sh
. scripts/backends/common.sh

moto=5.2.5
dynalite=4.0.0
all=(localstack moto moto+dynamodb-local moto+dynalite)

install_part() {
  case $1 in
    localstack) scripts/localstack.sh install ;;
    moto) venv moto 10 2026-11-20 "moto[server]==$moto" ;;
    dynamodb-local) dynamodb_jars ;;
    dynalite)
      [ "$(cat "$backends/dynalite/installed" 2>/dev/null)" = "$dynalite" ] && return
      command -v npm >/dev/null || fail 'no npm here
hint: install Node.js 18 or newer, with npm'
      say "installing dynalite $dynalite into .backends/dynalite"
      rm -rf "$backends/dynalite"
      mkdir -p "$backends/dynalite"
      # Without install scripts: the package brings what it needs built.
      npm install --silent --no-fund --no-audit --ignore-scripts --prefix "$backends/dynalite" "dynalite@$dynalite" >&2
      echo "$dynalite" >"$backends/dynalite/installed"
      ;;
    *) fail "there is no backend $1; see the head of scripts/backends.sh" ;;
  esac
}

# command_of PART PORT: sets `command` to what starts it, and version.
command_of() {
  case $1 in
    moto)
      version="moto $moto"
      command=("$backends/moto/bin/moto_server" -H 127.0.0.1 -p "$2")
      ;;
    dynamodb-local)
      # One database whoever asks: pools may have credentials of their own. It
      # listens on all of the machine's addresses and cannot be told otherwise.
      version="DynamoDB Local $dynamodb_local"
      command=("$(java_17)" -Xmx256m "-Djava.library.path=$backends/dynamodb-local/lib" -cp "$backends/dynamodb-local/lib/*"
        software.amazon.dynamodb.services.local.main.ServerRunner -inMemory -sharedDb -disableTelemetry -port "$2")
      ;;
    dynalite)
      version="dynalite $dynalite"
      command=(node "$backends/dynalite/node_modules/dynalite/cli.js" --host 127.0.0.1 --port "$2"
        --createTableMs 0 --deleteTableMs 0 --updateTableMs 0)
      ;;
  esac
}

# up_part PART: starts it unless it runs already; sets port and version.
up_part() {
  port=$(cat "$backends/run/$1.port" 2>/dev/null) || port=$(free_port)
  install_part "$1"
  command_of "$1" "$port"
  if ! running "$1"; then
    say "starting $version"
    start "$1" "${command[@]}"
    echo "$port" >"$backends/run/$1.port"
  fi
  wait_until "$1" 120 answers "$port"
}

up() {
  local part versions='' IFS=+
  if [ "$1" = localstack ]; then
    exec scripts/localstack.sh up
  fi
  for part in $1; do # all of it has to be there before anything is printed
    install_part "$part"
  done
  unset IFS
  exports
  for part in ${1//+/ }; do
    up_part "$part"
    versions+="${versions:+, }$version"
    if [ "$part" = moto ]; then
      printf 'export %s=http://127.0.0.1:%s\n' AWS_ENDPOINT_URL "$port" AWS_ENDPOINT_URL_KMS "$port" AWS_ENDPOINT_URL_STS "$port"
    fi
    printf 'export %s=http://127.0.0.1:%s\n' AWS_ENDPOINT_URL_DYNAMODB "$port"
  done
  printf "export KEYTURN_BACKEND_VERSION='%s'\n" "$versions"
}

down() {
  local part
  for part in ${1//+/ }; do
    if [ "$part" = localstack ]; then
      scripts/localstack.sh down
    else
      stop "$part"
    fi
  done
}

# suite NAME [go test's arguments]: from up to down.
suite() {
  local name=$1 environment
  shift
  # shellcheck disable=SC2064
  trap "down '$name'" EXIT
  environment=$(up "$name")
  eval "$environment"
  say "the acceptance suite against $name: $KEYTURN_BACKEND_VERSION"
  go test ./internal/acceptance -run '^TestBackend$' -count=1 -v -parallel 4 -timeout 20m -backend "$name" "$@" 2>&1 |
    grep -v -E '^=== (RUN|PAUSE|CONT|NAME)'
  say "what AWS documents, asked of $name"
  go test ./internal/conformance -run '^TestConformance$' -count=1 -v -timeout 5m -backend "$name" 2>&1 |
    grep -v -E '^=== (RUN|PAUSE|CONT|NAME)'
}

case ${1:-} in
  up) up "${2:?a NAME}" ;;
  down) down "${2:-${all[*]}}" ;;
  install) for part in ${2//+/ }; do install_part "$part"; done ;;
  test)
    shift
    suite "${1:?a NAME}" "${@:2}"
    ;;
  matrix)
    results=$backends/results
    rm -rf "$results"
    mkdir -p "$results"
    bad=0
    KEYTURN_BACKEND_VERSION=$(git describe --tags --always --dirty) go test ./internal/acceptance -run '^TestBackend$' -count=1 -parallel 4 \
      -results "$results/0-embedded.json" || bad=1
    for i in "${!all[@]}"; do
      (suite "${all[i]}" -results "$results/$((i + 1))-${all[i]}.json") || bad=1
    done
    go run ./internal/acceptance/matrix "$results" >docs/backends.md
    say 'docs/backends.md'
    exit "$bad"
    ;;
  *)
    sed -n '2,/^set -/{/^set -/d;s/^# \{0,1\}//;p;}' "$0" >&2
    exit 64
    ;;
esac
