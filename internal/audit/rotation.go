package audit

import (
	"fmt"
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

// rotation compares the automatic rotation of the live version with what the plan
// says, or, where new versions take it over, with that of the version before.
func (c *checker) rotation() {
	if c.r.Active == 0 {
		return
	}
	live, asked := c.s.Rotations[c.r.Live().KeyID]
	if !asked || live.Unknown != "" {
		return
	}
	want, than := plan.RotationSeen{Every: c.p.AutoRotation.Every}, "the plan says auto_rotation"
	if c.p.AutoRotation.Copies() {
		before, ok := Before(c.r)
		if !ok {
			return
		}
		if want, asked = c.s.Rotations[before.KeyID]; !asked || want.Unknown != "" {
			return
		}
		than = "that of " + plan.VersionName(before.Version)
	}
	if live == want {
		return
	}
	f := Finding{
		Code:  plan.CodeAutoRotation,
		Level: Warning,
		KeyID: c.r.Live().KeyID,
		What: fmt.Sprintf(
			"automatic rotation of %s %s; %s %s",
			plan.VersionName(c.r.Active),
			live.Text(),
			than,
			want.Text(),
		),
		Hint: c.awskms("disable-key-rotation", c.r.Live().KeyID),
	}
	if want.Every > 0 {
		f.Hint = c.awskms("enable-key-rotation", c.r.Live().KeyID, "--rotation-period-in-days",
			fmt.Sprint(int(want.Every/(24*time.Hour))))
	}
	if c.p.AutoRotation.Copies() {
		f.Hint.Note = "or say auto_rotation: in the plan"
	}
	c.add(f)
}
