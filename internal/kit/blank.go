package kit

import (
	"regexp"
	"slices"
)

// Blank is a place to fill in, and the files that have it.
type Blank struct {
	Name, About string
	Files       []string
}

const pagerBlank = "FILL-IN-PAGER"

// about says of each blank what goes there.
var about = map[string]string{
	pagerBlank: "the command that pages a person, with the message as its last argument; or give it by --page",
}

var blankForm = regexp.MustCompile(`FILL-IN-[A-Z]+(-[A-Z]+)*`)

// blanks returns those of the kit's own files, in the order in which they stand there.
func blanks(files []File) []Blank {
	var all []Blank
	for _, f := range files {
		if f.Copied {
			continue
		}
		for _, name := range blankForm.FindAllString(f.Text, -1) {
			i := slices.IndexFunc(all, func(b Blank) bool { return b.Name == name })
			if i < 0 {
				i, all = len(all), append(all, Blank{Name: name, About: about[name]})
			}
			if !slices.Contains(all[i].Files, f.Path) {
				all[i].Files = append(all[i].Files, f.Path)
			}
		}
	}
	return all
}
