package kmsapi

import (
	"encoding/base64"
	"iter"
	"strings"
)

// page is the part of a list request that says which part is wanted.
type page struct {
	Limit  *int
	Marker string
}

// pageOutput is the part of the answer that reports whether there is more.
type pageOutput struct {
	NextMarker string `json:",omitempty"`
	Truncated  bool
}

// turn returns one page of a list whose items have keys in ascending order:
// from gives the items whose key is greater than the one it is called with.
// A marker holds the last key of the page before, so that a list which changes
// between two pages loses nothing and shows nothing twice.
func turn[T any](r *request, p page, usual, most int,
	from func(after string) iter.Seq2[string, T]) ([]T, pageOutput, error) {
	limit := usual
	if p.Limit != nil {
		limit = *p.Limit
	}
	if err := within(1, most, "limit", limit); err != nil {
		return nil, pageOutput{}, err
	}
	after, err := r.unmark(p.Marker)
	if err != nil {
		return nil, pageOutput{}, err
	}
	items, last := []T{}, ""
	for key, item := range from(after) {
		if len(items) == limit {
			return items, pageOutput{NextMarker: r.mark(last), Truncated: true}, nil
		}
		items, last = append(items, item), key
	}
	return items, pageOutput{}, nil
}

// mark makes the marker for what comes after a key.
func (r *request) mark(after string) string {
	return base64.URLEncoding.EncodeToString([]byte(r.Operation + " " + after))
}

func (r *request) unmark(marker string) (string, error) {
	if marker == "" {
		return "", nil
	}
	text, err := base64.URLEncoding.DecodeString(marker)
	after, ours := strings.CutPrefix(string(text), r.Operation+" ")
	if err != nil || !ours {
		return "", refuse("InvalidMarkerException", "Invalid marker %s", marker)
	}
	return after, nil
}
