package audit

import "github.com/keyturn/keyturn/plan"

// The hints that several findings give.

// awskms returns the hint to type a command of the aws CLI about one key.
func (c *checker) awskms(command, keyID string, more ...string) plan.Hint {
	return plan.Try(append([]string{"aws", "kms", command, "--region", c.p.Region, "--key-id", keyID}, more...)...)
}

// run returns the hint to go on with the key now.
func (c *checker) run() plan.Hint { return plan.RunNow(c.p) }

// lookAtCron returns the hint for what a run should have done since.
func (c *checker) lookAtCron() plan.Hint { return plan.LookAtCron(c.p) }

func (c *checker) history() plan.Hint { return plan.Try("keyturn", "history", c.p.Name) }

func (c *checker) release() plan.Hint { return plan.Try("keyturn", "release", c.p.Name) }

// holdAndRead returns the hint for a record that something else than keyturn changed.
func (c *checker) holdAndRead() plan.Hint {
	return plan.Try("keyturn", "hold", c.p.Name, "--reason", "...").Then("keyturn", "history", c.p.Name)
}

// lookUp returns the hint for a key that is gone.
func lookUp() plan.Hint {
	return plan.Noted("look the key up in CloudTrail; a deleted key cannot be brought back")
}
