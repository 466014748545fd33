// Package kit writes the files that run keyturn in one place: as CronJobs, as
// systemd units, in a crontab, in a workflow; and those that make its table and
// roles. It is pure: a plan comes in, and for the roles the policies of package
// iam; texts go out.
//
// It does not know an account, a cluster or a person's pager unless it was told. What
// it does not know stands as FILL-IN-… in the files, and Kit.Blanks lists it.
package kit
