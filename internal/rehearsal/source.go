package rehearsal

import (
	"encoding/binary"
	"hash/fnv"
	"io"
	"math/rand/v2"
)

// source is randomness that belongs to one run, so that what a run draws, and
// what AWS draws for its calls, does not depend on what others do.
type source struct{ rand.PCG }

func newSource(seed uint64, names ...string) *source {
	h := fnv.New64a()
	for _, n := range names {
		_, _ = io.WriteString(h, n) // never fails
		_, _ = h.Write([]byte{0})
	}
	return &source{*rand.NewPCG(seed, h.Sum64())}
}

// Read fills p.
func (s *source) Read(p []byte) (int, error) {
	var word [8]byte
	for i := 0; i < len(p); i += len(word) {
		binary.LittleEndian.PutUint64(word[:], s.Uint64())
		copy(p[i:], word[:])
	}
	return len(p), nil
}

// tap is the sandbox's source: that of whoever calls.
type tap struct{ io.Reader }
