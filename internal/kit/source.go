package kit

import (
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/keyturn/keyturn/plan"
)

// mounted is a file of the plan: Key in the ConfigMap, Path in the pod's folder, File in
// the folder of the kit.
type mounted struct{ Key, Path, File string }

// keyForm is what a ConfigMap allows as a key.
var keyForm = plan.Pattern(`^[-._a-zA-Z0-9]+$`)

// mostConfigMap is how much a ConfigMap holds.
// https://kubernetes.io/docs/concepts/configuration/configmap/
const mostConfigMap = 1 << 20

// name returns the plan's file name.
func (s Source) name() string { return path.Base(s.Path) }

// mounted returns the plan and the key policies it names.
func (s Source) mounted() ([]mounted, error) {
	if !keyForm().MatchString(s.name()) {
		return nil, refuse("rename the file: keyturn.yaml", "%s is no name for a file of a ConfigMap", s.name())
	}
	files, err := s.files()
	if err != nil {
		return nil, err
	}
	list, size := []mounted{{s.name(), s.name(), s.Path}}, len(s.Text)
	for i, f := range files {
		if strings.Contains(f.Path, "=") {
			return nil, refuse("rename it", "the key policy %s has = in its path, which kustomize does not read",
				f.below)
		}
		list = append(list, mounted{fmt.Sprintf("policy-%d.json", i+1), f.below, f.Path})
		size += len(f.Text)
	}
	if size > mostConfigMap {
		return nil, refuse("make several plans of it",
			"the plan and its key policies have %d bytes; a ConfigMap holds %d", size, mostConfigMap)
	}
	return list, nil
}

// policyFile is a key policy; below is its path from the folder of the plan.
type policyFile struct {
	File
	below string
}

// files returns the key policies, which must stand below the folder of the plan.
func (s Source) files() (list []policyFile, err error) {
	for _, p := range slices.Sorted(maps.Keys(s.Policies)) {
		below := path.Clean(p)
		if !fs.ValidPath(below) {
			return nil, refuse("put it beside the plan", "the key policy %s is not below the folder of the plan", p)
		}
		list = append(list, policyFile{below: below,
			File: File{Path: path.Join(path.Dir(s.Path), below), Text: s.Policies[p], Copied: true}})
	}
	return list, nil
}

// copies returns the plan and the key policies as files of the kit; none if they are
// there already.
func (s Source) copies() ([]File, error) {
	if !s.Copy {
		return nil, nil
	}
	policies, err := s.files()
	list := []File{{Path: s.Path, Text: s.Text, Copied: true}}
	for _, f := range policies {
		list = append(list, f.File)
	}
	return list, err
}
