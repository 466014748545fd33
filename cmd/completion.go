package cmd

import (
	"fmt"

	"github.com/keyturn/keyturn/plan"

	"github.com/urfave/cli/v2"
)

// The scripts ask keyturn itself what may follow: see suggest. They hand over the
// words as they are, and take the answers as they are, for nothing that is typed
// or stands in a plan must be expanded by a shell.

const bashCompletion = `_keyturn() {
  local cur=${COMP_WORDS[COMP_CWORD]} line
  local -a words=("${COMP_WORDS[@]:0:COMP_CWORD}")
  words[0]=${words[0]/#\~\//$HOME/}
  if [[ $cur == "=" ]]; then
    words+=("=")
    cur=
  fi
  if [[ $cur == -* ]]; then words+=("$cur"); else words+=(""); fi
  COMPREPLY=()
  while IFS= read -r line; do
    if [[ ${words[COMP_CWORD-1]} == "=" || ${words[COMP_CWORD]-} == "=" ]]; then line=${line#*=}; fi
    if [[ $line == "$cur"* ]]; then COMPREPLY+=("$line"); fi
  done < <("${words[@]}" --generate-bash-completion 2>/dev/null)
}
complete -o bashdefault -o default -F _keyturn keyturn
`

const zshCompletion = `#compdef keyturn
_keyturn() {
  local cur=${(Q)words[CURRENT]} line
  local -a asked options
  asked=("${(@Q)words[1,CURRENT-1]}")
  asked[1]=${asked[1]/#\~\//$HOME/}
  if [[ $cur == -* ]]; then asked+=("$cur"); else asked+=(""); fi
  while IFS= read -r line; do
    options+=("${${line%%$'\t'*}//:/\\:}:${${line#*$'\t'}//:/\\:}")
  done < <(KEYTURN_COMPLETION=described "${asked[@]}" --generate-bash-completion 2>/dev/null)
  if (( $#options )); then _describe keyturn options; return; fi
  if [[ $cur == -*=* ]]; then compset -P '*='; fi
  _files
}
if [[ ${funcstack[1]-} == _keyturn ]]; then _keyturn "$@"; else compdef _keyturn keyturn; fi
`

const fishCompletion = `function __keyturn_complete
    set -l words (commandline -opc)
    set -l cur (commandline -ct)
    if string match -q -- '-*' "$cur"
        set -a words "$cur"
    else
        set -a words ""
    end
    set -l found (env KEYTURN_COMPLETION=described $words --generate-bash-completion 2>/dev/null)
    if test (count $found) -gt 0
        printf '%s\n' $found
    else
        set -l flag (string match -r -- '^-[^=]*=' "$cur")
        set -l begun (string sub -s (math 1 + (string length -- "$flag")) -- "$cur")
        for path in (__fish_complete_path "$begun")
            printf '%s%s\n' "$flag" "$path"
        end
    end
end
complete -c keyturn -f -a '(__keyturn_complete)'
`

const powershellCompletion = `Register-ArgumentCompleter -Native -CommandName keyturn -ScriptBlock {
    param($word, $line, $cursor)
    $words = @(foreach ($e in $line.CommandElements) {
        if ($e.Extent.StartOffset -ge $cursor) { break }
        if ($e -is [System.Management.Automation.Language.StringConstantExpressionAst]) { $e.Value } else { "$e" }
    })
    if ($word -ne '') { $words = @($words | Select-Object -SkipLast 1) }
    $ask = if ($word -like '-*') { $word } else { '' }
    $before = $env:KEYTURN_COMPLETION
    try {
        $env:KEYTURN_COMPLETION = 'described'
        & $words[0] @($words | Select-Object -Skip 1) $ask --generate-bash-completion 2>$null | ForEach-Object {
            $name, $about = $_ -split [char]9, 2
            if ($name.StartsWith($word)) {
                if (-not $about) { $about = $name }
                [System.Management.Automation.CompletionResult]::new($name, $name, 'ParameterValue', $about)
            }
        }
    } finally {
        $env:KEYTURN_COMPLETION = $before
    }
}
`

func completionCommand(env *Env) *cli.Command {
	return &cli.Command{
		Name: "completion", Usage: "print the completion script of a shell", ArgsUsage: "bash|zsh|fish|powershell",
		Description: "bash:  . <(keyturn completion bash)\n" +
			"zsh:   . <(keyturn completion zsh)\n" +
			"fish:  keyturn completion fish | source\n\n" +
			"In PowerShell:\n\n" +
			"  keyturn completion powershell | Out-String | Invoke-Expression\n\n" +
			"The scripts of bash, zsh and fish are tested in these shells; that of PowerShell is not.\n\n" +
			exitHelp(plan.ExitDone, plan.ExitUsage),
		Action: func(c *cli.Context) error {
			if c.NArg() > 1 {
				return usage("completion prints the script of one shell, not of %d", c.NArg()).
					try("keyturn", "completion", c.Args().First())
			}
			var script string
			switch shell := c.Args().First(); shell {
			case "bash":
				script = bashCompletion
			case "zsh":
				script = zshCompletion
			case "fish":
				script = fishCompletion
			case "powershell":
				script = powershellCompletion
			default:
				return usage("no completion for %q", shell).note("keyturn completion bash, zsh, fish or powershell")
			}
			_, err := fmt.Fprint(env.Stdout, script)
			return err
		},
	}
}
