package ddblock

import "github.com/keyturn/keyturn/plan"

// events maps the events of a record or a ledger item, and in an attribute of its
// own who acted: a run often writes several events, so each run stands there once.
func events(f *fields, es *[]plan.Event) {
	if f.brief {
		f.named("events")
		f.named("who")
		return
	}
	list(f, "events", es, eventFields)
	whoOf(f, *es)
	if f.stored {
		keepStored(f, *es)
	}
}

// whoOf maps who acted, for the runs that wrote the events.
func whoOf(f *fields, es []plan.Event) {
	who := map[string]plan.Who{}
	each(es, func(e *plan.Event) {
		if e.Run != "" {
			who[e.Run] = e.Who
		}
	})
	dictionary(f, "who", &who, whoFields)
	each(es, func(e *plan.Event) { e.Who = who[e.Run] })
}

// each visits events and those that they replaced.
func each(es []plan.Event, visit func(*plan.Event)) {
	for i := range es {
		each(es[i].Replaced, visit)
		visit(&es[i])
	}
}

func whoFields(f *fields, w *plan.Who) {
	f.text("pool", &w.Pool)
	f.text("host", &w.Host)
	f.text("by", &w.By)
	f.text("keyturn", &w.Release)
	f.text("plan", &w.Plan)
	f.text("terms", &w.Terms)
	f.rest(&w.Rest)
}

func eventFields(f *fields, e *plan.Event) {
	if f.reading && f.attrs["who"] != nil { // the hash of the event has who acted there
		f.fail("who", "stands in an event, and not beside the events")
	}
	f.rev("rev", &e.Rev)
	f.time("at", &e.At)
	words(f, "kind", &e.Kind)
	f.text("claim", &e.Claim)
	f.text("gave_up", &e.GaveUp)
	f.maybeVersion("generation", &e.Generation)
	f.maybeVersion("version", &e.Version)
	f.text("key_id", &e.KeyID)
	f.time("window", &e.Window)
	f.time("anchor", &e.Anchor)
	f.text("schedule", &e.Schedule)
	f.time("until", &e.Until)
	list(f, "left", &e.Left, leftFields)
	list(f, "ended", &e.Ended, endedFields)
	f.text("run", &e.Run)
	f.text("reason", &e.Reason)
	list(f, "calls", &e.Calls, callFields)
	list(f, "replaced", &e.Replaced, eventFields)
	prevFields(f, e)
	f.rest(&e.Rest)

	f.need("rev", e.Rev > 0)
	f.need("at", !e.At.IsZero())
}

// prevFields maps the link to the event before. Its revision is there only if that is
// not the one before this: of a rebuild.
func prevFields(f *fields, e *plan.Event) {
	follows := e.Prev.Rev
	if !f.reading && follows == e.Rev-1 {
		follows = 0
	}
	f.hash("prev", &e.Prev.Hash)
	f.maybeNumber("follows", &follows)
	if f.reading && e.Prev.Hash != "" {
		e.Prev.Rev = follows
		if follows == 0 {
			e.Prev.Rev = e.Rev - 1
		}
	}
	f.need("prev", follows == 0 || e.Prev.Hash != "")
}

func leftFields(f *fields, l *plan.Left) {
	f.version("version", &l.Version)
	f.text("key_id", &l.KeyID)
	f.flag("live", &l.Live)
	f.time("until", &l.Until)
	mapping(f, "retire", &l.Retire, retireFields)
	f.rest(&l.Rest)

	f.need("version", l.Version > 0)
	f.need("key_id", l.KeyID != "")
	f.need("until", !l.Until.IsZero())
}

func endedFields(f *fields, x *plan.Ended) {
	f.version("version", &x.Version)
	f.text("key_id", &x.KeyID)
	f.time("until", &x.Until)
	f.rest(&x.Rest)

	f.need("version", x.Version > 0)
	f.need("key_id", x.KeyID != "")
	f.need("until", !x.Until.IsZero())
}

func callFields(f *fields, c *plan.Answered) {
	f.text("operation", &c.Operation)
	f.text("request_id", &c.RequestID)
	f.text("answer", &c.Answer)
	f.rest(&c.Rest)
}
