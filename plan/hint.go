package plan

import "strings"

// Hint is what a person can do next.
type Hint struct {
	// Commands are typed one after the other, as they stand. Each is a list of words,
	// unquoted and without the flags of the current command, such as --plan.
	Commands [][]string `json:"commands,omitempty"`
	// Note says what the commands do and when to type them, or what to do if there is
	// none. It is never a command.
	Note string `json:"note,omitempty"`
}

// reasonFlag is the flag for a person's reason; "..." stands for what to write there.
const reasonFlag = "--reason"

// Try returns the hint to type a command.
func Try(words ...string) Hint { return Hint{Commands: [][]string{words}} }

// Noted returns the hint that is only a note.
func Noted(note string) Hint { return Hint{Note: note} }

// Noted returns the hint with the note.
func (h Hint) Noted(note string) Hint {
	h.Note = note
	return h
}

// Then returns the hint with one more command, to be typed after the others.
func (h Hint) Then(words ...string) Hint {
	h.Commands = append(h.Commands[:len(h.Commands):len(h.Commands)], words)
	return h
}

// Empty reports whether there is nothing to do.
func (h Hint) Empty() bool { return len(h.Commands) == 0 && h.Note == "" }

// Typable reports whether every command can be written in a shell.
func (h Hint) Typable() bool {
	for _, words := range h.Commands {
		if strings.Contains(Shell(words...), Untypable) {
			return false
		}
	}
	return true
}

// WhoAmI returns the hint to ask AWS whose the credentials are.
func WhoAmI() Hint { return Try("aws", "sts", "get-caller-identity") }

// Repair returns the hint to enable a key that somebody disabled or scheduled for
// deletion.
func Repair(p Policy, k KeySeen) Hint {
	enable := []string{"aws", "kms", "enable-key", "--region", p.Region, "--key-id", k.KeyID}
	if k.State != KeyPendingDeletion {
		return Try(enable...)
	}
	return Try("aws", "kms", "cancel-key-deletion", "--region", p.Region, "--key-id", k.KeyID).Then(enable...)
}

// hintRotate returns the hint to rotate the key by hand.
func (d decider) hintRotate() Hint { return Try("keyturn", "rotate", d.p.Name, reasonFlag, "...") }

// Reinstate returns the hint to enable a version again.
func Reinstate(key, version string) Hint { return Try("keyturn", "reinstate", key+"/"+version) }

// hintReinstate returns the hint to enable a version again.
func (d decider) hintReinstate(version string) Hint {
	return Reinstate(d.p.Name, version)
}

// reinstateFirst returns the hint for a verb that needs an enabled version; "" is the
// version that was disabled last.
func (d decider) reinstateFirst(version string) Hint {
	name := d.p.Name
	if version != "" {
		name += "/" + version
	}
	return Try("keyturn", "reinstate", name).Noted("then type the verb again")
}

// fixAndRelease returns the hint for a key that holds itself.
func (d decider) fixAndRelease() Hint {
	return Try("keyturn", "release", d.p.Name).Noted("first see to what it says")
}
