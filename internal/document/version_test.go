package document

import (
	"runtime"
	"runtime/debug"
	"testing"
)

// The version names the commit, Go and the AWS SDK, as the build knows them.
func TestVersion(t *testing.T) {
	info := &debug.BuildInfo{
		Main: debug.Module{Version: "v1.2.3"},
		Settings: []debug.BuildSetting{{Key: "vcs.revision", Value: "0123456789abcdef0123456789abcdef01234567"},
			{Key: "vcs.modified", Value: "true"}},
		Deps: []*debug.Module{{Path: sdk, Version: "v1.48.0"}, {Path: sdk + "/service/kms", Version: "v1.62.6"},
			{Path: sdk + "/service/sso", Version: "v1.39.5"},
			{Path: sdk + "/service/sts", Version: "v1.0.0", Replace: &debug.Module{Version: "v1.52.0"}}},
	}
	built := runtime.Version() + ", " + runtime.GOOS + "/" + runtime.GOARCH
	rest := " (commit 0123456789ab, modified, " + built + ", AWS SDK v1.48.0, kms v1.62.6, sts v1.52.0)"
	for version, want := range map[string]string{"": "keyturn v1.2.3" + rest, "v9": "keyturn v9" + rest} {
		if got := ofBuild(version, info).Text(); got != want {
			t.Errorf("%q: %s\nwant %s", version, got, want)
		}
	}
	if got := ofBuild("", nil).Text(); got != "keyturn dev ("+built+")" {
		t.Error(got)
	}
}
