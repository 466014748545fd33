package kmsapi

import (
	"slices"
	"strings"

	"github.com/keyturn/keyturn/internal/sandbox/wire"
)

// refuse makes an answer that is not a success.
func refuse(code, format string, args ...any) error { return wire.Errorf(code, format, args...) }

// invalid returns what AWS says when a member of the request breaks the rules that
// are written in the API's model.
func invalid(format string, args ...any) error {
	return refuse("ValidationException", "1 validation error detected: "+format, args...)
}

// required refuses a request that lacks a member.
func required(member, value string) error {
	if value == "" {
		return invalid("Value null at '%s' failed to satisfy constraint: Member must not be null", member)
	}
	return nil
}

// requiredBlob refuses a request that lacks a binary member.
func requiredBlob(member string, value []byte) error {
	if len(value) == 0 {
		return invalid("Value null at '%s' failed to satisfy constraint: Member must not be null", member)
	}
	return nil
}

// oneOf refuses a value that the model does not list; an absent one is fine.
func oneOf(member, value string, allowed ...string) error {
	if value == "" || slices.Contains(allowed, value) {
		return nil
	}
	return invalid("Value '%s' at '%s' failed to satisfy constraint: Member must satisfy enum value set: [%s]",
		value, member, strings.Join(allowed, ", "))
}

// atMost refuses text that is too long.
func atMost(limit int, member, value string) error {
	if len(value) > limit {
		return invalid(
			"Value '%s' at '%s' failed to satisfy constraint: Member must have length less than or equal to %d",
			value, member, limit)
	}
	return nil
}

// within refuses a number outside its range.
func within(low, high int, member string, value int) error {
	switch {
	case value < low:
		return invalid(
			"Value '%d' at '%s' failed to satisfy constraint: Member must have value greater than or equal to %d",
			value, member, low)
	case value > high:
		return invalid(
			"Value '%d' at '%s' failed to satisfy constraint: Member must have value less than or equal to %d",
			value, member, high)
	}
	return nil
}

// first returns the first refusal of several checks.
func first(checks ...error) error {
	for _, err := range checks {
		if err != nil {
			return err
		}
	}
	return nil
}
