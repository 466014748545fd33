package plan

// Fault describes an error to the caller of keyturn.
type Fault struct {
	// Code names the kind of error for programs.
	Code Code
	Exit Exit
	// Hint is what a person can do about it.
	Hint Hint
	// Raw is what AWS or its SDK said, for -v and logs; "" if the error is not theirs.
	Raw string
	// Data is further data for programs; nil for most errors.
	Data any
}

// FaultError is an error that has its own Fault. Its type is declared where the error
// arises; there is no list of them.
type FaultError interface {
	error
	Fault() Fault
}
