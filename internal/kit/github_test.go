package kit_test

import (
	"strings"
	"testing"

	"github.com/keyturn/keyturn/internal/kit"
)

func TestGitHub(t *testing.T) {
	q := request(t, kit.GitHub)
	q.Version, q.Source.Path, q.Source.Copy = "0.1.0", "keys/prod.yaml", false
	q.Source.Policies = map[string]string{"policies/orders.json": "{}"}
	compare(t, "github", write(t, q))

	q = request(t, kit.GitHub)
	q.Plan = parsed(t, strings.Replace(planText, "account: \"111122223333\"\n", "", 1))
	compare(t, "github-plain", write(t, q))
}

// A path that a shell or GitHub would read as more than a path is refused.
func TestGitHubRefused(t *testing.T) {
	for _, path := range []string{"my plan.yaml", "${{ github.token }}.yaml", "a;b.yaml", "*.yaml", "!a.yaml"} {
		q := request(t, kit.GitHub)
		q.Source.Path = path
		if _, err := kit.Write(q); err == nil {
			t.Errorf("%s is taken", path)
		}
	}
}
