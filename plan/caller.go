package plan

import (
	"slices"
	"strings"
)

// Who writes records is known by the ARN that AWS returns for the caller. For a role that
// is the ARN of a session: arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION. It has the name
// of the role and not its path. A name is that of one role in an account, whatever the paths:
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html
// So roles are compared by account and name, and a path tells nothing. Users keep theirs.

// Callers are who the plan expects to write records: ARNs of roles and users, with * at
// the end for any continuation. None expects everybody.
type Callers []string

// PrincipalForm matches the ARN of a role or a user, with * at its end or without.
var PrincipalForm = Pattern(
	`^arn:aws[a-z-]*:iam::[0-9]{12}:(role|user)/[a-zA-Z0-9_+=,.@/-]*([a-zA-Z0-9_+=,.@-]\*?|\*)$`)

// sessionForm matches the ARN of a session of a role.
var sessionForm = Pattern(`^arn:(aws[a-z-]*):sts::([0-9]{12}):assumed-role/([^/]+)/.+$`)

// PrincipalOf returns the ARN of the role that a session is of, without its path, which
// the session's ARN does not have; any other ARN as it is.
func PrincipalOf(caller string) string {
	if m := sessionForm().FindStringSubmatch(caller); m != nil {
		return "arn:" + m[1] + ":iam::" + m[2] + ":role/" + m[3]
	}
	return caller
}

// Has reports whether a caller, as AWS returns it, is expected.
func (c Callers) Has(caller string) bool {
	is := PrincipalOf(caller)
	return len(c) == 0 || slices.ContainsFunc(c, func(expected string) bool {
		prefix, open := strings.CutSuffix(withoutPath(expected), "*")
		return is == prefix || open && strings.HasPrefix(is, prefix)
	})
}

// withoutPath takes the path out of the ARN of a role.
func withoutPath(arn string) string {
	head, name, role := strings.Cut(arn, ":role/")
	if !role {
		return arn
	}
	return head + ":role/" + name[strings.LastIndex(name, "/")+1:]
}
