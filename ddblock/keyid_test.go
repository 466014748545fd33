package ddblock

import "testing"

func TestKeyForm(t *testing.T) {
	for _, id := range []string{
		"1234abcd-12ab-34cd-56ef-1234567890ab", "mrk-1234abcd12ab34cd56ef1234567890ab", "k1",
		"arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
		"arn:aws-us-gov:kms:us-gov-west-1:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab",
	} {
		if !keyForm().MatchString(id) {
			t.Errorf("%s is an id", id)
		}
	}
}
