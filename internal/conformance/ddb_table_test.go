package conformance

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	awsddb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

var tableRows = []row{
	{name: "CreateTable", doc: ddbAPI + "CreateTable.html", want: "ok protected, key HASH, item RANGE, PAY_PER_REQUEST",
		do: func(w *world) string {
			table := name()
			if _, err := w.createTable(table); err != nil {
				return said(err)
			}
			d := must(w.describeTable(table))
			guard := "not protected"
			if aws.ToBool(d.DeletionProtectionEnabled) {
				guard = "protected"
			}
			text := guard
			for _, k := range d.KeySchema {
				text += ", " + aws.ToString(k.AttributeName) + " " + string(k.KeyType)
			}
			mode := types.BillingMode("no billing mode")
			if d.BillingModeSummary != nil {
				mode = d.BillingModeSummary.BillingMode
			}
			return said(nil, text+",", mode)
		}},
	{name: "CreateTable: it exists", doc: ddbAPI + "CreateTable.html", want: "ResourceInUseException",
		do: func(w *world) string {
			_, err := w.createTable(*w.shared())
			return said(err)
		}},
	{name: "DescribeTable: no such table", doc: ddbAPI + "DescribeTable.html", want: "ResourceNotFoundException",
		do: func(w *world) string {
			_, err := w.describeTable(name())
			return said(err)
		}},
	{name: "DescribeTable: TableId stays", doc: ddbAPI + "TableDescription.html", want: "ok one TableId",
		do: func(w *world) string {
			first, second := must(w.describeTable(*w.shared())).TableId, must(w.describeTable(*w.shared())).TableId
			switch {
			case aws.ToString(first) == "":
				return said(nil, "no TableId")
			case *first != aws.ToString(second):
				return said(nil, "changing TableIds")
			}
			return said(nil, "one TableId")
		}},
	{name: "DescribeTable: a table made again has another TableId", doc: ddbAPI + "TableDescription.html",
		want: "ok another TableId", do: func(w *world) string {
			table := name()
			must(w.createTable(table))
			first := must(w.describeTable(table)).TableId
			if aws.ToBool(must(w.describeTable(table)).DeletionProtectionEnabled) {
				w.unprotect(table)
			}
			must(0, w.deleteTable(table))
			must(0, w.gone(table))
			must(w.createTable(table))
			second := must(w.describeTable(table)).TableId
			switch {
			case aws.ToString(first) == "" || aws.ToString(second) == "":
				return said(nil, "no TableId")
			case *first == *second:
				return said(nil, "the same TableId")
			}
			return said(nil, "another TableId")
		}},
	{name: "DeleteTable: it is protected", doc: ddbGuide + "WorkingWithTables.Basics.html", want: "refused",
		do: func(w *world) string {
			table := name()
			must(w.createTable(table))
			return refused(w.deleteTable(table))
		}},
	{name: "UpdateContinuousBackups: point-in-time recovery", doc: ddbAPI + "UpdateContinuousBackups.html",
		want: "ok ENABLED", do: func(w *world) string {
			table := name()
			must(w.createTable(table))
			on := types.PointInTimeRecoverySpecification{PointInTimeRecoveryEnabled: aws.Bool(true)}
			_, err := w.ddb.UpdateContinuousBackups(w.ctx,
				&awsddb.UpdateContinuousBackupsInput{TableName: &table, PointInTimeRecoverySpecification: &on})
			if err != nil {
				return code(err)
			}
			return w.recovery(table)
		}},
	{name: "DescribeContinuousBackups: of a new table", doc: ddbAPI + "DescribeContinuousBackups.html",
		want: "ok DISABLED", do: func(w *world) string {
			return w.recovery(*w.shared())
		}},
	{name: "DescribeTimeToLive: of a new table", doc: ddbAPI + "DescribeTimeToLive.html", want: "ok DISABLED",
		do: func(w *world) string {
			return w.ttl(*w.shared())
		}},
	{name: "UpdateTimeToLive", doc: ddbAPI + "UpdateTimeToLive.html", want: "ok ENABLED or ok ENABLING",
		do: func(w *world) string {
			table := name()
			must(w.createTable(table))
			_, err := w.ddb.UpdateTimeToLive(w.ctx, &awsddb.UpdateTimeToLiveInput{TableName: &table,
				TimeToLiveSpecification: &types.TimeToLiveSpecification{AttributeName: aws.String("expires"),
					Enabled: aws.Bool(true)}})
			if err != nil {
				return code(err)
			}
			return w.ttl(table)
		}},
}

func (w *world) recovery(table string) string {
	out, err := w.ddb.DescribeContinuousBackups(w.ctx, &awsddb.DescribeContinuousBackupsInput{TableName: &table})
	switch {
	case err != nil:
		return code(err)
	case out.ContinuousBackupsDescription == nil ||
		out.ContinuousBackupsDescription.PointInTimeRecoveryDescription == nil:
		return said(nil, "no description")
	}
	return said(nil, out.ContinuousBackupsDescription.PointInTimeRecoveryDescription.PointInTimeRecoveryStatus)
}

func (w *world) ttl(table string) string {
	out, err := w.ddb.DescribeTimeToLive(w.ctx, &awsddb.DescribeTimeToLiveInput{TableName: &table})
	switch {
	case err != nil:
		return code(err)
	case out.TimeToLiveDescription == nil:
		return said(nil, "no description")
	}
	return said(nil, out.TimeToLiveDescription.TimeToLiveStatus)
}
