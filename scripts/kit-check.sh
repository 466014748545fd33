#!/usr/bin/env bash
# The files that `keyturn init --kit` writes, read by the tools of those who use them:
# kustomize and the schemas of Kubernetes, systemd, cfn-lint, actionlint; HCL and crontab
# lines by parsers, in Go tests. Of Terraform only the syntax and the references are
# checked: it needs the provider's schema, which is not to be had here.
#
#   scripts/kit-check.sh            all of it
#   scripts/kit-check.sh install    installs the tools, and no more
#
# Where something cannot be had, a list of kinds leaves them out, and it says so:
#
#   KEYTURN_SKIP_KIT_CHECK=systemd,kubernetes scripts/kit-check.sh
#   KEYTURN_SKIP_KIT_CHECK=all scripts/kit-check.sh
#
#   kustomize, actionlint           with Go, into .tools
#   kubernetes-validate, cfn-lint   PyPI, into .backends; need Python 3.10
#   systemd-analyze                 the distribution's; with apt-get as root
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/backends/common.sh
. scripts/backends/common.sh

kustomize=v5.7.1
actionlint=v1.7.12
tools=$PWD/.tools
skip=${KEYTURN_SKIP_KIT_CHECK:-}
kinds=()
for kind in kubernetes systemd cloudformation github terraform cron; do
  if [[ ,$skip, == *,all,* || ,$skip, == *,$kind,* ]]; then
    [ "${1:-}" = tools ] || say "SKIPPED, as KEYTURN_SKIP_KIT_CHECK says: the kit for $kind"
  else
    kinds+=("$kind")
  fi
done
checks() { [[ " ${kinds[*]} " == *" $1 "* ]]; }

# tool NAME MODULE PACKAGE VERSION
tool() {
  [ "$(go version -m "$tools/$1" 2>/dev/null | awk '$1 == "mod" { print $3 }')" = "$4" ] && return
  say "installing $1 $4 into .tools"
  GOBIN=$tools go install "$2$3@$4"
}

install_systemd() {
  command -v systemd-analyze >/dev/null && return
  if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    fail 'no systemd-analyze here'
  fi
  say 'installing systemd with apt-get'
  export DEBIAN_FRONTEND=noninteractive
  { apt-get -qq update && apt-get -qq install --no-install-recommends systemd; } >/dev/null ||
    fail 'systemd could not be installed with apt-get'
}

# A process of its own: inside of a condition, bash would go on after an error.
if [ "${1:-}" = tools ]; then
  ! checks kubernetes || tool kustomize sigs.k8s.io/kustomize/kustomize/v5 '' "$kustomize"
  ! checks github || tool actionlint github.com/rhysd/actionlint /cmd/actionlint "$actionlint"
  ! { checks kubernetes || checks cloudformation; } ||
    venv kit-lint 10 2026-11-28 kubernetes-validate==1.37.0 cfn-lint==1.58.0
  ! checks systemd || install_systemd
  exit
fi
if ! scripts/kit-check.sh tools; then
  cat >&2 <<'TEXT'
The files of init --kit are to be read by other people's tools, which cannot be installed here: see above
what is missing. To check everything else, and have it said that this was left out:
hint: KEYTURN_SKIP_KIT_CHECK=all scripts/kit-check.sh
TEXT
  exit 1
fi
[ "${1:-}" != install ] || exit 0

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
go build -o "$work/keyturn" .

# filled DIR: as a person fills it in. What is not in this list is left, and fails.
filled() {
  find "$1" -type f -exec sed -i \
    -e 's#FILL-IN-ACCOUNT#111122223333#g' -e 's#FILL-IN-VERSION#0.1.0#g' -e 's#FILL-IN-CLUSTER#production#g' \
    -e 's#FILL-IN-ALARM-TOPIC#arn:aws:sns:eu-west-1:111122223333:oncall#g' -e 's#FILL-IN-PAGER#/usr/bin/logger#g' \
    -e 's#FILL-IN-PEOPLE#arn:aws:iam::111122223333:role/oncall#g' -e 's#FILL-IN-REPOSITORY#example/keys#g' \
    -e 's#FILL-IN-OIDC-PROVIDER#oidc.eks.eu-west-1.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF#g' {} +
  ! grep -rn FILL-IN "$1" || fail 'a place to fill in that this script does not know'
}

# kit DIR KIND FLAGS…: of two plans, one that names its account and one that does not.
kit() {
  local dir=$1 kind=$2 plan
  shift 2
  for plan in testdata/plans/full.yaml testdata/plans/quickstart.yaml; do
    "$work/keyturn" init --kit "$kind" --plan "$plan" --out "$work/$dir/$(basename "$plan" .yaml)" "$@" \
      >/dev/null 2>"$work/notes" || { cat "$work/notes" >&2; exit 1; }
    filled "$work/$dir/$(basename "$plan" .yaml)"
  done
}

if checks kubernetes; then
  say "Kubernetes, by kustomize $kustomize and kubernetes-validate 1.37.0"
  for identity in pod-identity irsa; do
    kit "kubernetes-$identity" kubernetes --pools web,batch --identity "$identity"
    for dir in "$work/kubernetes-$identity"/*; do
      "$tools/kustomize" build "$dir" >"$work/built.yaml"
      plan=$(sed -n 's/^  name: \(keyturn-plan-.*\)$/\1/p' "$work/built.yaml")
      [ "$(grep -c "name: $plan\$" "$work/built.yaml")" = 4 ] || fail "the CronJobs do not use the ConfigMap $plan"
      said=$("$backends/kit-lint/bin/kubernetes-validate" --strict "$work/built.yaml") || fail "$said"
    done
  done
fi
if checks systemd; then
  say "systemd, by $(systemd-analyze --version | head -n 1)"
  kit systemd systemd --pools web,batch --page '/usr/bin/logger --priority user.crit -- 5%'
  kit systemd-plain systemd
  for dir in "$work"/systemd*/*; do
    # Where the program and the manual page are not installed, that is no fault of the units.
    sed -i "s#/usr/bin/keyturn#$work/keyturn#" "$dir"/*.service
    said=$(SYSTEMD_LOG_LEVEL=warning systemd-analyze verify --man=no "$dir"/*.service "$dir"/*.timer 2>&1 || true)
    [ -z "$said" ] || fail "systemd-analyze: $said"
  done
fi
if checks cloudformation; then
  say 'CloudFormation, by cfn-lint 1.58.0'
  for identity in pod-identity irsa ec2 ecs github; do
    kit "cloudformation-$identity" cloudformation --identity "$identity"
  done
  "$backends/kit-lint/bin/cfn-lint" --regions eu-west-1 -- "$work"/cloudformation-*/*/keyturn.yaml
fi
if checks github; then
  say "GitHub, by actionlint $actionlint"
  kit github github
  "$tools/actionlint" -shellcheck= -pyflakes= "$work"/github/*/.github/workflows/keyturn.yml
fi
! checks terraform || say 'Terraform, by the parser of HCL: the syntax and the references'
! checks cron || say 'cron, by a parser of its five fields, and by sh'
if checks terraform || checks cron; then
  go test -count=1 ./internal/kit -run '^(TestTerraform|TestCron|TestCronPages)$'
fi
