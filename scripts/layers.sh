#!/usr/bin/env bash
# The arrows of the house: which package may import which. plan is pure; kms
# and ddblock do not know each other; the embedded AWS knows none of them.
set -euo pipefail
cd "$(dirname "$0")/.."

module=$(go list -m)
bad=0

# forbid PACKAGE REGEX WHY: no non-test file of PACKAGE (or below, with /...)
# may import what matches REGEX.
forbid() {
  local found
  # shellcheck disable=SC2016 # $p is the template's
  found=$(go list -f '{{$p := .ImportPath}}{{range .Imports}}{{$p}} {{.}}{{"\n"}}{{end}}' "$1" | grep -E " ($2)\$" || true)
  if [ -n "$found" ]; then
    printf '%s must not import this (%s):\n%s\n' "$1" "$3" "$found" >&2
    bad=1
  fi
}

forbid ./plan 'github.com/aws/.*|net/http|os|os/.*|math/rand.*|crypto/rand|net' 'it is pure'
forbid ./plan "$module/.*" 'it is the bottom layer, and knows no file'
forbid ./plan/planfile 'github.com/aws/.*|net/http|os|os/.*|math/rand.*|crypto/rand|net' 'it is pure'
forbid ./plan/planfile "$module/(kms|ddblock|internal/.*|cmd)" 'it reads a plan file, and knows plan alone'
forbid ./plan/claim 'github.com/aws/.*|net/http|os|os/.*|math/rand.*|crypto/rand|net' 'it is pure'
forbid ./plan/claim "$module/(kms|ddblock|plan/planfile|internal/.*|cmd)" 'it judges what it is given, and knows plan alone'
forbid ./kms "$module/(ddblock|internal/rotate|internal/sandbox.*|cmd)" 'kms knows plan alone'
forbid ./ddblock "$module/(kms|internal/rotate|internal/sandbox.*|cmd)" 'ddblock knows plan alone'
forbid ./internal/awscall "$module/(kms|ddblock|internal/rotate|internal/sandbox.*|cmd)" 'it is below kms and ddblock'
forbid ./internal/rotate "$module/(cmd|internal/sandbox.*)" 'the runner does not print, and does not know whose AWS it is'
for pure in audit cost evidence iam firstplan status trail; do
  forbid "./internal/$pure" 'github.com/aws/.*|net/http|os|os/.*|math/rand.*|crypto/rand|net' 'it is pure'
  forbid "./internal/$pure" "$module/(kms|ddblock|internal/.*|cmd)" 'it judges or writes what cmd has read'
done
forbid ./internal/kit 'github.com/aws/.*|net/http|os|os/.*|math/rand.*|crypto/rand|net' 'it is pure'
forbid ./internal/kit "$module/(kms|ddblock|internal/([^i]|i[^a]).*|cmd)" 'it writes what cmd has read, with the policies of iam'
forbid ./internal/survey "$module/(internal/(document|screen|rotate|rehearsal|sandbox.*)|cmd)" 'it reads for cmd, and prints nothing'
forbid ./cmd "github.com/aws/.*|$module/(kms|ddblock|internal/awscall)" 'AWS is asked by survey and by the runner'
forbid ./internal/screen 'github.com/(aws|urfave)/.*|net/http|os|os/.*' 'it shows what it is given'
forbid ./internal/screen "$module/(kms|ddblock|internal/(awscall|document|survey|sandbox.*)|cmd)" 'it shows what it is given'
forbid ./internal/document 'github.com/aws/.*|net/http|os|os/.*' 'it writes what cmd has found'
forbid ./internal/document "$module/(kms|ddblock|internal/awscall|internal/(screen|survey)|cmd)" 'it writes what cmd has found'
forbid ./internal/saved 'github.com/aws/.*|net/http|os|os/.*' 'it checks what it is given'
forbid ./internal/saved "$module/(kms|ddblock|internal/(awscall|document|screen|survey|sandbox.*)|cmd)" 'it decides nothing'
forbid ./internal/notify "$module/(plan.*|kms|ddblock|internal/([^r]|r[^o]|ro[^o]).*|cmd)" 'it calls what it is given'
forbid ./internal/roots "$module/.*" 'it knows of nobody who is called'
forbid ./internal/metrics 'github.com/aws/.*|net/http|os|os/.*' 'it measures what it is given'
forbid ./internal/metrics "$module/(kms|ddblock|internal/(awscall|document|screen|survey|rotate|sandbox.*)|cmd)" 'it measures what it is given'
forbid ./internal/webpage "$module/(kms|ddblock|internal/(awscall|document|screen|survey|rotate|sandbox.*)|cmd)|net/http|os" 'it shows what it is given'
for package in $(go list ./internal/sandbox/... | grep -v '/sandbox/start$'); do
  forbid "$package" "$module/(plan|kms|ddblock|internal/rotate|internal/awscall|cmd)" 'the embedded AWS knows nothing of keyturn; only what it starts with does'
done

forbid ./internal/rehearsal/... "$module/(cmd|internal/(audit|iam|status|firstplan|sandbox/start))" 'it runs the real runner, and judges by what it sees'
forbid ./... "$module/internal/rehearsal/search" 'only tests search'

for package in $(go list ./... | grep -vxE "$module/(cmd|internal/rotate|internal/bench)"); do
  forbid "$package" os/exec 'only before_switch is started, the command of keyturn sandbox, and what is measured'
done

exit "$bad"
