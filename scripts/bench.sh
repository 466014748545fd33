#!/usr/bin/env bash
# Measures keyturn and writes docs/performance.md: ratios, each with its goal and the
# command that measures it.
#
#   scripts/bench.sh            all sections
#   scripts/bench.sh quiet      one section, printed: start, quiet, rehearse, wave
#
# A section is a function below. It prints Markdown; `all` has their order.
set -euo pipefail
cd "$(dirname "$0")/.."
export GOFLAGS="${GOFLAGS:-} -trimpath"

times=${BENCH_TIMES:-11}
all=(start quiet rehearse wave)
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

# as_released PACKAGE: the package built as .goreleaser.yml builds a release, into $dir.
as_released() { CGO_ENABLED=0 go build -tags urfave_cli_no_docs -ldflags='-s -w' -o "$dir/" "$1"; }

# build: the programs that are measured.
build() {
  [ -e "$dir/keyturn" ] && return
  as_released .
  as_released ./internal/bench/plain
  go build -o "$dir/" ./internal/bench ./internal/bench/seed
}

# bench SECTION: internal/bench on a sandbox of its own. With AWS_CA_BUNDLE both programs read the
# roots of TLS, as each run on AWS does, and none would for the sandbox, which has no TLS.
bench() {
  build
  local roots
  for roots in /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt /etc/ssl/cert.pem; do
    [ ! -e "$roots" ] || break
  done
  AWS_CA_BUNDLE=$roots "$dir/keyturn" sandbox -- "$dir/bench" -keyturn "$dir/keyturn" -plain "$dir/plain" -seed "$dir/seed" \
    -times "$times" "$1"
}

section_start() {
  cat <<'EOF'
## Start

What the initialisation of all packages takes (`GODEBUG=inittrace=1`), by what it takes in a plain program
with clients for the same two services ([internal/bench/plain](../internal/bench/plain/main.go)). Both are built as a
release is.

What keyturn has more are tables that libraries build at each start: those of the SDK's client for SNS, of Prometheus' text form, of JSON Schemas
and of terminals.

`scripts/bench.sh start`

EOF
  bench start
}

section_quiet() {
  cat <<'EOF'
## Nothing due

One run with nothing due, by the plain program that makes the same reads one after the other and does nothing with the
answers. Both are built as a release is, and run as processes of their own, in turns, against one `keyturn sandbox`. CPU
is user and system time, and memory the peak of the resident set; each figure is the median of the turns. The last three
columns are of this machine. Both read the roots of TLS, as every run on AWS does: the sandbox has no TLS, so
`AWS_CA_BUNDLE` asks for that.

A run makes one BatchGetItem for 100 keys and one more for each answer that leaves keys unprocessed, up to three at once:
`go test ./cmd -run TestNothingDueAtTheWire` counts them, and the connections.

`scripts/bench.sh quiet`

EOF
  bench quiet
}

section_rehearse() {
  cat <<'EOF'
## Rehearsal

Simulated years for each minute of CPU time of `keyturn rehearse`, by those of an older commit (`BENCH_BEFORE`), in turns.

`BENCH_BEFORE=6aee9cb scripts/bench.sh rehearse`

EOF
  build
  local before=${BENCH_BEFORE:-6aee9cb}
  git worktree add --quiet --detach "$dir/before" "$before"
  (cd "$dir/before" && go build -o "$dir/before-keyturn" .)
  git worktree remove --force "$dir/before"
  "$dir/bench" -keyturn "$dir/keyturn" -before "$dir/before-keyturn" -times "$((1 + times / 4))" rehearse
}

section_wave() {
  cat <<'EOF'
## A wave

All keys of a plan are due, and all pools start in the same second. The real runner and the SDK's clients work on the
embedded AWS with KMS's quotas, in virtual time, so the figures are those of any machine. The bound is what the quotas
allow: for each operation, its calls by its quota; the largest counts. Throttled are the refused ones of all calls that
change KMS. Each figure is the mean of three draws, the last two columns are sums. No window was rotated twice.

No pool knows of the others. Each begins with a quarter of a quota, so that one alone is fast, and eight or sixteen are throttled
until each has found its share; in a wave of 40 seconds that counts. Sixteen pools miss their goal: each has 12 keys, its share is
one call in three seconds, and at the end each run waits one or two seconds for the last keys of the others.

10,000 keys by eight pools, once each on 2026-11-30: 1.014 times the bound and 0.93 % throttled, first rotations 1.043 and
0.78 %, every run ended with 0 (goals: 1.05 and 1 %, met).

`scripts/bench.sh wave`; 10,000 keys: `go test ./internal/rehearsal/wave -run XXX -bench Wave/10000 -benchtime 1x -wave.large -timeout 2h`

| keys × pools | time over the bound | goal | throttled | goal | reads a key | writes a key | runs that ended otherwise | keys left |
|---|---:|---:|---:|---:|---:|---:|---:|---:|
EOF
  for seed in 0 1 2; do
    go test ./internal/rehearsal/wave -run XXX -bench 'Wave/(200|1000)x' -benchtime 1x -timeout 1h -wave.seed "$seed"
  done | awk '
    BEGIN {
      goal["200x1"] = 1.15; goal["200x2"] = goal["200x8"] = goal["200x16"] = 1.1; goal["1000x8"] = 1.05
      share["200x8"] = share["1000x8"] = 5
    }
    function met(value, goal) { return goal == "" ? "" : sprintf("≤ %s%s", goal, value <= goal ? "" : ", not met") }
    /^BenchmarkWave.*×bound/ {
      split($1, name, "/")
      row = name[2] (name[3] ~ /^first/ ? ", first rotation" : "")
      if (!n[row]++) rows[++count] = row
      for (i = 3; i < NF; i += 2) sum[row, $(i + 1)] += $i
    }
    function mean(what) { return sum[row, what] / n[row] }
    END {
      for (r = 1; r <= count; r++) {
        row = rows[r]
        printf "| %s | %.3f | %s | %.1f %% | %s | %.1f | %.1f | %d | %d |\n", row,
          mean("×bound"), met(mean("×bound"), goal[row]), mean("%throttled"), met(mean("%throttled"), share[row]),
          mean("reads/key"), mean("writes/key"), sum[row, "exits≠0"], sum[row, "undone"]
      }
    }'
}

case ${1:-} in
  '')
    {
      cat <<'EOF'
# Performance

`scripts/bench.sh` writes this page. Every figure is a ratio of two things that were measured in turns in one run, because
absolute figures are of one machine.

EOF
      for section in "${all[@]}"; do
        "section_$section"
        echo
      done
    } >"$dir/page"
    sed -e :a -e '/^\n*$/{$d;N;ba' -e '}' "$dir/page" >docs/performance.md
    ;;
  *) "section_$1" ;;
esac
