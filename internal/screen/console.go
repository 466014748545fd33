package screen

import (
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/rs/zerolog"

	"github.com/keyturn/keyturn/internal/rotate"
	"github.com/keyturn/keyturn/plan"
	"github.com/keyturn/keyturn/plan/planfile"
)

// What a person reads on stderr:
//
//   - An error says what, where, whether encrypt and decrypt work, and ends with
//     what to do next: the commands to type, and a note.
//   - A warning is one line. It never changes the exit code.
//   - Nothing else, unless -v asks for it: cron mails what is printed.
//
// With --log json the same goes to stderr as lines of JSON, for machines, and
// every act of the run besides. Nothing secret is in an act: a signature never
// leaves package kms.
//
// Text from elsewhere is cleaned here, in tables and in the terminal: see
// terminal.go. Each error, detail, hint and warning is one line.

// Streams are what a command prints to, and how.
type Streams struct {
	Out, Err io.Writer
	// OutTTY and ErrTTY are whether each is a terminal, and OutColour and ErrColour whether
	// it may be coloured.
	OutTTY, ErrTTY, OutColour, ErrColour bool
	// OutWidth and ErrWidth return how wide each is; nil, or 0, if it is no terminal.
	OutWidth, ErrWidth func() int
	// Verbose is -v: nothing is left out for brevity, and what AWS's SDK said is added.
	Verbose bool
	// Log turns what goes to Err into lines of JSON, which name the Run and the Labels.
	Log    bool
	Run    string
	Labels Labels
	// Quiet leaves out what only shows that something is under way.
	Quiet bool
	// Same is what hints repeat.
	Same Same
}

// Console is the stdout and stderr of a command.
type Console struct {
	Streams
	// log is nil for plain text.
	log    *zerolog.Logger
	mu     sync.Mutex
	warned map[string]bool
	// codes counts the warnings by their codes.
	codes map[plan.Code]int
	// counted are the keys of the last report; nil if there was none.
	counted *rotate.Counts
	// bar is the progress on the screen; nil if there is none. What is told stands above it.
	bar *bar
}

// NewConsole makes a Console that has warned of nothing yet.
func NewConsole(s Streams) *Console {
	con := &Console{Streams: s, warned: map[string]bool{}, codes: map[plan.Code]int{}}
	if s.Log {
		l := zerolog.New(s.Err)
		con.log = &l
	}
	return con
}

// Problem is an error as it is printed: what happened, details below it, and a hint.
type Problem struct {
	Verb string
	About
	// Keys are the names of several keys that it is about; Key is empty then.
	Keys    []string
	Code    plan.Code
	What    string
	Details []string
	// Next is what to do, without the command's own flags.
	Next plan.Hint
	// Raw is what AWS or its SDK said: for -v, and for the log.
	Raw string
}

func (con *Console) outWidth() int { return widthOf(con.OutWidth) }

func widthOf(width func() int) int {
	if width == nil {
		return 0
	}
	return width()
}

// Tell writes lines to stderr, folded on a terminal. They are clean.
func (con *Console) Tell(text string) {
	to := Raw(con.Err)
	if con.bar != nil {
		to = con.bar.lines
	}
	_, _ = io.WriteString(to, fold(text, widthOf(con.ErrWidth))) // nowhere left to say so
}

// Show writes a screen to stdout, folded on a terminal.
func (con *Console) Show(text string) { con.Print(fold(text, con.outWidth())) }

// Print writes text to stdout, as it is.
func (con *Console) Print(text string) { _, _ = io.WriteString(con.Out, text) }

// Draw writes a screen with colours, whose lines are clean, folded on a terminal.
func (con *Console) Draw(screen string) {
	_, _ = io.WriteString(Raw(con.Out), fold(screen, con.outWidth()))
}

// Problem writes an error to stderr.
func (con *Console) Problem(p Problem) {
	con.mu.Lock()
	defer con.mu.Unlock()
	if con.log != nil {
		con.logProblem(p)
		return
	}
	name := strings.TrimSpace("keyturn: " + plan.Line(strings.TrimSpace(p.Verb+" "+p.Key)))
	if p.Verb == "" && p.Key == "" {
		name = "keyturn"
	}
	if len(p.Keys) > 0 {
		name += fmt.Sprintf(": %d keys", len(p.Keys))
	}
	var b strings.Builder
	b.WriteString(con.red(name + ":"))
	b.WriteString(" " + plan.Line(p.What) + "\n")
	for _, d := range p.Details {
		if d != "" {
			b.WriteString("  " + plan.Line(d) + "\n")
		}
	}
	if p.Raw != "" && con.Verbose {
		b.WriteString("  the AWS SDK says: " + plan.Line(p.Raw) + "\n")
	}
	for _, line := range con.lines("hint", p.Next) {
		b.WriteString("  " + plan.Line(line) + "\n")
	}
	con.Tell(b.String())
}

// Warn writes one line to stderr, once. Of warnings with one code the first are written,
// and Rest counts the others.
func (con *Console) Warn(code, format string, args ...any) {
	con.warn(About{}, code, fmt.Sprintf(format, args...))
}

// WarnOf writes a warning about one key.
func (con *Console) WarnOf(a About, code, text string) { con.warn(a, code, a.Key+": "+text) }

func (con *Console) warn(a About, code, text string) {
	con.mu.Lock()
	defer con.mu.Unlock()
	if con.warned[text] {
		return
	}
	con.warned[text] = true
	if con.log != nil {
		e := con.entry(zerolog.WarnLevel, lineWarning, a)
		e.text("code", code)
		e.Msg(text)
		return
	}
	if con.codes[plan.Code(code)]++; con.codes[plan.Code(code)] <= Shown || con.Verbose {
		con.Tell(con.yellow("warning:") + " " + plan.Line(text) + "\n")
	}
}

// Note writes one line to stderr that informs: nothing is wrong.
func (con *Console) Note(text string) {
	con.mu.Lock()
	defer con.mu.Unlock()
	if con.log != nil {
		con.entry(zerolog.InfoLevel, lineNote, About{}).Msg(text)
		return
	}
	con.Tell(plan.Line(text) + "\n")
}

// Rest writes how many warnings were not written, once a command is over.
func (con *Console) Rest() {
	con.mu.Lock()
	defer con.mu.Unlock()
	if left := unshown(con.codes); left != "" && !con.Verbose {
		con.Tell(con.yellow("warning:") + " " + left + "\n")
	}
}

// Fail prints the error that ended a whole command. The problems of a plan
// are a line each, where an editor can jump to.
func (con *Console) Fail(verb string, err error, f plan.Fault) {
	if problems, ok := f.Data.(planfile.Problems); ok && con.log == nil {
		con.mu.Lock()
		defer con.mu.Unlock()
		_, _ = fmt.Fprintln(con.Err, problems.Error())
		return
	}
	con.Problem(Problem{Verb: verb, Code: f.Code, What: err.Error(), Next: f.Hint, Raw: f.Raw})
}

// Act logs what a run does: everything with --log json, the calls with -v.
func (con *Console) Act() func(rotate.Trace) {
	return func(t rotate.Trace) {
		con.mu.Lock()
		defer con.mu.Unlock()
		if con.log == nil {
			if t.Act.Kind == plan.Wait && con.ErrTTY && !con.Quiet {
				con.Tell(plan.Line(t.Key+": "+waitingText(t.Act)+"; ^C gives up") + "\n")
			}
			if con.Verbose && t.Call.Operation != "" {
				line := fmt.Sprintf("%s: %s %s: %s%s", t.Key, t.Call.Service, t.Call.Operation, t.Call.Text,
					answerText(t.Answer))
				con.Tell(plan.Line(line) + "\n")
			}
			return
		}
		con.logAct(t)
	}
}

// waitingText is for a person at a terminal who sees nothing happen, and for the log; cron's
// mail does not get it.
func waitingText(a plan.Act) string {
	if a.Fenced {
		return fmt.Sprintf("waiting until %s UTC, when what was signed earlier can no longer take effect",
			plan.Clock(a.Until))
	}
	return fmt.Sprintf("waiting: another run is working on it, and its lease ends at %s UTC", plan.Clock(a.Until))
}

func answerText(a plan.Answer) string {
	if a.Verdict == plan.Yes {
		return ""
	}
	text := fmt.Sprintf(" — %s: %s", a.Verdict, a.Raw())
	if a.RequestID != "" {
		text += " (request " + a.RequestID + ")"
	}
	return text
}

func (con *Console) red(s string) string    { return paint(con.ErrColour, "31;1", s) }
func (con *Console) yellow(s string) string { return paint(con.ErrColour, "33", s) }

func paint(on bool, sgr, s string) string {
	if !on {
		return s
	}
	return "\x1b[" + sgr + "m" + s + "\x1b[0m"
}
