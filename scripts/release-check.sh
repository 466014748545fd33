#!/usr/bin/env bash
# Makes a snapshot of a release without publishing anything, and uses it as people would:
# the deb and the rpm are installed into clean roots, and the quickstart runs in each by
# chroot; the image is built for both platforms by buildah, looked into, and run by chroot.
# Not part of scripts/check.sh: goreleaser is large.
#
#   scripts/release-check.sh        Linux only
#   scripts/release-check.sh all    every system
#
# Needs root for chroot; buildah, dpkg and rpm, which it installs with apt-get where it can. Said
# at the end: what was only generated.
set -euo pipefail
cd "$(dirname "$0")/.."

goreleaser=v2.14.3
cyclonedx=v1.10.0
tools=$PWD/.tools
export PATH=$tools:$PATH
say() { printf '== %s\n' "$*"; }
fail() {
  printf '%s\n' "$*" >&2
  exit 1
}

[ "$(id -u)" = 0 ] || fail 'release-check uses chroot: run it as root, in a container or a throw-away machine'
missing=()
for tool in buildah dpkg rpm; do command -v "$tool" >/dev/null || missing+=("$tool"); done
if [ "${#missing[@]}" -gt 0 ]; then
  say "installing ${missing[*]} with apt-get"
  export DEBIAN_FRONTEND=noninteractive
  { apt-get -qq update && apt-get -qq install --no-install-recommends "${missing[@]}"; } >/dev/null
fi
"$tools/goreleaser" --version 2>/dev/null | grep -qF "${goreleaser#v}" ||
  GOBIN=$tools go install "github.com/goreleaser/goreleaser/v2@$goreleaser"
[ "$(go version -m "$tools/cyclonedx-gomod" 2>/dev/null | awk '$1 == "mod" { print $3 }')" = "$cyclonedx" ] ||
  GOBIN=$tools go install "github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod@$cyclonedx"

chroot=$(command -v chroot)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
config=.goreleaser.yml
goreleaser check
if [ "${1:-}" != all ]; then
  config=$work/goreleaser.yml
  sed 's/goos: \[linux, darwin, windows\]/goos: [linux]/' .goreleaser.yml >"$config"
fi
say 'a snapshot'
GORELEASER_CURRENT_TAG=$(git describe --tags --abbrev=0 2>/dev/null || echo v0.0.0) TAP_TOKEN=none \
  goreleaser release --snapshot --clean --config "$config" --skip=docker,sign

# only NAME...: what dist has of a kind, of which there must be one.
only() {
  local found=()
  mapfile -t found < <(find dist -maxdepth 3 -name "$1" -type f)
  [ "${#found[@]}" = 1 ] || fail "dist has ${#found[@]} of $1: ${found[*]}"
  printf '%s\n' "${found[0]}"
}

# quickstart ROOT: what README.md begins with, as a user without rights, in a clean root.
quickstart() {
  local root=$1 out
  mkdir -p "$root/tmp" && chmod 1777 "$root/tmp"
  in_root() { env -i HOME=/tmp "$chroot" --userspec=65532:65532 "$root" /usr/bin/keyturn "$@"; }
  in_root version
  out=$(in_root run --sandbox)
  [ "$(grep -c 'rotated v1 to v2' <<<"$out")" = 3 ] || fail "the quickstart in $root: $out"
  [ -z "$(in_root run --sandbox)" ] || fail 'the second run of the quickstart is not silent'
  in_root sandbox --advance 91d >/dev/null
  in_root run --sandbox --dry-run --key orders-data | grep -q 'rotate v2 to v3' || fail 'the dry-run shows no rotation'
}

# installed ROOT: what a package must have put there.
installed() {
  local root=$1 file unit
  for file in usr/bin/keyturn usr/share/man/man1/keyturn.1.gz usr/share/bash-completion/completions/keyturn \
    usr/share/fish/vendor_completions.d/keyturn.fish usr/share/doc/keyturn/copyright \
    usr/share/doc/keyturn/docs/runbook.md usr/share/doc/keyturn/examples/full.yaml; do
    [ -s "$root/$file" ] || fail "the package has no /$file"
  done
  find "$root/usr/share/zsh" -name _keyturn | grep -q . || fail 'the package has no completion for zsh'
  # Every module in the binary has its licence there.
  go version -m "$root/usr/bin/keyturn" | awk '$1 == "dep" { print $2 }' | while read -r module; do
    [ -s "$root/usr/share/doc/keyturn/licenses/${module//\//_}.txt" ] || fail "no licence of $module"
  done
  for unit in keyturn.service keyturn.timer keyturn-audit.service keyturn-audit.timer; do
    [ -s "$root/usr/lib/systemd/system/$unit" ] || fail "the package has no $unit"
  done
  [ -z "$(find "$root/etc" -name 'keyturn*' 2>/dev/null)" ] || fail 'the package has switched something on in /etc'
}

say 'the deb, in a clean root'
deb=$work/deb
mkdir -p "$deb/var/lib/dpkg"
touch "$deb/var/lib/dpkg/status"
mkdir -p "$deb/var/lib/dpkg/updates" "$deb/var/lib/dpkg/info" "$deb/var/log"
dpkg --root="$deb" --force-not-root --log="$work/dpkg.log" --install "$(only '*_linux_amd64.deb')"
installed "$deb"
quickstart "$deb"

say 'the rpm, in a clean root'
rpm=$work/rpm
mkdir -p "$rpm"
rpm --root "$rpm" --initdb
rpm --root "$rpm" --install --noscripts --nosignature "$PWD/$(only '*_linux_amd64.rpm')"
installed "$rpm"
quickstart "$rpm"

if command -v systemd-analyze >/dev/null; then
  say 'the units'
  sed "s#/usr/bin/keyturn#$deb/usr/bin/keyturn#" -i "$deb"/usr/lib/systemd/system/keyturn*.service
  said=$(SYSTEMD_LOG_LEVEL=warning systemd-analyze verify --man=no "$deb"/usr/lib/systemd/system/keyturn* 2>&1 || true)
  [ -z "$said" ] || fail "systemd-analyze: $said"
fi

say 'the image'
context=$work/context
for arch in amd64 arm64; do
  mkdir -p "$context/linux/$arch"
  cp dist/keyturn_linux_$arch*/keyturn "$context/linux/$arch/"
done
mkdir -p "$context/packaged"
cp packaged/tmp.tar "$context/packaged/"
export STORAGE_DRIVER=vfs BUILDAH_ISOLATION=chroot
store=(--root "$work/store" --runroot "$work/runroot")
for arch in amd64 arm64; do
  buildah "${store[@]}" build --quiet --platform "linux/$arch" --build-arg "TARGETPLATFORM=linux/$arch" \
    --tag "keyturn-check:$arch" -f Dockerfile "$context" >/dev/null
  seen=$(buildah "${store[@]}" inspect --type image --format \
    '{{.OCIv1.Architecture}} {{.OCIv1.Config.User}} {{.OCIv1.Config.Entrypoint}}' "keyturn-check:$arch")
  [ "$seen" = "$arch 65532:65532 [/usr/bin/keyturn]" ] || fail "the image for $arch: $seen"
  container=$(buildah "${store[@]}" from --pull-never "keyturn-check:$arch")
  root=$(buildah "${store[@]}" mount "$container")
  # buildah itself makes the mount points.
  files=$(cd "$root" && find . -mindepth 1 ! -path './proc*' ! -path './sys*' ! -path './dev*' ! -path './run*' \
    ! -path './etc*' -printf '%P %m\n' | sort)
  [ "$files" = "tmp 1777
usr 755
usr/bin 755
usr/bin/keyturn 755" ] || fail "the image for $arch has: $files"
  [ "$arch" != "$(go env GOARCH)" ] || quickstart "$root"
  buildah "${store[@]}" umount "$container" >/dev/null
  buildah "${store[@]}" rm "$container" >/dev/null
done

say 'SBOMs and checksums'
for arch in amd64 arm64; do
  sbom=$(only "keyturn_*_linux_$arch.cdx.json")
  for module in github.com/aws/smithy-go golang.org/x/crypto/x509roots/fallback; do
    grep -q "pkg:golang/$module@" "$sbom" || fail "$sbom does not have $module"
  done
done
(cd dist && sha256sum --quiet --check checksums.txt)
cask=$(find dist -name '*.rb' | head -n 1)
say 'done. Only generated, and not used here:'
printf '  %s\n' "${cask:-no cask}" "$(only '*_linux_amd64.apk')" "$(only '*_linux_arm64.deb')" \
  'the image for arm64: its files were seen, and it was not run' 'signatures: those need the workflow'
