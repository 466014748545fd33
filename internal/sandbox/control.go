package sandbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

// controlPrefix is where the sandbox's own requests live, beside AWS's.
const controlPrefix = "/_sandbox/"

// control serves what a test or a person steers the sandbox with:
//
//	GET /_sandbox/journal   the calls, one JSON object a line
//	GET /_sandbox/state     the state, as the state file has it
//	GET /_sandbox/clock     {"now": "2026-01-31T00:00:00Z"}
//	PUT /_sandbox/clock     {"advance": "30d"} or {"now": "2026-02-01T00:00:00Z"};
//	                        answers like GET once the new time holds
//	GET /_sandbox/faults    the switches that are on
//	PUT /_sandbox/faults    replaces them; see Switches
//
// Errors are {"error": "what is wrong"}.
func (s *Sandbox) control(w http.ResponseWriter, r *http.Request) {
	what := r.URL.Path[len(controlPrefix):]
	handlers := map[string]func(http.ResponseWriter, *http.Request) error{
		"GET journal": s.getJournal,
		"GET state":   s.getState,
		"GET clock":   s.getClock,
		"PUT clock":   s.putClock,
		"GET faults":  s.getFaults,
		"PUT faults":  s.putFaults,
	}
	handler := handlers[r.Method+" "+what]
	if handler == nil {
		complain(w, http.StatusNotFound,
			fmt.Errorf("%s %s is none of GET journal, GET state, GET or PUT clock, GET or PUT faults below %s",
				r.Method, r.URL.Path, controlPrefix))
		return
	}
	if err := handler(w, r); err != nil {
		status := http.StatusBadRequest
		if r.Method == http.MethodGet {
			status = http.StatusInternalServerError
		}
		complain(w, status, err)
	}
}

func complain(w http.ResponseWriter, status int, err error) {
	document, _ := json.Marshal(map[string]string{"error": err.Error()}) // strings always marshal
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(append(document, '\n'))
}

func respond(w http.ResponseWriter, contentType string, body []byte) error {
	w.Header().Set("Content-Type", contentType)
	_, _ = w.Write(body) // a client that went away is not our concern
	return nil
}

func (s *Sandbox) getJournal(w http.ResponseWriter, _ *http.Request) error {
	var lines bytes.Buffer
	encoder := json.NewEncoder(&lines)
	encoder.SetEscapeHTML(false)
	for _, entry := range s.Journal() {
		if err := encoder.Encode(entry); err != nil {
			return err
		}
	}
	return respond(w, "application/x-ndjson", lines.Bytes())
}

func (s *Sandbox) getState(w http.ResponseWriter, _ *http.Request) error {
	document, err := s.State()
	if err != nil {
		return err
	}
	return respond(w, "application/json", document)
}

func (s *Sandbox) getClock(w http.ResponseWriter, _ *http.Request) error {
	w.Header().Set("Date", s.date()) // it may have moved since the request came
	return respondJSON(w, map[string]time.Time{"now": s.Now().Truncate(time.Second)})
}

func (s *Sandbox) putClock(w http.ResponseWriter, r *http.Request) error {
	var to struct {
		Advance *Duration  `json:"advance"`
		Now     *time.Time `json:"now"`
	}
	if err := readJSON(r, &to); err != nil {
		return err
	}
	var err error
	switch {
	case (to.Advance == nil) == (to.Now == nil):
		return errors.New(`give one of {"advance": "30d"} and {"now": "2026-01-01T00:00:00Z"}`)
	case to.Now != nil:
		err = s.Set(*to.Now)
	default:
		err = s.Advance(time.Duration(*to.Advance))
	}
	if err != nil {
		return err
	}
	return s.getClock(w, r)
}

func (s *Sandbox) getFaults(w http.ResponseWriter, _ *http.Request) error {
	return respondJSON(w, s.Switches())
}

func (s *Sandbox) putFaults(w http.ResponseWriter, r *http.Request) error {
	document, err := io.ReadAll(io.LimitReader(r.Body, maxBody))
	if err != nil {
		return err
	}
	switches, err := parseSwitches(document)
	if err != nil {
		return err
	}
	if err := s.SetSwitches(switches); err != nil {
		return err
	}
	return respondJSON(w, switches)
}

func respondJSON(w http.ResponseWriter, value any) error {
	document, err := json.Marshal(value)
	if err != nil {
		return err
	}
	return respond(w, "application/json", append(document, '\n'))
}

// readJSON reads one document and is strict about its fields.
func readJSON(r *http.Request, into any) error {
	decoder := json.NewDecoder(io.LimitReader(r.Body, maxBody))
	decoder.DisallowUnknownFields()
	return decoder.Decode(into)
}
