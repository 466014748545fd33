package kit

import (
	"slices"
	"strings"

	"github.com/keyturn/keyturn/internal/iam"
	"github.com/keyturn/keyturn/plan"
	"github.com/keyturn/keyturn/plan/planfile"
)

// Kind is where keyturn is to run, or what is to be made for it.
type Kind string

// The kinds.
const (
	Kubernetes     Kind = "kubernetes"
	Systemd        Kind = "systemd"
	Terraform      Kind = "terraform"
	CloudFormation Kind = "cloudformation"
	GitHub         Kind = "github"
	Cron           Kind = "cron"
)

// Request is what a kit is written for.
type Request struct {
	Kind Kind
	Plan *planfile.Plan
	// Source is the plan as a file, for the kits that need it in their folder.
	Source Source
	// Dir is the folder of the kit, as it was named: for commands to type.
	Dir   string
	Pools []string
	// Image is the container image, Pager a shell command that gets a message as its last
	// argument, Identity how the place proves who it is. "": the default.
	Image, Pager string
	Identity     Identity
	// Version is that of a release; "" if this is none.
	Version string
	// Partition returns the AWS partition of a Region, such as aws-cn.
	Partition func(region string) string
	// Account is "" if it is not known.
	Account string
	// Policies are those of each role.
	Policies map[iam.Role][]iam.Document
	// Notes are what package iam says about them.
	Notes []string
}

// Source is the plan file and the key policies it names.
type Source struct {
	// Path is relative to the folder of the kit, with slashes.
	Path string
	// Copy says that the files are not in that folder yet.
	Copy bool
	Text string
	// Policies are the key policies, by their path relative to the plan.
	Policies map[string]string
}

// File is a file of a kit. Its path has slashes and is relative to the kit's folder.
type File struct {
	Path, Text string
	// Copied says that the text is not the kit's own.
	Copied bool
}

// Kit is what was written.
type Kit struct {
	Files  []File
	Blanks []Blank
	Notes  []string
	Next   plan.Hint
}

// kinds are how each kind is written, which flags it reads, and for which identities.
var kinds = map[Kind]struct {
	write      func(*Request) (Kit, error)
	flags      []string
	identities []Identity
}{
	Kubernetes:     {(*Request).kubernetes, []string{"pools", "image", "identity"}, []Identity{PodIdentity, IRSA}},
	Terraform:      {(*Request).terraform, ofRoles, anywhere},
	CloudFormation: {(*Request).cloudFormation, ofRoles, anywhere},
	GitHub:         {(*Request).github, nil, nil},
	Cron:           {(*Request).cron, []string{"pools", "page"}, nil},
	Systemd:        {(*Request).systemd, []string{"pools", "page"}, nil},
}

// ofRoles are the flags of the kits that make roles.
var ofRoles = []string{"identity", "pattern", "also-alias", "read"}

// Kinds returns all kinds.
func Kinds() []Kind {
	return []Kind{Kubernetes, Systemd, Terraform, CloudFormation, GitHub, Cron}
}

// Reads reports whether a kind has a use for a flag.
func (k Kind) Reads(flag string) bool { return slices.Contains(kinds[k].flags, flag) }

// Write writes a kit.
func Write(q Request) (Kit, error) {
	if err := q.check(); err != nil {
		return Kit{}, err
	}
	k, err := kinds[q.Kind].write(&q)
	if err != nil {
		return Kit{}, err
	}
	if err := k.eachOnce(); err != nil {
		return Kit{}, err
	}
	k.Notes, k.Blanks = slices.Concat(k.Notes, q.needs(), q.Notes), blanks(k.Files)
	return k, nil
}

// eachOnce refuses a plan or a key policy whose copy would take the place of another file of
// the kit, also where a file system does not tell capitals from small letters.
func (k Kit) eachOnce() error {
	seen := map[string]bool{}
	for _, f := range k.Files {
		path := strings.ToLower(f.Path)
		if seen[path] {
			return refuse("rename yours: keyturn.yaml", "%s is the name of one of the kit's own files", f.Path)
		}
		seen[path] = true
	}
	return nil
}
