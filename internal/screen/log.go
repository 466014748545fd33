package screen

import (
	"cmp"
	"time"

	"github.com/rs/zerolog"

	"github.com/keyturn/keyturn/internal/rotate"
	"github.com/keyturn/keyturn/plan"
)

// The log for machines, --log json: docs/monitoring.md has its fields. They come in a
// fixed order: what every line has, the key that the line is about, and what the line is
// about it. What is not known is absent.

// Labels are what every line of the log says about the process.
type Labels struct {
	// Verb is the command, and Pool that of this process.
	Verb, Pool string
	// Dry reports whether it is a dry-run, which the lines start and end say.
	Dry bool
	// Release is that of keyturn.
	Release string
	// Region is the plan's; "" before the plan is read.
	Region string
	// Account returns the account of the caller; nil, or "", until AWS has said it.
	Account func() string
	// TraceID is that of the trace which the process is part of; "" if there is none.
	TraceID string
	// Now is the host's clock; nil is time.Now.
	Now func() time.Time
	// Plan is the name of the plan; "" until it is read.
	Plan string
}

// About is the key that a line is about; the zero value is about none.
type About struct {
	Key, Alias, Region string
	Generation         int64
	// Window is the one that the generation was claimed for.
	Window time.Time
}

// aboutOf describes the key of a report.
func aboutOf(k rotate.KeyReport) About {
	a := About{Key: k.Policy.Name, Alias: k.Policy.Alias, Region: k.Policy.Region}
	a.Generation, a.Window = k.Record.Claimed()
	return a
}

func aboutAct(t rotate.Trace) About {
	return About{Key: t.Key, Alias: t.Alias, Region: t.Region, Generation: t.Generation, Window: t.Window}
}

// logTime is RFC 3339 with milliseconds.
const logTime = "2006-01-02T15:04:05.000Z07:00"

// The kinds of lines.
const (
	lineStart   = "start"
	lineAct     = "act"
	lineNote    = "note"
	lineWarning = "warning"
	lineError   = "error"
	lineEnd     = "end"
)

// entry begins a line of the log.
func (con *Console) entry(level zerolog.Level, kind string, a About) entry {
	now := time.Now
	if con.Labels.Now != nil {
		now = con.Labels.Now
	}
	e := entry{con.log.WithLevel(level)}
	e.text(zerolog.TimestampFieldName, now().UTC().Format(logTime))
	e.text("line", kind)
	e.text("verb", con.Labels.Verb)
	e.text("run", con.Run)
	e.text("pool", con.Labels.Pool)
	e.text("keyturn", con.Labels.Release)
	e.text("region", cmp.Or(a.Region, con.Labels.Region))
	e.text("plan", con.Labels.Plan)
	if con.Labels.Account != nil {
		e.text("account", con.Labels.Account())
	}
	e.text("trace_id", con.Labels.TraceID)
	e.text("key", a.Key)
	e.text("alias", a.Alias)
	e.count("generation", a.Generation)
	e.moment("window", a.Window)
	return e
}

// entry is a line of the log under construction. Values that are not known it leaves out.
type entry struct{ *zerolog.Event }

func (e entry) text(name, value string) {
	if value != "" {
		e.Str(name, value)
	}
}

func (e entry) dry(is bool) {
	if is {
		e.Bool("dry_run", true)
	}
}

func (e entry) count(name string, n int64) {
	if n != 0 {
		e.Int64(name, n)
	}
}

func (e entry) moment(name string, t time.Time) {
	if !t.IsZero() {
		e.Str(name, t.UTC().Format(time.RFC3339))
	}
}

// logProblem writes an error.
func (con *Console) logProblem(p Problem) {
	e := con.entry(zerolog.ErrorLevel, lineError, p.About)
	e.text("code", string(p.Code))
	if len(p.Keys) > 0 {
		e.Strs("keys", p.Keys)
	}
	if len(p.Details) > 0 {
		e.Strs("details", p.Details)
	}
	if h := con.With(p.Next); !h.Empty() {
		e.Interface("next", h)
	}
	e.text("sdk", p.Raw)
	e.Msg(p.What)
}

// logAct writes what a run does.
func (con *Console) logAct(t rotate.Trace) {
	level := zerolog.InfoLevel
	if t.Answer.Verdict != plan.Yes && t.Act.Kind != plan.Wait { // a wait has no answer
		level = zerolog.WarnLevel
	}
	e := con.entry(level, lineAct, aboutAct(t))
	e.text("act", string(t.Act.Kind))
	e.count("rev", t.Rev)
	if t.Act.Kind == plan.Wait {
		e.moment("until", t.Act.Until)
		e.Bool("fenced", t.Act.Fenced)
		e.Msg(waitingText(t.Act))
		return
	}
	if e.dry(t.Dry); !t.Dry { // else nobody has answered, and nothing was written
		e.text("answer", string(t.Answer.Verdict))
		e.Int64("duration_ms", t.Took.Milliseconds())
	}
	e.text("service", t.Call.Service)
	e.text("call", t.Call.Operation)
	e.text("text", t.Call.Text)
	e.text("code", t.Answer.Code)
	e.text("error", t.Answer.Message)
	e.text("request_id", t.Answer.RequestID)
	e.text("head", t.Hash)
	e.Msg(actText(t))
}

// actText describes an act in a line.
func actText(t rotate.Trace) string {
	text := string(t.Act.Kind)
	if t.Call.Operation != "" {
		text = t.Call.Service + " " + t.Call.Operation + ": " + t.Call.Text
	}
	return text + answerText(t.Answer)
}

// Start writes that the command has read its plan and begins.
func (con *Console) Start() {
	con.mu.Lock()
	defer con.mu.Unlock()
	if con.log == nil {
		return
	}
	e := con.entry(zerolog.InfoLevel, lineStart, About{})
	e.dry(con.Labels.Dry)
	e.Msg("started")
}

// End writes how the command ended: the last line of its log. It counts the keys if there
// was a report on them.
func (con *Console) End(exit plan.Exit, took time.Duration) {
	con.mu.Lock()
	defer con.mu.Unlock()
	if con.log == nil {
		return
	}
	level := zerolog.ErrorLevel
	switch exit {
	case plan.ExitDone, plan.ExitChanged:
		level = zerolog.InfoLevel
	case plan.ExitBusy:
		level = zerolog.WarnLevel
	}
	e := con.entry(level, lineEnd, About{})
	e.dry(con.Labels.Dry)
	e.Int("exit", int(exit))
	e.Int64("duration_ms", took.Milliseconds())
	if n := con.counted; n != nil {
		e.Int("total", n.Keys).Int("changed", n.Changed).Int("by_others", n.ByOthers).Int("held", n.Held)
		e.Int("busy", n.Busy).Int("failed", n.Failed).Int("refused", n.Refused).Int("interrupted", n.Interrupted)
	}
	e.Msg("ended")
}
