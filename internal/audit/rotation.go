package audit

import (
	"fmt"
	"strings"
	"time"

	"github.com/keyturn/keyturn/plan"
)

// Before returns the version that was live before the live one, if its key still
// exists: a new version takes over its automatic rotation. ok is false if the live
// version was not made by a rotation.
func Before(r *plan.Record) (before plan.Version, ok bool) {
	if r.Active == 0 || r.Live().Adopted || r.Active != r.Generation {
		return before, false
	}
	for _, v := range r.Old() {
		if v.Left.After(before.Left) {
			before = v
		}
	}
	return before, before.Version > 0
}

// rotation compares the automatic rotation of the versions that callers can use with what
// the plan says; or, where new versions take it over, that of the live one with that of the
// version before.
func (c *checker) rotation() {
	if !c.p.AutoRotation.Copies() {
		for _, v := range c.r.Versions {
			if v.Version == c.r.Active || v.State == plan.Draining || v.State == plan.Kept {
				c.rotates(v, plan.RotationSeen{Every: c.p.AutoRotation.Every}, "the plan says auto_rotation")
			}
		}
		return
	}
	if c.r.Active == 0 {
		return
	}
	before, ok := Before(c.r)
	if want, asked := c.s.Rotations[before.KeyID]; ok && asked && want.Unknown == "" {
		c.rotates(*c.r.Live(), want, "that of "+plan.VersionName(before.Version))
	}
}

// rotates compares the automatic rotation of one version; than describes what with.
func (c *checker) rotates(v plan.Version, want plan.RotationSeen, than string) {
	is, asked := c.s.Rotations[v.KeyID]
	if !asked || is.Unknown != "" || is == want {
		return
	}
	f := Finding{Code: plan.CodeAutoRotation, Level: Warning, KeyID: v.KeyID, Version: v.Version,
		Observed: is.Text(), Expected: want.Text(),
		What: fmt.Sprintf("automatic rotation of %s %s; %s %s", plan.VersionName(v.Version), is.Text(), than,
			want.Text()),
		Hint: c.awskms("disable-key-rotation", v.KeyID)}
	if want.Every > 0 {
		f.Hint = c.awskms("enable-key-rotation", v.KeyID, "--rotation-period-in-days",
			fmt.Sprint(int(want.Every/(24*time.Hour))))
	}
	if c.p.AutoRotation.Copies() {
		f.Hint.Note = "or say auto_rotation: in the plan"
	}
	c.add(f)
}

// materials looks for versions whose material somebody has rotated on demand since keyturn
// made them or took them over. KMS keeps the material before, so all data stays readable.
func (c *checker) materials() {
	for _, v := range Usable(c.r, c.s.Keys) {
		since := c.s.Keys[v.KeyID].CreatedAt
		if made, ok := c.told.made[v.Version]; !ok || made.keyID != v.KeyID {
			if since = c.takenOver(v.Version); since.IsZero() {
				continue
			}
		}
		var times []string
		f := Finding{Code: plan.CodeMaterialRotated, Level: Warning, KeyID: v.KeyID, Version: v.Version,
			Expected: "no rotation on demand"}
		for _, at := range c.s.OnDemand[v.KeyID] {
			if at.After(since) {
				times = append(times, plan.Stamp(at))
				if f.Since.IsZero() || at.Before(f.Since) {
					f.Since = at
				}
			}
		}
		if len(times) == 0 {
			continue
		}
		f.Observed = strings.Join(times, ", ")
		f.What = fmt.Sprintf("the material of %s was rotated on demand (%s): keyturn did not do that, and counts "+
			"it as no rotation", plan.VersionName(v.Version), f.Observed)
		f.Hint = plan.Noted("CloudTrail has RotateKeyOnDemand, and who called it; data stays readable")
		c.add(f)
	}
}

// takenOver returns when a version was taken as it was found; zero if no event says it.
func (c *checker) takenOver(version int64) time.Time {
	for _, e := range c.told.events {
		if e.Is(plan.EventAdopt) && e.Version == version {
			return e.At
		}
	}
	return time.Time{}
}
