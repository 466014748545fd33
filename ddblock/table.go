package ddblock

import (
	"context"
	"time"

	awsddb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/keyturn/keyturn/internal/awscall"
)

// Table is the lock table. It is safe for concurrent use.
type Table struct {
	api  *awsddb.Client
	name string
	host Host
	// stored reports whether reads keep events as they are stored; see Stored.
	stored bool
}

// New returns access to a table, which need not exist yet.
func New(api *awsddb.Client, table string) *Table { return NewOn(awscall.Host{}, api, table) }

// Host is the machine on which a Table waits.
type Host interface {
	// Pause sleeps for d, or until the context ends, whose error it returns.
	Pause(ctx context.Context, d time.Duration) error
}

// NewOn is New for another host than this one.
func NewOn(host Host, api *awsddb.Client, table string) *Table {
	return &Table{api: api, name: table, host: host}
}

// region returns the Region of the table.
func (t *Table) region() string { return t.api.Options().Region }

func primaryKey(key, item string) map[string]types.AttributeValue {
	return map[string]types.AttributeValue{keyAttr: textValue(key), itemAttr: textValue(item)}
}
