package plan

// goneRole matches what KMS shows in place of the ARN of a deleted role or user.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
var goneRole = Pattern(`^A(ROA|IDA|GPA|NPA)[A-Z0-9]{12,}$`)

// GoneRole reports whether a principal, as KMS shows it, is a role or user that was
// deleted. Policies and grants that name it stay; KMS refuses new ones.
func GoneRole(principal string) bool { return goneRole().MatchString(principal) }
