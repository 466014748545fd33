package sandbox

import (
	"io"

	"github.com/keyturn/keyturn/internal/sandbox/ddbapi"
	"github.com/keyturn/keyturn/internal/sandbox/iamapi"
	"github.com/keyturn/keyturn/internal/sandbox/kmsapi"
	"github.com/keyturn/keyturn/internal/sandbox/snsapi"
	"github.com/keyturn/keyturn/internal/sandbox/stsapi"
	"github.com/keyturn/keyturn/internal/sandbox/wire"
)

// hosted makes the services of an account, all of them empty.
func hosted(account string, random io.Reader) map[string]wire.Service {
	items := ddbapi.New(account)
	items.Rand = random
	return map[string]wire.Service{
		serviceKMS:      kmsapi.NewWithRand(account, random),
		serviceDynamoDB: items,
		serviceSTS:      stsapi.New(account),
		serviceIAM:      iamapi.New(account),
		serviceSNS:      snsapi.New(account),
	}
}
