package cmd

import (
	"fmt"
	"io"
	"regexp"
	"strings"
	"sync"

	"github.com/rs/zerolog"

	"github.com/keyturn/keyturn/internal/document"
	"github.com/keyturn/keyturn/internal/rotate"
	"github.com/keyturn/keyturn/plan"
	"github.com/keyturn/keyturn/plan/planfile"
)

// What a person reads on stderr:
//
//   - An error says what, where, whether encrypt and decrypt work, and ends
//     with a hint: the next command to type.
//   - A warning is one line. It never changes the exit code.
//   - Nothing else, unless -v asks for it: cron mails what is printed.
//
// With --log json the same goes to stderr as lines of JSON, for machines, and
// every act of the run besides. Nothing secret is in an act: a signature never
// leaves package kms.
//
// Text from elsewhere is cleaned here, in tables and in the terminal: see
// terminal.go. Each error, detail, hint and warning is one line.

// console is stderr, and the place of errors in --output json.
type console struct {
	env    *Env
	json   bool            // --output json: errors are documents on stdout too
	same   same            // what hints repeat
	log    *zerolog.Logger // nil: plain text
	mu     sync.Mutex
	warned map[string]bool
}

func newConsole(env *Env, json, log bool, same same) *console {
	con := &console{env: env, json: json, same: same, warned: map[string]bool{}}
	if log {
		l := zerolog.New(env.Stderr).With().Timestamp().Str("run", env.RunID()).Logger()
		con.log = &l
	}
	return con
}

// problem is an error as it is printed: what, details below it, and a hint.
type problem struct {
	verb, key string
	code      string
	what      string
	details   []string
	todo      string // with the command's own flags
}

// toType is a command where a text tells somebody to type one.
var toType = regexp.MustCompile(`\bkeyturn (` + strings.Join(planVerbs(), "|") + `)\b`)

// awsToType is a command of the aws CLI in such a text.
var awsToType = regexp.MustCompile(`(^|[;:(] |&& )aws (kms|dynamodb|sts) `)

// hint makes the commands of a text ones about the same keys.
func (con *console) hint(todo string) string {
	literal := strings.NewReplacer("$", "$$")
	todo = awsToType.ReplaceAllString(todo, "${1}"+literal.Replace(spaced(con.same.before()))+"aws $2 ")
	todo = toType.ReplaceAllString(todo, "keyturn "+literal.Replace(spaced(con.same.flags()))+"$1")
	if strings.Contains(todo, plan.Untypable) {
		return plan.Untypable // half a command is worse than none
	}
	return todo
}

// spaced is text that goes before a word.
func spaced(words []string) string {
	if len(words) == 0 {
		return ""
	}
	return plan.Shell(words...) + " "
}

// next is a hint with the command's own flags in its commands.
func (con *console) next(h plan.Hint) string {
	commands := make([][]string, len(h.Commands))
	for i, words := range h.Commands {
		commands[i] = con.same.command(words)
	}
	text := plan.Hint{Commands: commands, Note: h.Note}.String()
	if strings.Contains(text, plan.Untypable) {
		return plan.Untypable
	}
	return text
}

// document writes one document to stdout.
func (con *console) document(d any) { document.Write(con.env.Stdout, d) }

// print writes an error to stderr.
func (con *console) print(p problem) {
	con.mu.Lock()
	defer con.mu.Unlock()
	if con.log != nil {
		e := con.log.Error().Str("verb", p.verb).Str("code", p.code)
		if p.key != "" {
			e = e.Str("key", p.key)
		}
		if len(p.details) > 0 {
			e = e.Strs("details", p.details)
		}
		if p.todo != "" {
			e = e.Str("hint", p.todo)
		}
		e.Msg(p.what)
		return
	}
	name := strings.TrimSpace("keyturn: " + plan.Line(strings.TrimSpace(p.verb+" "+p.key)))
	if p.verb == "" && p.key == "" {
		name = "keyturn"
	}
	var b strings.Builder
	b.WriteString(con.red(name + ":"))
	b.WriteString(" " + plan.Line(p.what) + "\n")
	for _, d := range p.details {
		b.WriteString("  " + plan.Line(d) + "\n")
	}
	if p.todo != "" {
		b.WriteString("  hint: " + plan.Line(p.todo) + "\n")
	}
	_, _ = io.WriteString(raw(con.env.Stderr), b.String()) // nowhere left to say so
}

// warn writes one line to stderr, once.
func (con *console) warn(code, format string, args ...any) {
	con.mu.Lock()
	defer con.mu.Unlock()
	text := fmt.Sprintf(format, args...)
	if con.warned[text] {
		return
	}
	con.warned[text] = true
	if con.log != nil {
		con.log.Warn().Str("code", code).Msg(text)
		return
	}
	_, _ = fmt.Fprintf(raw(con.env.Stderr), "%s %s\n", con.yellow("warning:"), plan.Line(text))
}

// fail prints the error that ended a whole command. The problems of a plan
// are a line each, where an editor can jump to.
func (con *console) fail(verb string, err error, f plan.Fault) {
	if con.json {
		con.document(document.OfError(con.env.RunID(), err, f, con.next(f.Hint)))
	}
	if problems, ok := f.Data.(planfile.Problems); ok && con.log == nil {
		con.mu.Lock()
		defer con.mu.Unlock()
		_, _ = fmt.Fprintln(con.env.Stderr, problems.Error())
		return
	}
	con.print(problem{verb: verb, code: f.Code, what: err.Error(), todo: con.next(f.Hint)})
}

// act logs what a run does: everything with --log json, the calls with -v.
func (con *console) act(pool string, verbose bool) func(rotate.Trace) {
	return func(t rotate.Trace) {
		con.mu.Lock()
		defer con.mu.Unlock()
		if con.log == nil {
			if t.Act.Kind == plan.Wait && con.env.StderrTTY {
				_, _ = fmt.Fprintf(con.env.Stderr, "%s: %s\n", t.Key, waitingText(t.Act))
			}
			if verbose && t.Call.Operation != "" {
				line := fmt.Sprintf("%s: %s %s: %s%s", t.Key, t.Call.Service, t.Call.Operation, t.Call.Text,
					answerText(t.Answer))
				_, _ = io.WriteString(con.env.Stderr, plan.Line(line)+"\n")
			}
			return
		}
		e := con.log.Info()
		if t.Answer.Verdict != plan.Yes {
			e = con.log.Warn()
		}
		if t.Act.Kind == plan.Wait {
			e = e.Time("until", t.Act.Until.UTC()).Bool("fenced", t.Act.Fenced)
		}
		e = e.Str("pool", pool).Str("key", t.Key).Str("act", string(t.Act.Kind)).Int64("rev", t.Rev).Str("answer", string(t.Answer.Verdict))
		for name, v := range map[string]string{"service": t.Call.Service, "call": t.Call.Operation, "text": t.Call.Text,
			"code": t.Answer.Code, "message": t.Answer.Message, "request_id": t.Answer.RequestID} {
			if v != "" {
				e = e.Str(name, v)
			}
		}
		e.Send()
	}
}

// waitingText is for a person who watches nothing happen. Cron is not told.
func waitingText(a plan.Act) string {
	if a.Fenced {
		return fmt.Sprintf("waiting until %s UTC, when what was signed earlier can no longer take effect; ^C gives up", plan.Clock(a.Until))
	}
	return fmt.Sprintf("waiting: another run is working on it, and its lease ends at %s UTC; ^C gives up", plan.Clock(a.Until))
}

func answerText(a plan.Answer) string {
	if a.Verdict == plan.Yes {
		return ""
	}
	return fmt.Sprintf(" — %s: %s", a.Verdict, strings.TrimSpace(a.Code+" "+a.Message))
}

func (con *console) red(s string) string    { return paint(con.env.colour(con.env.StderrTTY), "31;1", s) }
func (con *console) yellow(s string) string { return paint(con.env.colour(con.env.StderrTTY), "33", s) }

func paint(on bool, sgr, s string) string {
	if !on {
		return s
	}
	return "\x1b[" + sgr + "m" + s + "\x1b[0m"
}
