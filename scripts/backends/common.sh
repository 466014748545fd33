# Shared by scripts/localstack.sh, scripts/backends.sh and scripts/cron-demo.sh,
# which source it from the top of the checkout. Everything that is installed,
# logged or remembered stands in .backends/, which git ignores.
# shellcheck shell=bash

backends=$PWD/.backends
mkdir -p "$backends/run"

say() { printf '== %s\n' "$*" >&2; }
fail() {
  printf '%s\n' "$*" >&2
  exit 1
}

# python_at_least MINOR: prints a python3 of that version or newer that can make
# virtual environments. Several may stand under pyenv, whose `python3` is only
# the one that is chosen. Newer than 3.13 is taken last: what is pinned here was
# published before it was common.
python_at_least() {
  local candidate versions=${PYENV_ROOT:-$HOME/.pyenv}/versions
  for candidate in python3.13 "$versions"/3.13*/bin/python3 python3 python3.12 python3.11 python3.10 \
    "$versions"/3.1[0-2]*/bin/python3 python3.14 "$versions"/3.14*/bin/python3; do
    if "$candidate" -c "import sys, venv, ensurepip; sys.exit(sys.version_info < (3, $1))" >/dev/null 2>&1; then
      command -v "$candidate"
      return
    fi
  done
  fail "no Python 3.$1 or newer with venv here
hint: install one (python3 and python3-venv of the distribution, or pyenv); none is downloaded by this script"
}

# venv NAME MINOR UNTIL REQUIREMENT…: a virtual environment in .backends with
# these packages and, of whatever they need, nothing published after UNTIL: newer
# versions of some of it break what is pinned. Only uv can install like that.
venv() {
  local dir=$backends/$1 minor=$2 until=$3 python
  shift 3
  if [ "$(cat "$dir/installed" 2>/dev/null)" = "$until $*" ]; then
    return
  fi
  say "installing $* into .backends/$(basename "$dir")"
  python=$(python_at_least "$minor")
  rm -rf "$dir"
  "$python" -m venv "$dir"
  "$dir/bin/python" -m pip install --quiet --disable-pip-version-check uv==0.13.9
  VIRTUAL_ENV=$dir "$dir/bin/uv" pip install --quiet --exclude-newer "$until" "$@"
  echo "$until $*" >"$dir/installed"
}

# java_17: prints the java of this machine, which must be 17 or newer. Its
# path is absolute, for LocalStack puts a java of its own before it.
java_17() {
  local java version
  java=$(command -v java) || fail 'no java here
hint: install a JRE, 17 or newer (default-jre-headless, openjdk-17-jre-headless)'
  version=$("$java" -version 2>&1 | sed -n 's/.* version "\([0-9]*\).*/\1/p')
  [ "${version:-0}" -ge 17 ] || fail "java is version ${version:-unknown}, not 17 or newer: $java
hint: install a newer JRE and put it first in PATH"
  printf '%s\n' "$java"
}

dynamodb_local=3.1.0

# dynamodb_jars: DynamoDB Local from Maven Central into .backends. It has
# Amazon's own licence: it may be used, and is never committed or shipped.
dynamodb_jars() {
  local dir=$backends/dynamodb-local
  [ "$(cat "$dir/installed" 2>/dev/null)" = "$dynamodb_local" ] && return
  java_17 >/dev/null
  command -v mvn >/dev/null || fail 'no mvn here
hint: install Maven (apt-get install maven)'
  say "installing DynamoDB Local $dynamodb_local into .backends/dynamodb-local"
  rm -rf "$dir"
  mkdir -p "$dir"
  cat >"$dir/pom.xml" <<POM
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>keyturn</groupId><artifactId>backends</artifactId><version>1</version>
  <dependencies><dependency>
    <groupId>software.amazon.dynamodb</groupId><artifactId>DynamoDBLocal</artifactId><version>$dynamodb_local</version>
  </dependency></dependencies>
</project>
POM
  mvn --quiet --batch-mode -f "$dir/pom.xml" dependency:copy-dependencies -DoutputDirectory="$dir/lib" >"$dir/mvn.log" 2>&1 || {
    tail -n 20 "$dir/mvn.log" >&2
    fail 'Maven could not get DynamoDB Local'
  }
  echo "$dynamodb_local" >"$dir/installed"
}

# answers PORT [PATH [TARGET]]: something there answers HTTP within a minute,
# whatever it says; with TARGET, a POST of that AWS operation.
answers() {
  local line='' request
  request="GET ${2:-/} HTTP/1.0"$'\r\n'"Host: 127.0.0.1:$1"$'\r\n\r\n'
  if [ -n "${3:-}" ]; then
    request="POST / HTTP/1.0"$'\r\n'"Host: 127.0.0.1:$1"$'\r\n'"X-Amz-Target: $3"$'\r\n'"Content-Type: application/x-amz-json-1.0"$'\r\n'
    request+="Authorization: AWS4-HMAC-SHA256 Credential=test/20260101/eu-west-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0"$'\r\n'
    request+="Content-Length: 2"$'\r\n\r\n'"{}"
  fi
  {
    exec 3<>"/dev/tcp/127.0.0.1/$1" && printf '%s' "$request" >&3 && read -r -t 60 line <&3
  } 2>/dev/null || true
  { exec 3>&-; } 2>/dev/null || true
  [[ $line == HTTP/* ]]
}

# free_port: prints a port of this machine at which nobody listens. It lies below
# those that outgoing connections are given (32768 and up on Linux): one that a
# connection has nobody listens at, and yet it cannot be listened at.
free_port() {
  local port
  for _ in $(seq 50); do
    port=$((20000 + RANDOM % 12000))
    if ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
      echo "$port"
      return
    fi
  done
  fail 'no free port found'
}

# start NAME COMMAND…: runs it in the background, in a process group of its own,
# with its output in .backends/NAME.log.
start() {
  local name=$1
  shift
  set -m # the group
  "$@" >"$backends/$name.log" 2>&1 </dev/null &
  remember "$name" $!
  set +m
}

# born PID: when the process was started; nothing where that cannot be told.
born() { ps -o lstart= -p "$1" 2>/dev/null || true; }

# remember NAME PID
remember() { printf '%s\n%s\n' "$2" "$(born "$2")" >"$backends/run/$1.pid"; }

# pid_of NAME: prints its number; fails if it has ended. Its number may have been
# given to another process since, which was born later.
pid_of() {
  local pid='' when=''
  [ -e "$backends/run/$1.pid" ] || return 1
  { read -r pid && read -r when; } <"$backends/run/$1.pid" || true
  [ -n "$pid" ] && kill -0 "$pid" 2>/dev/null && [ "$(born "$pid")" = "$when" ] && echo "$pid"
}

running() { pid_of "$1" >/dev/null; }

# stop NAME: ends it and all of its group, and returns once it is gone.
stop() {
  local name=$1 pid
  if pid=$(pid_of "$name"); then
    kill -TERM -- "-$pid" 2>/dev/null || kill -TERM "$pid"
    for _ in $(seq 100); do
      kill -0 "$pid" 2>/dev/null || break
      sleep 0.1
    done
    kill -KILL -- "-$pid" 2>/dev/null || true
  fi
  rm -f "$backends/run/$name."*
}

# wait_until NAME SECONDS COMMAND…: the command succeeds; fails, with the end of
# the log, if it has not within these seconds or the process ends before.
wait_until() {
  local name=$1 seconds=$2 begin=$SECONDS
  shift 2
  until "$@"; do
    if ! running "$name" || [ $((SECONDS - begin)) -ge "$seconds" ]; then
      tail -n 20 "$backends/$name.log" >&2
      stop "$name"
      fail "$name does not answer after $((SECONDS - begin)) s; its log: .backends/$name.log"
    fi
    sleep 0.2
  done
}

# exports: the credentials; any are good for an emulator; these are nobody's.
exports() {
  printf 'export %s\n' AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_SESSION_TOKEN= \
    AWS_REGION=eu-west-1 AWS_DEFAULT_REGION=eu-west-1 AWS_EC2_METADATA_DISABLED=true \
    AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=false
  printf 'unset %s\n' AWS_PROFILE AWS_DEFAULT_PROFILE
}
