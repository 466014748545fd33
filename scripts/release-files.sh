#!/usr/bin/env bash
# Makes what a release has beside the binary and is not in git, of this source: the manual
# page, the completions, the licences of all modules in the binary, and the folder /tmp of
# the image. .goreleaser.yml calls it.
#
#   scripts/release-files.sh [FOLDER]   FOLDER is the repository's own
set -euo pipefail
cd "$(dirname "$0")/.."

to=${1:-.}
rm -rf "$to/licenses"
mkdir -p "$to/man" "$to/completions" "$to/licenses" "$to/packaged"
go run . man >"$to/man/keyturn.1"
gzip -9nc "$to/man/keyturn.1" >"$to/packaged/keyturn.1.gz"
go run . completion bash >"$to/completions/keyturn.bash"
go run . completion zsh >"$to/completions/_keyturn"
go run . completion fish >"$to/completions/keyturn.fish"
go run . completion powershell >"$to/completions/keyturn.ps1"

for os in linux darwin windows; do
  GOOS=$os go list -tags urfave_cli_no_docs -deps -f '{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}} {{.Dir}}{{end}}{{end}}' .
done | sort -u | while read -r module version dir; do
  found=
  for file in "$dir"/LICENSE* "$dir"/LICENCE* "$dir"/UNLICENSE* "$dir"/COPYING* "$dir"/NOTICE*; do
    [ -f "$file" ] || continue
    found=yes
    printf '==== %s %s, %s\n\n' "$module" "$version" "${file##*/}" >>"$to/licenses/${module//\//_}.txt"
    cat "$file" >>"$to/licenses/${module//\//_}.txt"
  done
  [ -n "$found" ] || {
    echo "no licence in the module $module" >&2
    exit 1
  }
done
cp "$(go env GOROOT)/LICENSE" "$to/licenses/go.txt"

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
mkdir -m 1777 "$dir/tmp"
tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner --mode=1777 -C "$dir" -cf "$to/packaged/tmp.tar" tmp
