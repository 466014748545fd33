package document

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"

	"github.com/gowebpki/jcs"

	"github.com/keyturn/keyturn/plan"
)

// Exported is a line of `keyturn history --export`: one event.
type Exported struct {
	Key  string `json:"key"` // the partition key of the items
	Rev  int64  `json:"rev"`
	Hash string `json:"hash"` // SHA-256 of event
	// Event is in DynamoDB's JSON by RFC 8785, with who acted inside it.
	Event json.RawMessage `json:"event"`
}

// Export writes the events of ledgers, a line each.
func Export(w io.Writer, all []plan.KeyHistory) error {
	out := bufio.NewWriter(w)
	for _, h := range all {
		key, err := json.Marshal(h.Key.Key())
		if err != nil {
			return err
		}
		for _, e := range h.Events {
			// Not by json.Marshal, which would escape characters inside the event.
			fmt.Fprintf(out, `{"key":%s,"rev":%d,"hash":"%s","event":%s}`+"\n", key, e.Rev, e.Hash(), e.Stored)
		}
	}
	return out.Flush()
}

// ReadExport reads an export. It refuses a line that does not have the hash it says.
func ReadExport(r io.Reader) ([]plan.Exported, error) {
	var all []plan.Exported
	lines := json.NewDecoder(r)
	for n := 1; ; n++ {
		var line Exported
		switch err := lines.Decode(&line); {
		case err == io.EOF:
			return all, nil
		case err != nil:
			return nil, fmt.Errorf("line %d is not of an export: %w", n, err)
		}
		text, err := jcs.Transform(line.Event)
		if err != nil {
			return nil, fmt.Errorf("line %d is not of an export: %w", n, err)
		}
		if line.Key == "" || line.Rev < 1 || plan.HashOf(string(text)) != line.Hash {
			return nil, fmt.Errorf("line %d (revision %d) does not have the hash that it says: the file was changed",
				n, line.Rev)
		}
		all = append(all, plan.Exported{Key: line.Key, Link: plan.Link{Rev: line.Rev, Hash: line.Hash}})
	}
}
