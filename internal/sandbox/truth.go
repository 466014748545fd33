package sandbox

import (
	"time"

	"github.com/keyturn/keyturn/internal/sandbox/kmsapi"
	"github.com/keyturn/keyturn/internal/sandbox/wire"
)

// Truth is what KMS holds in a Region, whatever its reads show: lag and faults
// do not touch it, and looking leaves no trace.
type Truth = kmsapi.Truth

// Truth returns the state of KMS in a Region. A state file must be readable; if
// it is not, the answer is the state as last known.
func (s *Sandbox) Truth(region string) Truth {
	_ = s.exclusive(func() error { return nil })
	s.mu.Lock()
	defer s.mu.Unlock()
	service, ok := s.services[serviceKMS].(interface {
		wire.Service
		Truth(region string, now time.Time) kmsapi.Truth
	})
	if !ok { // this package's own tests
		return Truth{}
	}
	return service.Truth(region, s.clock.now())
}
