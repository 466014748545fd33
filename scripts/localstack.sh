#!/usr/bin/env bash
# LocalStack with KMS, DynamoDB and STS, on this machine alone.
#
#   scripts/localstack.sh up     starts it, waits until it answers, prints exports:
#                                eval "$(scripts/localstack.sh up)"
#   scripts/localstack.sh down   ends it; nothing stays running
#   scripts/localstack.sh test   the acceptance suite against it, from up to down;
#                                further arguments are go test's
#
# In a container where docker or podman answers: the image of 4.14.0, the last
# that needs no account; a newer one with LOCALSTACK_VERSION and your
# LOCALSTACK_AUTH_TOKEN. Else from packages, into .backends/, without any
# account: that needs Python 3.13, Java 17 and Maven, and takes about 550 MB.
# KEYTURN_LOCALSTACK=container or =packages chooses; LOCALSTACK_PORT is 4566.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/backends/common.sh
. scripts/backends/common.sh

port=${LOCALSTACK_PORT:-4566}
version=4.14.0
name=keyturn-localstack-$port
root=$backends/localstack-root

engine() { # prints docker or podman, if one answers
  local e
  for e in docker podman; do
    if "$e" info >/dev/null 2>&1; then
      echo "$e"
      return
    fi
  done
  return 1
}

settings=("SERVICES=kms,dynamodb,sts" DISABLE_EVENTS=1 SKIP_SSL_CERT_DOWNLOAD=1 DYNAMODB_IN_MEMORY=1 EAGER_SERVICE_LOADING=0)

up_container() {
  local e=$1 tag=$version s args=()
  if [ -n "${LOCALSTACK_AUTH_TOKEN:-}" ]; then
    tag=${LOCALSTACK_VERSION:-latest}
    args+=(-e LOCALSTACK_AUTH_TOKEN)
  fi
  for s in "${settings[@]}"; do args+=(-e "$s"); done
  say "starting LocalStack $tag with $e"
  "$e" rm -f "$name" >/dev/null 2>&1 || true
  "$e" run -d --rm --name "$name" -p "127.0.0.1:$port:4566" "${args[@]}" "localstack/localstack:$tag" \
    >"$backends/localstack.log" 2>&1 || return 1
  echo "$e" >"$backends/run/localstack.engine"
  echo "LocalStack $tag ($e)" >"$backends/run/localstack.version"
  for _ in $(seq 300); do
    answers "$port" /_localstack/health && return
    sleep 0.2
  done
  "$e" logs "$name" >&2 || true
  down
  fail 'the container does not answer'
}

install_packages() {
  venv localstack 13 2026-03-20 "localstack-core[runtime]==$version"
  dynamodb_jars
  # Where LocalStack looks for what it would otherwise download: DynamoDB Local,
  # of which the jar's place need only not be empty, and a Java of its own.
  local lib=$root/var/lib/localstack/lib java
  java=$(java_17)
  mkdir -p "$lib/dynamodb-local/2" "$lib/java/21/bin"
  : >"$lib/dynamodb-local/2/DynamoDBLocal.jar"
  ln -sfn "$backends/dynamodb-local/lib" "$lib/dynamodb-local/2/DynamoDBLocal_lib"
  cat >"$lib/java/21/bin/java" <<JAVA
#!/usr/bin/env bash
# DynamoDB Local from Maven Central for LocalStack, which knows it as one jar
# with an agent beside it. Its own process group outlives LocalStack's when that
# is killed, so the number is kept for scripts/localstack.sh down.
printf '%s\n' \$\$ "\$(ps -o lstart= -p \$\$ 2>/dev/null)" >'$backends/run/localstack-dynamodb.pid'
args=()
while [ \$# -gt 0 ]; do
  case \$1 in
    -javaagent:*ddb-local-loader*) shift ;;
    -jar) args+=(-cp '$backends/dynamodb-local/lib/*' software.amazon.dynamodb.services.local.main.ServerRunner); shift 2 ;;
    *) args+=("\$1"); shift ;;
  esac
done
exec '$java' "\${args[@]}"
JAVA
  chmod +x "$lib/java/21/bin/java"
  # LocalStack listens on all of the machine's addresses, whatever GATEWAY_LISTEN
  # says for IPv4; whoever reaches it may do anything there.
  cat >"$root/start.py" <<'PY'
from twisted.internet import endpoints

everywhere = endpoints.TCP4ServerEndpoint
endpoints.TCP4ServerEndpoint = lambda reactor, port, **more: everywhere(reactor, port, interface="127.0.0.1")

from localstack.runtime.main import main

main()
PY
}

up_packages() {
  install_packages
  say "starting LocalStack $version from packages"
  start localstack env "${settings[@]}" FILESYSTEM_ROOT="$root" OVERRIDE_IN_DOCKER=0 GATEWAY_LISTEN="127.0.0.1:$port" DNS_ADDRESS=0 \
    PYTHONUNBUFFERED=1 "$backends/localstack/bin/python" "$root/start.py"
  wait_until localstack 120 answers "$port" /_localstack/health
  echo "LocalStack $version (packages, DynamoDB Local $dynamodb_local)" >"$backends/run/localstack.version"
}

up() {
  local e
  if ! { running localstack || [ -e "$backends/run/localstack.engine" ]; } || ! answers "$port" /_localstack/health; then
    down
    if answers "$port"; then
      fail "something else answers at port $port
hint: LOCALSTACK_PORT=4567 scripts/localstack.sh up"
    fi
    if [ "${KEYTURN_LOCALSTACK:-container}" = container ] && e=$(engine); then
      if ! up_container "$e"; then
        [ "${KEYTURN_LOCALSTACK:-}" = container ] && { cat "$backends/localstack.log" >&2; fail "$e did not start it"; }
        say "$e answers, but has no image of LocalStack (.backends/localstack.log); so from packages"
        up_packages
      fi
    elif [ "${KEYTURN_LOCALSTACK:-}" = container ]; then
      fail 'neither docker nor podman answers here'
    else
      up_packages
    fi
    echo "$port" >"$backends/run/localstack.port"
    # The first call starts DynamoDB, which takes some seconds more.
    answers "$port" / DynamoDB_20120810.ListTables || fail 'DynamoDB in LocalStack does not answer; its log: .backends/localstack.log'
  fi
  exports
  printf 'export %s=http://127.0.0.1:%s\n' AWS_ENDPOINT_URL "$port" AWS_ENDPOINT_URL_KMS "$port" \
    AWS_ENDPOINT_URL_DYNAMODB "$port" AWS_ENDPOINT_URL_STS "$port"
  printf "export KEYTURN_BACKEND_VERSION='%s'\n" "$(cat "$backends/run/localstack.version")"
}

down() {
  if [ -e "$backends/run/localstack.engine" ]; then
    "$(cat "$backends/run/localstack.engine")" rm -f "$name" >/dev/null 2>&1 || true
  fi
  local had=0
  [ -e "$backends/run/localstack.pid" ] && had=1
  stop localstack
  stop localstack-dynamodb
  [ "$had" = 0 ] || say 'LocalStack ended'
}

case ${1:-} in
  install) install_packages ;;
  up) up ;;
  down) down ;;
  test)
    shift
    exec scripts/backends.sh test localstack "$@"
    ;;
  *)
    sed -n '2,/^set -/{/^set -/d;s/^# \{0,1\}//;p;}' "$0" >&2
    exit 64
    ;;
esac
