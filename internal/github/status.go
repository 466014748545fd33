package github

import (
	"fmt"
	"slices"
	"time"

	"github.com/keyturn/keyturn/internal/document"
	"github.com/keyturn/keyturn/internal/status"
)

func ofStatus(d document.Status, at Place) (r Report) {
	var rows [][]string
	for _, k := range d.Keys {
		what := k.Text
		if k.Refusal != nil {
			what = k.Refusal.What
		}
		if k.Note != "" {
			what += "; " + k.Note
		}
		if slices.Contains(d.Needs, k.Name) || k.State == string(status.Unknown) {
			r.annotate(levelError, "keyturn status: "+k.Name, what+next(k.Next), at, k.Name)
		}
		live, ahead := "", k.Then
		if k.Active != nil {
			live = fmt.Sprintf("v%d", k.Active.Version)
		}
		if k.Rotation != nil {
			ahead = k.Rotation.Format(time.RFC3339)
		}
		rows = append(rows, []string{k.Name, k.State, live, ahead, what})
	}
	r.unread("status", d.Unread, at)
	r.Summary = heading("keyturn status", fmt.Sprintf("plan %s, table %s in %s, exit %d", d.Plan.Name, d.Plan.Table,
		d.Plan.Region, d.Exit)) +
		table([]string{"key", "state", "live", "next rotation", "what"}, rows)
	return r
}
