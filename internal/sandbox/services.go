package sandbox

import (
	"github.com/keyturn/keyturn/internal/sandbox/ddbapi"
	"github.com/keyturn/keyturn/internal/sandbox/kmsapi"
	"github.com/keyturn/keyturn/internal/sandbox/stsapi"
	"github.com/keyturn/keyturn/internal/sandbox/wire"
)

// hosted makes the services of an account, all of them empty.
func hosted(account string) map[string]wire.Service {
	return map[string]wire.Service{
		serviceKMS:      kmsapi.New(account),
		serviceDynamoDB: ddbapi.New(account),
		serviceSTS:      stsapi.New(account),
	}
}
