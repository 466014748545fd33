package document

import (
	"cmp"
	"runtime"
	"runtime/debug"
)

// Program is "keyturn/version/1".
type Program struct {
	Format   string `json:"format"`
	Version  string `json:"version"`
	Revision string `json:"revision,omitempty"` // of the source
	Go       string `json:"go"`
	Platform string `json:"platform"`
}

// OfProgram returns the document of a build: its version, or where only the build knows it
// that of the module.
func OfProgram(version string) Program {
	d := Program{Format: "keyturn/version/1", Version: cmp.Or(version, "dev"),
		Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				d.Revision = s.Value
			}
		}
		if d.Version == "dev" && info.Main.Version != "" && info.Main.Version != "(devel)" {
			d.Version = info.Main.Version // go install module@version
		}
	}
	return d
}
