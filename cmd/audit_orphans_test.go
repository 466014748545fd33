package cmd

import (
	"testing"
	"testing/synctest"
	"time"
)

// An orphan that began before --since is not told, and still there.
func TestOlderOrphan(t *testing.T) { synctest.Test(t, olderOrphan) }

func olderOrphan(t *testing.T) {
	c := rotatedCloud(t)
	c.unnamed("another")
	c.advance(3 * time.Hour)
	c.says("audit --orphans", "\n1 orphan among 3 keys\n")
	c.says("audit --orphans --since 1h", "\n1 orphan among 3 keys; not told: 1 that began before ")
	if o := c.audit(0, "--orphans").Orphans; o.Found != 1 || o.Older != 0 {
		t.Errorf("%+v", o)
	}
	if o := c.audit(0, "--orphans", "--since", "1h").Orphans; o.Found != 1 || o.Older != 1 {
		t.Errorf("%+v", o)
	}
	c.unnamed("another")
	c.says("audit --orphans --since 1h", "\n2 orphans among 4 keys; not told: 1 that began before ")
}

// A search says of which keys it does not know whether they are orphans.
func TestUnreadOrphans(t *testing.T) {
	c := rotatedCloud(t)
	c.unnamed("another")
	c.advance(3 * time.Hour)
	for operation, want := range map[string]struct {
		says     string
		unread   int
		unlisted int
	}{
		"ListResourceTags": {"\nno orphans among 2 keys; not known: 1 key that could not be read\n", 1, 0},
		"DescribeKey":      {"\nno orphans among 2 keys; not known: 1 key that could not be read\n", 1, 0},
		"ListKeys":         {"\nno key was looked at for orphans; not known: the keys of eu-west-1\n", 0, 1},
	} {
		c.faults(refused(operation, "AccessDeniedException", "not you"))
		c.says("audit --orphans", want.says)
		o := c.audit(1, "--orphans").Orphans
		if o.Found != 0 || o.Unread != want.unread || len(o.Unlisted) != want.unlisted {
			t.Errorf("without %s: %+v", operation, o)
		}
	}
}

// Whose tags could not be read, of that nobody knows whether it seals the ledger.
func TestUnreadSeal(t *testing.T) {
	c := rotatedCloud(t)
	if l := c.audit(0).Ledgers; len(l) != 1 || l[0].SealedTo == 0 || l[0].SealUnread {
		t.Errorf("%+v", l)
	}
	c.faults(refused("ListResourceTags", "AccessDeniedException", "not you"))
	if l := c.audit(1).Ledgers; len(l) != 1 || l[0].SealedTo != 0 || !l[0].SealUnread {
		t.Errorf("%+v", l)
	}
	p, _ := c.run("audit")
	contains(t, p.out.String(), "…  not known\n")
}
