package ddblock

import (
	"strings"
	"testing"
)

func TestKeyForm(t *testing.T) {
	for _, id := range []string{
		"1234abcd-12ab-34cd-56ef-1234567890ab", "mrk-1234abcd12ab34cd56ef1234567890ab", "k1",
		"arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
		"arn:aws-us-gov:kms:us-gov-west-1:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab",
	} {
		if !isKeyID(id) {
			t.Errorf("%s is an id", id)
		}
	}
	for _, id := range []string{
		"", "-", "k1 k2", "k1;reboot", "k1\n", "alias/k1", "arn:aws:kms:eu-west-1:1:key/k1",
		"arn:aws:s3:eu-west-1:111122223333:key/k1", "key/k1", "a\nb", "arn:aws:kms:eu-west-1:111122223333:key/",
		strings.Repeat("k", 257),
	} {
		if isKeyID(id) {
			t.Errorf("%q is no id", id)
		}
	}
}
