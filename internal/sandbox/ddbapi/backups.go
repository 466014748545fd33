package ddbapi

import (
	"time"

	"github.com/keyturn/keyturn/internal/sandbox/wire"
)

type continuousBackups struct {
	ContinuousBackupsStatus        string
	PointInTimeRecoveryDescription pointInTimeDescription
}

type pointInTimeDescription struct {
	PointInTimeRecoveryStatus  string
	RecoveryPeriodInDays       int   `json:",omitempty"`
	EarliestRestorableDateTime epoch `json:",omitempty"`
	LatestRestorableDateTime   epoch `json:",omitempty"`
}

// maxRecoveryDays is how far back AWS can restore, and its default.
const maxRecoveryDays = 35

// backups are on for every table at AWS; only point-in-time recovery is a
// choice. The times are AWS's rule (AWS: "Point-in-time backups for DynamoDB"):
// from the start or the period ago, to five minutes ago.
func (t *table) backups(now time.Time) continuousBackups {
	d := continuousBackups{"ENABLED", pointInTimeDescription{PointInTimeRecoveryStatus: "DISABLED"}}
	if p := t.PointInTime; p != nil {
		earliest, latest := now.AddDate(0, 0, -p.Days), now.Add(-5*time.Minute)
		if earliest.Before(p.Since) {
			earliest = p.Since
		}
		if latest.Before(earliest) {
			latest = earliest
		}
		d.PointInTimeRecoveryDescription = pointInTimeDescription{"ENABLED", p.Days, toEpoch(earliest), toEpoch(latest)}
	}
	return d
}

// backedUp returns the table of an operation on backups, which have an error of
// their own for a missing one.
func (s *Service) backedUp(c wire.Call, name string) (*table, error) {
	return s.find(c, name, func(name string) *wire.Error {
		return wire.Errorf("TableNotFoundException", "Table not found: %s", name)
	})
}

func (t *table) backupsAnswer(c wire.Call) wire.Answer {
	return wire.Answer{Body: map[string]any{"ContinuousBackupsDescription": t.backups(c.Now)}, Resource: t.place.name}
}

func (s *Service) describeContinuousBackups(c wire.Call, in tableInput) (wire.Answer, error) {
	t, err := s.backedUp(c, in.TableName)
	if err != nil {
		return wire.Answer{}, err
	}
	return t.backupsAnswer(c), nil
}

type updateContinuousBackupsInput struct {
	TableName                        string
	PointInTimeRecoverySpecification *struct {
		PointInTimeRecoveryEnabled *bool
		RecoveryPeriodInDays       *int
	}
}

func (s *Service) updateContinuousBackups(c wire.Call, in updateContinuousBackupsInput) (wire.Answer, error) {
	t, err := s.backedUp(c, in.TableName)
	if err != nil {
		return wire.Answer{}, err
	}
	spec := in.PointInTimeRecoverySpecification
	if err := required("PointInTimeRecoverySpecification",
		spec != nil && spec.PointInTimeRecoveryEnabled != nil); err != nil {
		return wire.Answer{}, err
	}
	days := maxRecoveryDays
	if spec.RecoveryPeriodInDays != nil {
		days = *spec.RecoveryPeriodInDays
	}
	if days < 1 || days > maxRecoveryDays {
		return wire.Answer{}, invalid("1 validation error detected: Value '%d' at "+
			"'pointInTimeRecoverySpecification.recoveryPeriodInDays' failed to satisfy constraint: Member must have "+
			"value between 1 and %d", days, maxRecoveryDays)
	}
	switch {
	case !*spec.PointInTimeRecoveryEnabled:
		t.PointInTime = nil
	case t.PointInTime == nil:
		t.PointInTime = &pointInTime{c.Now, days}
	default:
		t.PointInTime.Days = days
	}
	answer := t.backupsAnswer(c)
	answer.Mutated = true
	return answer, nil
}
