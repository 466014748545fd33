package docs

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// claims matches the words by which a text says how the world is.
var claims = regexp.MustCompile(`(?i)\b(works|safe|done|free|served|goes on by itself)\b`)

// claimless are literals with such a word that say nothing about a key, and why.
var claimless = map[string]string{
	// help
	"shows that one never served, and gives a command only then. It asks KMS about every\n": "what is looked for",
	"0    done, or nothing to do":                                        "what an exit code means",
	"loopback `ADDRESS` to serve on; port 0 takes a free one ":           "a port",
	"; a free port with CMD)":                                            "a port",
	"Prices of %s (%s). No free tier, no backups, no audit, no taxes.\n": "a price",

	// what a saved decision is
	"For a reviewed change, --dry-run --out FILE saves what would be done, and --expect\n":   "what a flag is for",
	"FILE carries out exactly that. If by now something else would be done, to any key of\n": "what a flag is for",
	"shows what would be done now; nothing was done":                                         "what a command is for",
	"shows what would be done now; save it again with --out FILE and have it reviewed":       "what a command is for",
	"nothing was saved to %s: what would be done is not known of all keys":                   "of a file",
	"to be done":              "of a saved decision",
	"not to be done":          "of a saved decision",
	"saved-done":              "a code",
	"what was saved was done": "the generation that was saved is finished in the record or the ledger",

	// what it cannot say
	"whether what was saved was done is not known: the ": "the ledger could not be read",

	// what this command did
	"; nothing was done": "of a call",
	"the credentials are of account %s (caller %s), the plan is for %s; nothing was done": "of a command",

	// words with a place of their own
	"DONE": "the head of a column",
	"done": "a code of JSON documents",
	"free": "a word of the record",
}

// silent are the folders and files without texts of the program to its users about their
// keys: the AWS of tests, simulations, scripts for shells, and the one place that says
// what was seen.
var silent = []string{"internal/sandbox/", "internal/rehearsal/", "cmd/completion.go", "plan/claim/",
	"scripts/"}

// Only plan/claim says that something works, is safe, served or will be done, for only
// there it follows from what was seen.
func TestClaims(t *testing.T) {
	seen := map[string]bool{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		name, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		for _, s := range silent {
			if strings.HasPrefix(filepath.ToSlash(name), s) {
				return nil
			}
		}
		files := token.NewFileSet()
		file, err := parser.ParseFile(files, path, nil, 0)
		if err != nil {
			return err
		}
		for _, l := range texts(file) {
			text, err := strconv.Unquote(l.Value)
			if err != nil {
				return err
			}
			if claims.MatchString(text) {
				if seen[text] = true; claimless[text] == "" {
					t.Errorf("%s:%d: %s", name, files.Position(l.Pos()).Line, l.Value)
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for text := range claimless {
		if !seen[text] {
			t.Errorf("nothing says %q any more", text)
		}
	}
}

// texts returns the string literals of a file, but its imports and the tags of fields.
func texts(file *ast.File) []*ast.BasicLit {
	var all []*ast.BasicLit
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ImportSpec:
			return false
		case *ast.Field:
			if n.Tag != nil {
				n.Tag = nil // it is not visited
			}
		case *ast.BasicLit:
			if n.Kind == token.STRING {
				all = append(all, n)
			}
		}
		return true
	})
	return all
}
