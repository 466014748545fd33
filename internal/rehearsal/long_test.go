package rehearsal

import "testing"

// A key whose versions are kept has more of them after a while than its record
// lists: the oldest are left out, and that breaks nothing.
func TestLongHistory(t *testing.T) {
	const text = "region: eu-west-1\nschedule: {every: 1d}\ndrain: 1d\nkeys:\n  - alias: alias/orders-data\n"
	d := Draw{Plan: text, Seed: 1, Pools: 1, Every: day, Span: 12 * day}
	p, err := d.Play(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range p.Watch.Broken {
		t.Error(b)
	}
	if r := p.World.Record(0); r.LeftOut < 2 {
		t.Errorf("too few versions were left out: %s, up to v%d", r, r.LeftOut)
	}
}
