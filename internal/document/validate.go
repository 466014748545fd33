package document

import "github.com/keyturn/keyturn/plan/planfile"

// Validate is "keyturn/validate/1".
type Validate struct {
	Format string         `json:"format"`
	Valid  bool           `json:"valid"` // all of them
	Files  []ValidateFile `json:"files"`
}

// ValidateFile is what is wrong with one plan.
type ValidateFile struct {
	File     string    `json:"file"`
	Valid    bool      `json:"valid"`
	Keys     []string  `json:"keys,omitempty"` // names, if it is valid
	Problems []Problem `json:"problems"`
}

// OfValidate returns the document of a validation, before any file.
func OfValidate() Validate { return Validate{Format: "keyturn/validate/1", Valid: true} }

// Add adds a file: its plan, or what is wrong with it.
func (v *Validate) Add(file string, p *planfile.Plan, problems planfile.Problems) {
	f := ValidateFile{File: file, Valid: p != nil, Problems: ofProblems(problems)}
	if p != nil {
		for _, k := range p.Keys {
			f.Keys = append(f.Keys, k.Name)
		}
	}
	v.Valid = v.Valid && f.Valid
	v.Files = append(v.Files, f)
}
