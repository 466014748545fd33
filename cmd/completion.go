package cmd

import (
	"fmt"

	"github.com/urfave/cli/v2"
)

// bashCompletion and zshCompletion ask keyturn itself what may follow.
const bashCompletion = `_keyturn() {
  local cur=${COMP_WORDS[COMP_CWORD]} words=("${COMP_WORDS[@]:0:COMP_CWORD}")
  [[ $cur == -* ]] && words+=("$cur")
  COMPREPLY=($(compgen -W "$("${words[@]}" --generate-bash-completion 2>/dev/null)" -- "$cur"))
}
complete -o bashdefault -o default -F _keyturn keyturn
`

const zshCompletion = `#compdef keyturn
_keyturn() {
  local -a options
  local cur=${words[-1]}
  if [[ $cur == -* ]]; then
    options=("${(@f)$(${words[@]:0:#words[@]-1} $cur --generate-bash-completion)}")
  else
    options=("${(@f)$(${words[@]:0:#words[@]-1} --generate-bash-completion)}")
  fi
  if [[ -n ${options[1]} ]]; then _describe 'values' options; else _files; fi
}
compdef _keyturn keyturn
`

func completionCommand(env *Env) *cli.Command {
	return &cli.Command{
		Name: "completion", Usage: "print the completion script of a shell", ArgsUsage: "bash|zsh|fish",
		Description: "bash:  . <(keyturn completion bash)\n" +
			"zsh:   . <(keyturn completion zsh)\n" +
			"fish:  keyturn completion fish | source\n\n" +
			exitHelp(ExitDone, ExitUsage),
		Action: func(c *cli.Context) error {
			var script string
			switch shell := c.Args().First(); shell {
			case "bash":
				script = bashCompletion
			case "zsh":
				script = zshCompletion
			case "fish":
				fish, err := c.App.ToFishCompletion()
				if err != nil {
					return fmt.Errorf("make the completion script: %w", err)
				}
				script = fish
			default:
				return usage("no completion for %q", shell).hint("keyturn completion bash, zsh or fish")
			}
			_, err := fmt.Fprint(env.Stdout, script)
			return err
		},
	}
}

func manCommand(env *Env) *cli.Command {
	return &cli.Command{
		Name: "man", Usage: "print the manual page",
		Description: "To read it:  keyturn man > /tmp/keyturn.1; man /tmp/keyturn.1\n\n" + exitHelp(ExitDone, ExitUsage),
		Action: func(c *cli.Context) error {
			page, err := c.App.ToManWithSection(1)
			if err != nil {
				return fmt.Errorf("make the manual page: %w", err)
			}
			_, err = fmt.Fprint(env.Stdout, page)
			return err
		},
	}
}
