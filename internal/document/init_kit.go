package document

import "github.com/keyturn/keyturn/internal/kit"

// InitKit is "keyturn/init-kit/1": the files that run keyturn.
type InitKit struct {
	Format string     `json:"format"`
	Run    string     `json:"run"`
	Plan   Plan       `json:"plan"`
	Kit    string     `json:"kit"` // its kind
	DryRun bool       `json:"dry_run"`
	Dir    string     `json:"dir"`
	Files  []string   `json:"files"` // in dir
	Blanks []KitBlank `json:"fill_in"`
	Notes  []string   `json:"notes"`
	Next   *Next      `json:"next,omitempty"`
}

// KitBlank is a place to fill in.
type KitBlank struct {
	Name  string   `json:"name"` // as it stands in the files
	About string   `json:"about"`
	Files []string `json:"files"` // that have it
}

// OfInitKit returns the document of a kit.
func OfInitKit(run string, q kit.Request, k kit.Kit, dry bool) InitKit {
	d := InitKit{Format: "keyturn/init-kit/1", Run: run, Plan: ofPlan(q.Plan), Kit: string(q.Kind), DryRun: dry,
		Dir: q.Dir, Files: []string{}, Blanks: []KitBlank{}, Notes: append([]string{}, k.Notes...),
		Next: &Next{Commands: append([][]string{}, k.Next.Commands...), Note: k.Next.Note}}
	for _, f := range k.Files {
		d.Files = append(d.Files, f.Path)
	}
	for _, b := range k.Blanks {
		d.Blanks = append(d.Blanks, KitBlank{Name: b.Name, About: b.About, Files: b.Files})
	}
	return d
}
