package trail

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/keyturn/keyturn/plan"
)

// maxRecord is how many bytes of a file one record may have. CloudTrail's are far shorter.
const maxRecord = 4 << 20

// FormError is a file that is no trail, and where that shows.
type FormError struct {
	File string
	// Record counts from 1; 0 is before the first one, and -1 a file that cannot be read.
	Record int
	// Byte is the position in the file, decompressed.
	Byte int64
	Err  error
}

func (e *FormError) Error() string {
	switch e.Record {
	case -1:
		return fmt.Sprintf("%s: %v", e.File, e.Err)
	case 0:
		return fmt.Sprintf("%s: byte %d: %v", e.File, e.Byte, e.Err)
	}
	return fmt.Sprintf("%s: record %d, byte %d: %v", e.File, e.Record, e.Byte, e.Err)
}

// Unwrap returns what is wrong.
func (e *FormError) Unwrap() error { return e.Err }

// Fault is one of usage: the command was given another file than it takes.
func (e *FormError) Fault() plan.Fault { return plan.Fault{Code: plan.CodeUsage, Exit: plan.ExitUsage} }

// Form is a form that a trail comes in.
type Form string

// The forms.
const (
	// LogFile is {"Records": […]}, as CloudTrail writes it to S3.
	LogFile Form = "log file"
	// Lookup is the output of `aws cloudtrail lookup-events`.
	Lookup Form = "lookup-events"
)

// Read reads one file, compressed or not, and hands over each event. It keeps one record in
// memory. A file may have several documents, one after the other.
func Read(name string, from io.Reader, take func(Form, Event)) error {
	buffered := bufio.NewReader(from)
	bounded := &bound{from: buffered, left: maxRecord}
	if magic, _ := buffered.Peek(2); len(magic) == 2 && magic[0] == 0x1f && magic[1] == 0x8b {
		unzipped, err := gzip.NewReader(buffered)
		if err != nil {
			return &FormError{File: name, Err: fmt.Errorf("it is not gzip: %w", err)}
		}
		bounded.from = unzipped
	}
	r := &reader{json: json.NewDecoder(bounded), bound: bounded, take: take}
	for n := 0; ; n++ {
		err := r.document()
		if errors.Is(err, io.EOF) && n > 0 && !r.inside {
			return nil
		}
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		if err != nil {
			return &FormError{File: name, Record: r.records, Byte: r.json.InputOffset(), Err: err}
		}
	}
}

// bound is a reader that gives up on a record that is too long.
type bound struct {
	from io.Reader
	left int
}

func (b *bound) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, fmt.Errorf("one record has over %d bytes", maxRecord)
	}
	n, err := b.from.Read(p)
	b.left -= n
	return n, err
}

type reader struct {
	json  *json.Decoder
	bound *bound
	take  func(Form, Event)
	// records counts those that were begun, and inside reports whether a document was.
	records int
	inside  bool
}

// document reads one document.
func (r *reader) document() error {
	r.inside, r.bound.left = false, maxRecord
	start, err := r.json.Token()
	if err != nil {
		return err
	}
	if r.inside = true; start != json.Delim('{') {
		return errors.New("it is neither a log file of CloudTrail nor what lookup-events prints")
	}
	found := false
	for r.json.More() {
		name, err := r.json.Token()
		if err != nil {
			return err
		}
		switch name {
		case "Records":
			found = true
			err = r.list(LogFile)
		case "Events":
			found = true
			err = r.list(Lookup)
		default:
			var other json.RawMessage
			err = r.json.Decode(&other)
		}
		if err != nil {
			return err
		}
	}
	if _, err := r.json.Token(); err != nil {
		return err
	}
	if !found {
		return errors.New("it has neither Records, as a log file has, nor Events, as lookup-events prints them")
	}
	r.inside = false
	return nil
}

// list reads the records of one document.
func (r *reader) list(form Form) error {
	start, err := r.json.Token()
	if err != nil {
		return err
	}
	if start != json.Delim('[') {
		return fmt.Errorf("its records are no list")
	}
	for r.json.More() {
		r.records++
		r.bound.left = maxRecord
		var text json.RawMessage
		if err := r.json.Decode(&text); err != nil {
			return err
		}
		if form == Lookup {
			var looked struct{ CloudTrailEvent string }
			if err := json.Unmarshal(text, &looked); err != nil {
				return err
			}
			if looked.CloudTrailEvent == "" {
				return errors.New("it has no CloudTrailEvent")
			}
			text = []byte(looked.CloudTrailEvent)
		}
		e, err := event(text)
		if err != nil {
			return err
		}
		r.take(form, e)
	}
	_, err = r.json.Token()
	return err
}
