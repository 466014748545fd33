package screen

import (
	"fmt"
	"strings"
)

// TableMade is a lock table, as init found or made it.
type TableMade struct {
	Name string
	// Created is whether this run made it; or, of a dry-run, would.
	Created bool
	// Recovery is whether point-in-time recovery is on.
	Recovery bool
	// Unsafe says why the table must not hold records; "" if it may.
	Unsafe string
	// Failed is whether it was not looked at to the end; stderr says why.
	Failed bool
	// Unsure is whether it may have been created: AWS did not answer.
	Unsure bool
}

// Tables returns what init --table prints.
func Tables(region, account string, dry bool, tables []TableMade) string {
	var b strings.Builder
	for _, t := range tables {
		where := fmt.Sprintf("table %s in %s of account %s: ", t.Name, region, account)
		switch {
		case t.Unsafe != "":
			continue // stderr has it
		case t.Failed && t.Created:
			b.WriteString(where + "created; on demand, deletion protection on; point-in-time recovery was not " +
				"turned on: type it again\n")
		case t.Unsure:
			b.WriteString(where + "whether it was created is not known: type it again\n")
		case t.Failed:
			continue // stderr has it
		case dry && t.Created:
			b.WriteString(where + "would be created\n" +
				"  1 dynamodb CreateTable              on demand, deletion protection on\n" +
				"  2 dynamodb UpdateContinuousBackups  point-in-time recovery on\n")
		case dry:
			b.WriteString(where + "is there\n  1 dynamodb UpdateContinuousBackups  point-in-time recovery on\n")
		case t.Created && t.Recovery:
			b.WriteString(where + "created; on demand, deletion protection and point-in-time recovery on\n")
		case t.Created:
			b.WriteString(where + "created; on demand, deletion protection on\n")
		case t.Recovery:
			b.WriteString(where + "is there; point-in-time recovery on\n")
		default:
			b.WriteString(where + "is there\n")
		}
	}
	return b.String()
}
