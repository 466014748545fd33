package planfile

import (
	"time"

	"github.com/google/jsonschema-go/jsonschema"

	"github.com/keyturn/keyturn/plan"
)

// durationOf returns a duration of at least least.
func durationOf(into *setting[time.Duration], least time.Duration) leaf[time.Duration] {
	return leaf[time.Duration]{into, func(s scalar) (time.Duration, *fault) {
		d, f := parseSpan(s)
		if f == nil && d < least {
			return 0, &fault{"is too short", "at least " + plan.FormatDuration(least)}
		}
		return d, f
	}, durationForms, plan.DurationHint}
}

func parseSpan(s scalar) (time.Duration, *fault) {
	d, err := plan.ParseDuration(s.text)
	switch {
	case err == nil:
		return d, nil
	case plan.DurationForm().MatchString(s.text) && s.text != "":
		return 0, &fault{"is longer than 292 years", "a shorter one"}
	}
	return 0, &fault{"is not a duration", plan.DurationHint}
}

func durationForms() jsonschema.Schema {
	return jsonschema.Schema{Type: "string", Pattern: plan.DurationPattern, MinLength: jsonschema.Ptr(1)}
}

// durationOr returns the schema of a duration, or one of a few words.
func durationOr(words ...any) func() jsonschema.Schema {
	return func() jsonschema.Schema {
		form := durationForms()
		return jsonschema.Schema{AnyOf: []*jsonschema.Schema{&form, {Enum: words}}}
	}
}

// durationOrOff returns a duration, or "off", which sets off.
func durationOrOff(into *setting[orOff], least time.Duration) leaf[orOff] {
	return leaf[orOff]{into, func(s scalar) (orOff, *fault) {
		if on, ok := onOrOff(s.text); ok && !on {
			return orOff{off: true}, nil
		}
		d, f := parseSpan(s)
		if f == nil && d < least {
			f = &fault{"is too short", "at least " + plan.FormatDuration(least) + ", or off"}
		} else if f != nil {
			f.hint += "; or off"
		}
		return orOff{d: d}, f
	}, durationOr("off", false), plan.DurationHint + "; or off"}
}

// autoRotationOf is copy, off, or a period in whole days.
func autoRotationOf(into *setting[plan.AutoRotation]) leaf[plan.AutoRotation] {
	const hint = "copy, off, or a period in whole days from 90d to 2560d"
	return leaf[plan.AutoRotation]{into, func(s scalar) (plan.AutoRotation, *fault) {
		if on, ok := onOrOff(s.text); ok && !on {
			return plan.AutoRotation{Off: true}, nil
		}
		if s.text == plan.AutoCopy {
			return plan.AutoRotation{}, nil
		}
		d, f := parseSpan(s)
		switch {
		case f != nil:
			f.hint = hint
		case d < plan.AutoLeast || d > plan.AutoMost || d%(24*time.Hour) != 0:
			f = &fault{"is not a period that KMS has", hint}
		}
		return plan.AutoRotation{Every: d}, f
	}, durationOr(plan.AutoCopy, "off", false), hint}
}

// orOff is a duration that can be switched off.
type orOff struct {
	d   time.Duration
	off bool
}

const (
	momentPattern = `^[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}:[0-9]{2}(Z|[+-][0-9]{2}:[0-9]{2}))?$`
	momentHint    = "a time as 2026-12-20T18:00:00Z, or a date, which is its first second in UTC"
)

var momentForm = plan.Pattern(momentPattern)

// momentOf returns a time: RFC 3339 in whole seconds, or a date in UTC.
func momentOf(into *setting[time.Time]) leaf[time.Time] {
	return leaf[time.Time]{into, func(s scalar) (time.Time, *fault) {
		layout := time.RFC3339
		if len(s.text) == len(time.DateOnly) {
			layout = time.DateOnly
		}
		t, err := time.Parse(layout, s.text)
		if !momentForm().MatchString(s.text) || err != nil {
			return time.Time{}, &fault{"is not a time", momentHint}
		}
		t = t.UTC()
		if year := t.Year(); year < 0 || year > 9999 {
			return time.Time{}, &fault{"is before the year 0 or after 9999 in UTC", momentHint}
		}
		return t, nil
	}, func() jsonschema.Schema { return jsonschema.Schema{Type: "string", Pattern: momentPattern} }, momentHint}
}
