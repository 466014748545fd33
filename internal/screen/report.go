package screen

import (
	"fmt"
	"time"

	"github.com/keyturn/keyturn/internal/rotate"
	"github.com/keyturn/keyturn/plan"
)

// Trouble with a key, on stderr. Cron mails what is printed, and every pool
// runs every quarter of an hour: so what needs a person is printed in full by
// the one run whose write put it into the record, and in one line by all
// others, until it is settled.

// problem returns what went wrong with a key; not ok if nobody has to read it.
func (v View) problem(k rotate.KeyReport) (p Problem, ok bool) {
	now := v.Now()
	p = Problem{Verb: v.Verb, About: aboutOf(k), Next: k.Next(now)}
	switch exit := k.Exit(false); {
	case k.Outcome == plan.Interrupted:
		if v.Verb == "run" && !k.Changed() && (k.Record == nil || k.Record.Step == plan.Steady) {
			return p, false // it was not begun, and the next run does it
		}
		p.Code, p.What = plan.CodeInterrupted, "interrupted"
		if k.TimedOut {
			p.What = "stopped by --timeout"
		}
		if k.Freed() {
			p.What += "; the lease was given back"
		}
		p.Details = append(where(k), k.Works.Text(), v.ahead(k, now))
	case exit == plan.ExitPerson:
		p.Code, p.What = k.Refusal.Code, k.Refusal.What
		if !k.News && !v.Verbose && v.Verb == "run" { // a person who asked is told all of it
			p.What = "still refused: " + p.What + "; see " + v.Command("keyturn", "status", k.Policy.Name)
			p.Next = plan.Hint{}
			break
		}
		p.Details = append(where(k), k.Works.Text())
	case exit == plan.ExitFailed:
		fault := k.Fault()
		p.Code, p.What, p.Raw = fault.Code, failure(k), fault.Raw
		switch ahead := k.Ahead(); {
		case ahead == rotate.Unknown:
			p.Code = plan.CodeNotKnown
		case k.Outcome == plan.Lagging:
			p.Code = plan.CodeLag
		}
		p.Details = append(where(k), k.Works.Text(), v.ahead(k, now))
		if k.Gate != nil && k.Gate.Failed != "" {
			p.Details = append(where(k), k.Works.Text(), "the next run asks again; keyturn rotate switches without "+
				"asking",
				"before_switch is started by this user in this working directory: "+
					plan.Shell(k.Policy.BeforeSwitch...))
		}
	case exit == plan.ExitBusy:
		if v.Verb != "run" {
			v.notYet(&p, k, now)
			break
		}
		p.Code, p.What = plan.CodeBusy, "not finished within --wait: "+texts(k.Reasons)
		if k.Dry { // it does not wait
			p.What = "not known now: " + texts(k.Reasons)
		}
	default:
		return p, false
	}
	return p, true
}

// ahead says what becomes of what was asked for. What does not stand in the record no
// run will do.
func (v View) ahead(k rotate.KeyReport, now time.Time) string {
	switch k.Ahead() {
	case rotate.NotMeant:
		return "it was a dry-run, which writes nothing"
	case rotate.Retried:
		return "the next run tries again"
	case rotate.Daily:
		return "it is tried again after " + plan.Stamp(k.NextCheck())
	case rotate.Continued:
		return fmt.Sprintf("generation %d is open in the record: the next run goes on with it", k.Record.Generation)
	case rotate.Later:
		return fmt.Sprintf("generation %d is open in the record, and no run makes another key for it before %s",
			k.Record.Generation, plan.Stamp(k.Record.NextKey()))
	case rotate.CarriedOut:
		return "this " + v.Verb + " stands in the record, and no run has to go on with it"
	case rotate.Recorded:
		return "this " + v.Verb + " stands in the record: the next run goes on with it"
	case rotate.Joined:
		return fmt.Sprintf("what was asked for is generation %d, which another run began (%s): the next run goes "+
			"on with it",
			k.Record.Generation, k.Record.Claim.Verb)
	case rotate.Finished:
		return fmt.Sprintf("generation %d is finished; if anything is left, the next run does it", k.Record.Generation)
	case rotate.Unsure:
		return "whether it was recorded is not known: if the history does not show it, type it again"
	case rotate.AskAgain:
		return "ask again in a few minutes, when KMS shows what is"
	case rotate.Unknown:
		return "type it again if it is still wanted"
	}
	if r := k.Record; r != nil && r.Leased(now) {
		return fmt.Sprintf("%s/%s (run %s) has the key, and does not do this: nothing was recorded; type it again",
			r.Lease.Pool, r.Lease.Host, r.Lease.Run)
	}
	return "nothing was recorded; type it again"
}

func failure(k rotate.KeyReport) string {
	if k.Err != nil {
		return "failed: " + k.Err.Error()
	}
	return texts(k.Reasons)
}

// where returns which generation the trouble is in.
func where(k rotate.KeyReport) []string {
	r := k.Record
	if r == nil || r.Step == "" { // of a newer keyturn's record nothing is known
		return nil
	}
	text := fmt.Sprintf("generation %d, %s", r.Generation, r.Step)
	if r.Active != 0 {
		text += fmt.Sprintf("; live by the record: %s (%s)", plan.VersionName(r.Active), r.Live().KeyID)
	}
	return []string{text}
}

// warnings prints what is not wrong and should be known.
func (v View) warnings(r *rotate.Report) {
	var skew time.Duration
	if v.Skew != nil {
		skew = v.Skew()
	}
	if skew.Abs() > plan.MaxSkew {
		direction := "ahead of"
		if skew < 0 {
			direction = "behind"
		}
		v.Warn("clock-skew", "this host's clock is %s %s AWS's; keyturn goes by AWS's, other programs may not",
			plan.Age(skew), direction)
	}
	if t := r.Table; t != nil && t.ID == "" && t.Unsafe == "" {
		v.Warn("no-table-id", "table %s has no TableId: a restored or recreated table would not be noticed",
			v.Plan.Table)
	}
	if r.Dry {
		return // the grants stand among the steps
	}
	for _, k := range r.Keys {
		if k.Uncopied != "" {
			v.WarnOf(aboutOf(k), "ledger", k.Uncopied)
		}
		for _, note := range k.PolicyNotes {
			v.WarnOf(aboutOf(k), "key-policy", note)
		}
		for _, note := range k.RotationNotes {
			v.WarnOf(aboutOf(k), "auto-rotation", note)
		}
		if line := grantsText(k); line != "" && k.Did(plan.WriteFinish) {
			v.WarnOf(aboutOf(k), "grants", line)
		}
	}
}

// grantsText returns what does not follow an alias: AWS keeps grants with the
// key, so whoever was granted the old version is not granted the new one.
func grantsText(k rotate.KeyReport) string {
	if k.Before == nil || k.Before.Active == 0 {
		return ""
	}
	v := plan.VersionName(k.Before.Active)
	switch {
	case k.GrantsUnknown != "":
		return fmt.Sprintf("whether there are grants on %s is not known (%s); they would not follow the alias",
			v, k.GrantsUnknown)
	case k.Grants == 1:
		return fmt.Sprintf("1 grant on %s does not follow the alias", v)
	case k.Grants > 1:
		return fmt.Sprintf("%d grants on %s do not follow the alias", k.Grants, v)
	}
	return ""
}
