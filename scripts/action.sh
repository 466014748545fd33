#!/usr/bin/env bash
# What action.yml runs: one command of keyturn, in a step of GitHub Actions. Its inputs are
# ACTION_COMMAND, ACTION_ARGS, ACTION_VERSION, ACTION_PLAN and ACTION_BUSY; ACTION_PATH is the
# folder of the action, and ACTION_REF its tag.
set -euo pipefail

fail() {
  echo "keyturn: $*" >&2
  exit 64
}

# download VERSION DIR: the binary of a release, checked by the release's sums, and those by
# their signature where cosign is installed.
download() {
  local base=https://github.com/keyturn/keyturn/releases/download/v$1 os arch archive
  case $(uname -s) in Linux) os=linux ;; Darwin) os=darwin ;; *) fail "no release for $(uname -s)" ;; esac
  case $(uname -m) in x86_64) arch=amd64 ;; aarch64 | arm64) arch=arm64 ;; *) fail "no release for $(uname -m)" ;; esac
  archive=keyturn_$1_${os}_$arch.tar.gz
  cd "$2"
  curl -fsSL --retry 3 --proto '=https' -O "$base/$archive" -O "$base/checksums.txt" -O "$base/checksums.txt.sigstore.json"
  if command -v cosign >/dev/null; then
    cosign verify-blob --bundle checksums.txt.sigstore.json \
      --certificate-identity-regexp '^https://github.com/keyturn/keyturn/.github/workflows/release.yml@refs/tags/' \
      --certificate-oidc-issuer https://token.actions.githubusercontent.com checksums.txt
  fi
  grep -F "  $archive" checksums.txt >sum.txt || fail "checksums.txt has no $archive"
  if command -v sha256sum >/dev/null; then sha256sum -c sum.txt; else shasum -a 256 -c sum.txt; fi
  tar -xzf "$archive" keyturn
}

version=${ACTION_VERSION:-}
version=${version:-${ACTION_REF:-}}
version=${version#v}
bin=${RUNNER_TEMP:-/tmp}/keyturn-bin
case $version in
  path) ;;
  source)
    mkdir -p "$bin"
    (cd "$ACTION_PATH" && go build -trimpath -tags urfave_cli_no_docs -o "$bin/keyturn" .)
    PATH=$bin:$PATH
    ;;
  *)
    [[ $version =~ ^[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.]+)?$ ]] ||
      fail "version $version is no release; name one, such as 0.1.0, or source, or path"
    mkdir -p "$bin"
    (download "$version" "$bin")
    PATH=$bin:$PATH
    ;;
esac

plan=${ACTION_PLAN:-keyturn.yaml}
words=()
read -r -d '' -a words <<<"${ACTION_ARGS:-}" || true # it ends at the end, and says that as an error
# has FLAG: whether args have it.
has() {
  local w
  for w in ${words[@]+"${words[@]}"}; do [[ $w == "$1" || $w == "$1="* ]] && return 0; done
  return 1
}
case ${ACTION_COMMAND:-} in
  validate) line=(validate "$plan") ;;
  dry-run) line=(run --dry-run --plan "$plan") ;;
  audit | verify | run) line=("$ACTION_COMMAND" --plan "$plan") ;;
  rehearse)
    line=(rehearse --plan "$plan")
    has --pools || line+=(--pools 8)
    has --years || has --wave || line+=(--years 1)
    ;;
  *) fail "command ${ACTION_COMMAND:-} is none of validate, dry-run, verify, run, audit, rehearse" ;;
esac
case ${ACTION_BUSY:=warn} in warn | fail) ;; *) fail "busy $ACTION_BUSY is none of warn, fail" ;; esac
if [ "$ACTION_COMMAND" != run ] || [ "$ACTION_BUSY" = fail ]; then
  exec keyturn "${line[@]}" ${words[@]+"${words[@]}"}
fi
code=0
keyturn "${line[@]}" ${words[@]+"${words[@]}"} || code=$?
if [ "$code" = 11 ]; then
  echo '::warning title=keyturn run::exit 11: not yet. Another run has a key, or a signed alias move may still arrive'
  code=0
fi
exit "$code"
