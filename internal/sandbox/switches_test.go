package sandbox

import (
	"context"
	"errors"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// outcome sends one UpdateAlias: what the client sees of it.
func outcome(t *testing.T, s *Sandbox, r raw) string {
	t.Helper()
	r.date = s.Now()
	if r.target == "" {
		r.target = update
	}
	resp, err := s.RoundTripper().RoundTrip(r.request(t.Context()))
	if errors.Is(err, syscall.ECONNRESET) {
		return "reset"
	}
	if err != nil {
		return err.Error()
	}
	_ = resp.Body.Close()
	return resp.Status
}

func TestFaults(t *testing.T) {
	fault := func(f Fault) []Fault {
		f.Service, f.Operation = serviceKMS, "UpdateAlias"
		return []Fault{f}
	}
	const ok, bad, reset, server = "200 OK", "400 Bad Request", "reset", "500 Internal Server Error"
	for name, tt := range map[string]struct {
		faults  []Fault
		want    [3]string // what the client sees of three calls
		applied int
	}{
		"none":       {nil, [3]string{ok, ok, ok}, 3},
		"refuse 2nd": {fault(Fault{Ordinal: 2, Kind: Refuse, Code: "ThrottlingException"}), [3]string{ok, bad, ok}, 2},
		"refuse all": {fault(Fault{Kind: Refuse, Code: "AccessDeniedException"}), [3]string{bad, bad, bad}, 0},
		"refuse 500": {fault(Fault{Ordinal: 1, Kind: Refuse, Code: "KMSInternalException", Status: 500}),
			[3]string{server, ok, ok}, 2},
		"drop 1st": {fault(Fault{Ordinal: 1, Kind: Drop}), [3]string{reset, ok, ok}, 2},
		"lose 3rd": {fault(Fault{Ordinal: 3, Kind: Lose}), [3]string{ok, ok, reset}, 3},
		"lose to 500": {fault(Fault{Ordinal: 1, Kind: Lose, Code: "KMSInternalException", Status: 500}),
			[3]string{server, ok, ok}, 3},
		"first wins": {append(fault(Fault{Ordinal: 2, Kind: Drop}), fault(Fault{Kind: Lose})...),
			[3]string{reset, reset, reset}, 2},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := newFake(t, Options{Switches: Switches{Faults: tt.faults}})
			outcome(t, s, raw{target: describe}) // counts for none of them
			for i, want := range tt.want {
				if got := outcome(t, s, raw{}); got != want {
					t.Errorf("%s: call %d: %s, want %s", name, i+1, got, want)
				}
			}
			if got := updates(s); got != tt.applied {
				t.Errorf("%s: %d applied, want %d", name, got, tt.applied)
			}
		})
	}
}

func TestFaultsChooseCallerAndResource(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newFake(t, Options{})
		if err := s.SetSwitches(Switches{Faults: []Fault{
			{Caller: "pool7", Kind: Refuse, Code: "AccessDeniedException"},
			{Resource: "alias/b", Kind: Drop},
			{Caller: "arn:aws:iam::111122223333:user/pool8", Mutating: true, Kind: Drop},
		}}); err != nil {
			t.Fatal(err)
		}
		for _, tt := range []struct {
			raw
			want string
		}{
			{raw{}, "200 OK"},
			{raw{key: "POOL7"}, "400 Bad Request"},
			{raw{key: "POOL77"}, "200 OK"},
			{raw{key: "POOL8"}, "reset"},
			{raw{key: "POOL8", target: describe}, "200 OK"},
			{raw{body: `{"AliasName":"alias/b"}`}, "reset"},
		} {
			if got := outcome(t, s, tt.raw); got != tt.want {
				t.Errorf("%+v: %s, want %s", tt.raw, got, tt.want)
			}
		}
	})
}

// Latency passes before the call takes effect, and a client that gives up
// meanwhile has had none.
func TestLatency(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newFake(t, Options{Switches: Switches{
			Latency: Duration(time.Second),
			Faults:  []Fault{{Ordinal: 2, Kind: Latency, Latency: Duration(time.Minute)}},
		}})
		for _, want := range []time.Duration{time.Second, 61 * time.Second, time.Second} {
			before := time.Now()
			if got := outcome(t, s, raw{}); got != "200 OK" {
				t.Error(got)
			}
			if took := time.Since(before); took != want {
				t.Errorf("took %s, want %s", took, want)
			}
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		_, err := s.RoundTripper().RoundTrip(raw{target: update, date: s.Now()}.request(ctx))
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v", err)
		}
		if got := updates(s); got != 3 {
			t.Errorf("%d applied", got)
		}
	})
}

// A request's age is that of the moment it takes effect, not of its arrival.
func TestLatencyAgesTheSignature(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newFake(t, Options{Switches: Switches{Latency: Duration(6 * time.Minute)}})
		if got := outcome(t, s, raw{}); got != "400 Bad Request" {
			t.Error(got)
		}
	})
}

func TestLagIsForKMS(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newFake(t, Options{Switches: Switches{Lag: Duration(3 * time.Minute)}})
		for target, want := range map[string]time.Duration{describe: 3 * time.Minute,
			"DynamoDB_20120810.DescribeKey": 0} {
			outcome(t, s, raw{target: target})
			service := serviceKMS
			if want == 0 {
				service = serviceDynamoDB
			}
			call := s.services[service].(*counter).ReadAt[0]
			if got := call.Now.Sub(call.ReadAt); got != want || !call.Now.Equal(s.Now()) {
				t.Errorf("%s reads %s behind, want %s", service, got, want)
			}
		}
	})
}

// Five UpdateAlias a second, and by the sandbox's clock.
func TestQuotas(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newFake(t, Options{})
		burst := func() (passed int) {
			for range 8 {
				if outcome(t, s, raw{}) == "200 OK" {
					passed++
				}
			}
			return passed
		}
		if got := burst(); got != 8 {
			t.Errorf("%d of 8 passed without quotas", got)
		}
		if err := s.SetSwitches(Switches{Quotas: true}); err != nil {
			t.Fatal(err)
		}
		if got := burst(); got != 5 {
			t.Errorf("%d of 8 passed, want 5", got)
		}
		if got := outcome(t, s, raw{target: describe}); got != "200 OK" {
			t.Errorf("another operation shares the quota: %s", got)
		}
		time.Sleep(400 * time.Millisecond)
		if got := burst(); got != 2 {
			t.Errorf("%d of 8 passed 400 ms later, want 2", got)
		}
		if err := s.Advance(time.Hour); err != nil {
			t.Fatal(err)
		}
		if got := burst(); got != 5 {
			t.Errorf("%d of 8 passed an hour later, want 5", got)
		}
		if err := s.SetSwitches(Switches{Quotas: true, Raised: map[string]int{"UpdateAlias": 7}}); err != nil {
			t.Fatal(err)
		}
		if got := burst(); got != 7 {
			t.Errorf("%d of 8 passed a raised quota, want 7", got)
		}
		got := raw{target: update, date: s.Now()}.send(t, s)
		if got.body != `{"__type":"ThrottlingException",`+
			`"message":"You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls."}` {
			t.Error(got.body)
		}
	})
}

func TestSwitchesAreStrict(t *testing.T) {
	for _, document := range []string{
		`{"fault": []}`, `[{"kind": "explode"}]`, `[{"kind": "refuse"}]`, `[{"kind": "latency"}]`,
		`[{"kind": "drop", "ordinal": -1}]`, `[{"kind": "drop", "service": "s3"}]`, `{"lag": 3}`,
		`{"lag": "3 minutes"}`, `{"raised": {"CreateKey": 0}}`,
		`{"capacity": {"reads": -1}}`,
		`[{"kind": "refuse", "code": "X", "status": 200}]`, ``, `7`,
	} {
		if s, err := parseSwitches([]byte(document)); err == nil {
			t.Errorf("%s was taken for %+v", document, s)
		}
	}
	for _, document := range []string{
		`{}`, `[]`, `[{"kind": "drop"}]`,
		`{"faults": [{"service": "kms", "operation": "UpdateAlias", "ordinal": 1, "kind": "lose"}], "lag": "3m", ` +
			`"quotas": true, "latency": "50ms"}`,
		`{"quotas": true, "raised": {"CreateKey": 50}}`,
		`{"capacity": {"reads": 12000, "writes": 1000}}`,
		`{"key_policies": true, "waiver_forbidden": true}`,
	} {
		if _, err := parseSwitches([]byte(document)); err != nil {
			t.Errorf("%s: %v", document, err)
		}
	}
}
