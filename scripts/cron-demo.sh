#!/usr/bin/env bash
# The cron drop-in, for real: two pools, each a cron daemon of its own, start
# `keyturn run` at the same second of each minute, on a schedule of a minute.
# N windows must become N rotations. It takes N minutes and a half.
#
#   scripts/cron-demo.sh [N]             N is 5; against LocalStack
#   scripts/cron-demo.sh [N] --sandbox   against `keyturn sandbox`
#
# Debian's cron, as root: each daemon runs in a mount namespace with a crontab,
# a spool and a pid file of its own, and sees none of this machine's jobs. Not
# part of scripts/check.sh.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/backends/common.sh
. scripts/backends/common.sh

windows=5
against=localstack
for argument; do
  case $argument in
    --sandbox) against=sandbox ;;
    *[!0-9]* | '') fail 'usage: scripts/cron-demo.sh [N] [--sandbox]' ;;
    *) windows=$argument ;;
  esac
done
[ "$(id -u)" = 0 ] || fail 'cron daemons are started as root'
cron=$(command -v cron) || fail 'no cron here
hint: apt-get install cron'
unshare -m true 2>/dev/null || fail 'no mount namespaces here: two daemons would share one spool'

dir=$(mktemp -d)
daemons=()
end() {
  for pid in ${daemons[@]+"${daemons[@]}"}; do kill "$pid" 2>/dev/null || true; done
  [ "$against" = localstack ] && scripts/localstack.sh down
  [ -z "${sandbox:-}" ] || kill "$sandbox" 2>/dev/null || true
  rm -rf "$dir"
}
trap end EXIT

go build -o "$dir/keyturn" .
if [ "$against" = localstack ]; then
  scripts/localstack.sh up >"$dir/env"
else
  "$dir/keyturn" sandbox --listen 127.0.0.1:0 --journal "$dir/journal" >"$dir/env" &
  sandbox=$!
  until grep -qs AWS_ENDPOINT_URL= "$dir/env"; do
    kill -0 "$sandbox" || fail 'the sandbox did not start'
    sleep 0.1
  done
fi

# changes OPERATION: how often it succeeded, by the backend's own journal.
changes() {
  if [ "$against" = sandbox ]; then
    grep "\"operation\":\"$1\"" "$dir/journal" | grep -c '"status":200' || true
  elif [ -e "$backends/run/localstack.engine" ]; then
    "$(cat "$backends/run/localstack.engine")" logs "keyturn-localstack-${LOCALSTACK_PORT:-4566}" 2>&1 | grep -c "AWS kms.$1 => 200" || true
  else
    grep -c "AWS kms.$1 => 200" "$backends/localstack.log" || true
  fi
}

cat >"$dir/keyturn.yaml" <<'YAML'
name: cron-demo
region: eu-west-1
schedule: {cron: "* * * * *"}
drain: 1m
keys:
  - {alias: alias/orders-data, spec: SYMMETRIC_DEFAULT, usage: ENCRYPT_DECRYPT}
YAML
keyturn() { (
  # shellcheck disable=SC1091
  . "$dir/env"
  KEYTURN_PLAN=$dir/keyturn.yaml HOME=$dir exec "$dir/keyturn" "$@"
); }
keyturn init --table
keyturn adopt orders-data --create

# What cron starts; its line is the README's, with a minute for a quarter.
for pool in pool-a pool-b; do
  mkdir -p "$dir/$pool/spool" "$dir/$pool/run" "$dir/$pool/none"
  : >"$dir/$pool/crontab"
  cat >"$dir/$pool/job" <<JOB
#!/usr/bin/env bash
. $dir/env
exit=0
$dir/keyturn run --plan $dir/keyturn.yaml --pool $pool --wait 20s || exit=\$?
echo "$pool \$(date -u +%H:%M:%S) exit \$exit"
JOB
  chmod +x "$dir/$pool/job"
  printf 'MAILTO=""\nHOME=%s\n* * * * * %s/job >>%s/log 2>&1\n' "$dir" "$dir/$pool" "$dir/$pool" >"$dir/$pool/spool/root"
  chmod 600 "$dir/$pool/spool/root"
done

# Begin at a known second, so that the windows can be counted, and half a period
# before the first one: a window that opens on a younger version counts as done.
while [ "$(date +%S)" != 25 ]; do sleep 0.2; done
made=$(changes CreateKey) moved=$(changes UpdateAlias)
begin=$(date -u +%Y-%m-%dT%H:%M:%SZ)
for pool in pool-a pool-b; do
  # shellcheck disable=SC2016 # the inner bash expands them
  unshare -m bash -c '
    set -e
    mkdir -p /var/spool/cron/crontabs
    mount --bind "$1/spool" /var/spool/cron/crontabs
    mount --bind "$1/run" /run
    mount --bind "$1/none" /etc/cron.d
    [ ! -e /etc/crontab ] || mount --bind "$1/crontab" /etc/crontab
    exec "$2" -f' _ "$dir/$pool" "$cron" &
  daemons+=($!)
done
say "two cron daemons (${daemons[*]}) from $begin, for $windows windows"
for pid in "${daemons[@]}"; do kill -0 "$pid" || fail 'a cron daemon did not start'; done
sleep $((windows * 60 + 5)) # to half past the last one: runs wait 20 s at most
for pid in "${daemons[@]}"; do kill "$pid"; done
wait "${daemons[@]}" 2>/dev/null || true
daemons=()

cat "$dir"/pool-*/log
keyturn history orders-data --since "$begin"
rotations=$(keyturn history orders-data --since "$begin" | grep -c ' switched to v')
minutes=$(keyturn history orders-data --since "$begin" | grep ' switched to v' | awk '{print $2, substr($3, 1, 5)}' | sort -u | wc -l)
runs=$(cat "$dir"/pool-*/log | grep -c ' exit ')
good=$(cat "$dir"/pool-*/log | grep -c ' exit 0$')
created=$(($(changes CreateKey) - made)) switched=$(($(changes UpdateAlias) - moved))
keyturn audit
printf '%s\n' "windows   $windows" "runs      $runs, of which exit 0: $good" \
  "rotations $rotations in the ledger, in $minutes different minutes" "calls     CreateKey $created, UpdateAlias $switched"
if [ "$rotations $minutes $created $switched $runs $good" != "$windows $windows $windows $windows $((windows * 2)) $((windows * 2))" ]; then
  fail 'NOT one rotation for each window'
fi
say "$windows windows, $windows rotations"
