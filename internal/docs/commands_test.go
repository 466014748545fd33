package docs

import (
	"bytes"
	"context"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/keyturn/keyturn/cmd"
)

// verb is what a command's help says it takes.
type verb struct {
	// flags has, by the name with its dashes, whether a value follows.
	flags map[string]bool
	// least is the smallest number of arguments.
	least int
	most  int
	help  string
}

// verbs asks the command line what it knows, by the help that people read.
func verbs(t *testing.T) map[string]verb {
	t.Helper()
	all := map[string]verb{}
	global := flagsOf(help(t))
	_, list, _ := strings.Cut(help(t), "COMMANDS:\n")
	list, _, _ = strings.Cut(list, "\n\n")
	for _, m := range regexp.MustCompile(`(?m)^ +([a-z]+) {2,}`).FindAllStringSubmatch(list, -1) {
		name := m[1]
		text := help(t, name)
		v := verb{flags: flagsOf(text), help: text}
		for name, value := range global {
			v.flags[name] = value
		}
		usage := regexp.MustCompile(`keyturn ` + name + `.*`).FindString(text[strings.Index(text, "USAGE:"):])
		switch _, takes, _ := strings.Cut(usage, "[command options]"); strings.TrimSpace(takes) {
		case "":
		case "KEY":
			v.least, v.most = 1, 1
		default:
			v.most = 99
		}
		all[name] = v
	}
	if len(all) < 8 {
		t.Fatalf("the help lists %d commands", len(all))
	}
	return all
}

func flagsOf(help string) map[string]bool {
	flags := map[string]bool{}
	for _, line := range strings.Split(help, "\n") {
		names := regexp.MustCompile(`^ +(--?[a-z-]+(?:, --?[a-z-]+)*)( [A-Z]+| value)?(?: |$)`).FindStringSubmatch(line)
		if names == nil {
			continue
		}
		for _, name := range strings.Split(names[1], ", ") {
			flags[name] = names[2] != ""
		}
	}
	return flags
}

func help(t *testing.T, args ...string) string {
	t.Helper()
	var out bytes.Buffer
	env := cmd.Env{Stdin: strings.NewReader(""), Stdout: &out, Stderr: &out,
		LookupEnv: func(string) (string, bool) { return "", false }, RunID: func() string { return "00000000" }}
	if exit := cmd.Main(context.Background(), append(args, "--help"), env); exit != 0 {
		t.Fatalf("keyturn %v --help: exit %d\n%s", args, exit, &out)
	}
	return out.String()
}

// wrong describes what is wrong with a command line after `keyturn`, "" if nothing
// is.
func wrong(verbs map[string]verb, args []string) string {
	var name string
	var rest []string
	known := map[string]bool{}
	for _, v := range verbs { // a flag is the same in all commands, and may stand before one
		for flag, value := range v.flags {
			known[flag] = value
		}
	}
	var flags []string
	for i := 0; i < len(args); i++ {
		switch arg := args[i]; {
		case arg == "--":
			i, rest = len(args), append(rest, args[i+1:]...)
		case strings.HasPrefix(arg, "-"):
			flag, _, inline := strings.Cut(arg, "=")
			flags = append(flags, flag)
			if known[flag] && !inline {
				if i++; i == len(args) {
					return flag + " has no value"
				}
			}
		case name == "":
			name = arg
		default:
			rest = append(rest, arg)
		}
	}
	if name == "" && len(flags) > 0 {
		return ""
	}
	v, ok := verbs[name]
	if !ok {
		return fmt.Sprintf("there is no command %q", name)
	}
	for _, f := range flags {
		if _, ok := v.flags[f]; !ok {
			return fmt.Sprintf("keyturn %s has no flag %s", name, f)
		}
	}
	if n := len(rest); name != "sandbox" && (n < v.least || n > v.most) {
		return fmt.Sprintf("keyturn %s takes no %d arguments: %v", name, n, rest)
	}
	return ""
}

// Whatever keyturn command a page shows, in a block or in its text, is one: a
// verb there is, with flags it has and as many arguments as it takes.
func TestEveryCommandParses(t *testing.T) {
	verbs := verbs(t)
	for name, page := range pages(t) {
		for _, line := range commandsOf(page) {
			if why := wrong(verbs, words(line)[1:]); why != "" {
				t.Errorf("%s: %s: %s", name, line, why)
			}
		}
	}
}

// commandsOf returns the command lines of a page that begin with keyturn.
func commandsOf(page string) []string {
	var all []string
	for _, b := range blocks(page) {
		for _, line := range b.lines {
			// a prompt, an item of a script in YAML, a crontab's times and path
			line = regexp.MustCompile(`^(\$ |- |([*/\d]+ +){5}/\S*/)`).ReplaceAllString(strings.TrimSpace(line), "")
			line = strings.Replace(line, "go run . ", "keyturn ", 1)
			if strings.HasPrefix(line, "keyturn ") && !strings.HasPrefix(line, "keyturn · ") { // the head of a screen
				all = append(all, line)
			}
		}
	}
	for _, span := range codeSpans(prose(page)) {
		// `keyturn sandbox -- CMD` and the like are shown with placeholders.
		// With nothing but a verb it is the verb that is meant.
		if strings.HasPrefix(span, "keyturn ") && strings.Count(span, " ") > 1 && !strings.Contains(span, "…") {
			all = append(all, span)
		}
	}
	return all
}

// A test of the tests: they see what is wrong.
func TestWrong(t *testing.T) {
	verbs := verbs(t)
	for line, want := range map[string]string{
		"keyturn run --quiet --wait 2m":          "",
		"keyturn --plan x run":                   "",
		"keyturn adopt orders-data --reason x":   "",
		"keyturn sandbox -- make test --verbose": "",
		"keyturn rum":                            "there is no command",
		"keyturn run --dryrun":                   "no flag --dryrun",
		"keyturn run orders-data":                "takes no 1 arguments",
		"keyturn rollback":                       "takes no 0 arguments",
		"keyturn run --wait":                     "has no value",
		"keyturn status --wait 2m":               "no flag --wait",
	} {
		if got := wrong(verbs, words(line)[1:]); (got == "") != (want == "") || !strings.Contains(got, want) {
			t.Errorf("%s: %q, want %q", line, got, want)
		}
	}
}
