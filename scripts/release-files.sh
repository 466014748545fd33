#!/usr/bin/env bash
# Makes what a release archive has beside the binary and is not in git: the
# manual page and the completions, of this source. .goreleaser.yml calls it.
#
#   scripts/release-files.sh [FOLDER]   FOLDER is the repository's own
set -euo pipefail
cd "$(dirname "$0")/.."

to=${1:-.}
mkdir -p "$to/man" "$to/completions"
go run . man >"$to/man/keyturn.1"
go run . completion bash >"$to/completions/keyturn.bash"
go run . completion zsh >"$to/completions/_keyturn"
go run . completion fish >"$to/completions/keyturn.fish"
