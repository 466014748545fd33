package document

import (
	"cmp"
	"runtime"
	"runtime/debug"
	"strings"
)

// Program is "keyturn/version/1".
type Program struct {
	Format   string `json:"format"`
	Version  string `json:"version"`
	Revision string `json:"revision,omitempty"` // of the source
	// Modified reports whether the source differs from the revision.
	Modified bool   `json:"modified,omitempty"`
	Go       string `json:"go"`
	Platform string `json:"platform"`
	// SDK has the modules of the AWS SDK.
	SDK []Module `json:"aws_sdk,omitempty"`
}

// Module is a part of the AWS SDK: core, dynamodb, kms or sts.
type Module struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

const sdk = "github.com/aws/aws-sdk-go-v2"

// OfProgram returns the document of a build: its version, or where only the build knows it
// that of the module.
func OfProgram(version string) Program {
	info, _ := debug.ReadBuildInfo()
	return ofBuild(version, info)
}

func ofBuild(version string, info *debug.BuildInfo) Program {
	d := Program{Format: "keyturn/version/1", Version: cmp.Or(version, "dev"),
		Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	if info == nil {
		return d
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			d.Revision = s.Value
		case "vcs.modified":
			d.Modified = s.Value == "true"
		}
	}
	if d.Version == "dev" && info.Main.Version != "" && info.Main.Version != "(devel)" {
		d.Version = info.Main.Version // go install module@version
	}
	for _, m := range info.Deps {
		name, service := strings.CutPrefix(m.Path, sdk+"/service/")
		if m.Path == sdk {
			name, service = "core", true
		}
		if !service || name != "core" && name != "dynamodb" && name != "kms" && name != "sts" {
			continue
		}
		if m.Replace != nil {
			m = m.Replace
		}
		d.SDK = append(d.SDK, Module{name, m.Version})
	}
	return d
}

// Text returns the same for a person, as one line.
func (p Program) Text() string {
	parts := []string{p.Go, p.Platform}
	if p.Revision != "" {
		commit := "commit " + p.Revision[:min(len(p.Revision), 12)]
		if p.Modified {
			commit += ", modified"
		}
		parts = append([]string{commit}, parts...)
	}
	for _, m := range p.SDK {
		if m.Name == "core" {
			m.Name = "AWS SDK"
		}
		parts = append(parts, m.Name+" "+m.Version)
	}
	return "keyturn " + p.Version + " (" + strings.Join(parts, ", ") + ")"
}
