package trail

import (
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/keyturn/keyturn/plan"
)

// Most changes, and users, are kept; what is beyond that is said to be left out.
const (
	mostChanges = 100_000
	mostUsers   = 10_000
)

// Collector reads the files of a trail, and keeps what is about some keys.
type Collector struct {
	keys []*known
	// region is where the tables are.
	region  string
	users   map[userID]*User
	watched map[string]bool

	seen     map[string]bool
	changes  []change
	coverage Coverage
	files    int
	records  int
	// most is how many changes are kept. unjudged reports whether there are more, and leftOut
	// whether users were left out.
	most              int
	unjudged, leftOut bool
}

// known is what the ledger and the record of a key say.
type known struct {
	plan.KeyHistory
	// versions has the number of each of its KMS keys, and runs every run by its id.
	versions map[string]int64
	runs     map[string]plan.Who
	// requests has the event that tells each request, by its id.
	requests map[string]plan.Event
	// begun is when the ledger begins.
	begun time.Time
}

// change is an event that changes a key, or an item of its record or ledger.
type change struct {
	Event
	key *known
	// rev is the revision that a write of the record made; 0 if it is not known.
	rev int64
}

// New makes a collector for keys, whose tables are in a Region. Who uses the KMS keys with
// the given ids is kept, too.
func New(keys []plan.KeyHistory, region string, used []string) *Collector {
	c := &Collector{region: region, users: map[userID]*User{}, watched: map[string]bool{}, seen: map[string]bool{},
		most: mostChanges}
	for _, id := range used {
		c.watched[id] = true
	}
	for _, h := range keys {
		c.keys = append(c.keys, knownOf(h))
	}
	return c
}

func knownOf(h plan.KeyHistory) *known {
	k := &known{KeyHistory: h, versions: map[string]int64{}, runs: map[string]plan.Who{},
		requests: map[string]plan.Event{}}
	for _, e := range h.Events {
		if e.KeyID != "" && e.Version != 0 {
			k.versions[e.KeyID] = e.Version
		}
		for _, l := range e.Left {
			k.versions[l.KeyID] = l.Version
		}
		for _, call := range e.Calls {
			if call.RequestID != "" {
				k.requests[call.RequestID] = e
			}
		}
		if _, twice := k.runs[e.Run]; !twice {
			k.runs[e.Run] = e.Who
		}
		if k.begun.IsZero() || e.At.Before(k.begun) {
			k.begun = e.At
		}
	}
	if h.Record != nil {
		for _, v := range h.Record.Versions {
			k.versions[v.KeyID] = v.Version
		}
	}
	delete(k.versions, "")
	return k
}

// Read reads one file.
func (c *Collector) Read(name string, from io.Reader) error {
	c.files++
	c.coverage.begin()
	return Read(name, from, func(form Form, e Event) {
		c.records++
		if form == LogFile {
			c.coverage.add(e)
		}
		c.add(e)
	})
}

// add keeps an event that is about one of the keys.
func (c *Collector) add(e Event) {
	for _, k := range c.keys {
		switch {
		case e.Source == "kms" && e.Region == k.Key.Region && k.concerns(e):
			c.use(k, e)
		case e.Source == "dynamodb" && e.Region == c.region && e.Table == k.Key.Table && k.has(e):
		default:
			continue
		}
		if e.ReadOnly {
			continue
		}
		id := k.Key.Key() + " " + e.ID
		if e.ID != "" && c.seen[id] {
			continue
		}
		if len(c.changes) == c.most {
			c.unjudged = true
			continue
		}
		c.seen[id] = true
		c.changes = append(c.changes, change{Event: e, key: k})
	}
}

// concerns reports whether a call to KMS is about the key: its alias, a version alias of it,
// one of its versions, or a key that is made for it.
func (k *known) concerns(e Event) bool {
	if e.MadeFor == k.Key.Alias {
		return true
	}
	if slices.ContainsFunc(e.Keys, func(id string) bool { return k.versions[id] != 0 }) {
		return true
	}
	return slices.ContainsFunc(e.Aliases, func(name string) bool {
		_, version := plan.VersionOf(k.Key.Alias, name)
		return name == k.Key.Alias || version
	})
}

// has reports whether a call to DynamoDB is about the whole table, or about an item of the
// record or the ledger of the key.
func (k *known) has(e Event) bool {
	if !e.Data {
		return true
	}
	return slices.ContainsFunc(e.Items, func(i Item) bool { return i.Key == k.Key.Key() })
}

// version returns the version that an event is about, and its key; 0 if it is about none.
func (k *known) version(e Event) (int64, string) {
	ids := slices.Clone(e.Keys)
	if e.Target != "" { // it says more than the alias
		ids = slices.Insert(ids, 0, e.Target)
	}
	for _, id := range ids {
		if n := k.versions[id]; n != 0 {
			return n, id
		}
	}
	if len(ids) > 0 {
		return 0, ids[0]
	}
	return 0, ""
}

// userID tells users apart.
type userID struct{ key, arn, session, service, agent string }

// User is who used a version.
type User struct {
	Key     string
	Version int64
	KeyID   string
	Principal
	// Run is keyturn's own, such as the one that looked whether a new version works.
	Run  string
	Last time.Time
	// Operations has when each was last used; one that KMS has refused with the error.
	Operations map[string]time.Time
}

// Names returns the operations in order.
func (u User) Names() []string { return slices.Sorted(maps.Keys(u.Operations)) }

// cryptographic are the operations that use a key.
var cryptographic = []string{"Encrypt", "Decrypt", "ReEncrypt", "GenerateDataKey", "GenerateDataKeyWithoutPlaintext",
	"GenerateDataKeyPair", "GenerateDataKeyPairWithoutPlaintext", "Sign", "Verify", "GenerateMac", "VerifyMac",
	"DeriveSharedSecret", "Encapsulate", "Decapsulate"}

// use notes who used a version that is asked for.
func (c *Collector) use(k *known, e Event) {
	if !slices.Contains(cryptographic, e.Name) {
		return
	}
	for _, id := range e.Keys {
		if !c.watched[id] || k.versions[id] == 0 {
			continue
		}
		who := userID{id, e.Who.ARN, e.Who.Session, e.Who.Service, e.Who.UserAgent}
		u := c.users[who]
		if u == nil && len(c.users) == mostUsers {
			c.leftOut = true
			continue
		}
		if u == nil {
			u = &User{Key: k.Key.Name, Version: k.versions[id], KeyID: id, Principal: e.Who, Run: e.Run,
				Operations: map[string]time.Time{}}
			c.users[who] = u
		}
		name := e.Name
		if e.ErrorCode != "" {
			name += " (" + strings.TrimSuffix(e.ErrorCode, "Exception") + ")"
		}
		if e.At.After(u.Operations[name]) {
			u.Operations[name] = e.At
		}
		if e.At.After(u.Last) {
			u.Last = e.At
		}
	}
}
