// Package conformance is one table of calls to AWS and of what AWS's
// documentation says comes back: everything that keyturn stands on. It checks
// the embedded AWS against that, and lists how other implementations differ.
//
//	go test ./internal/conformance
//
// asks the embedded AWS, which has to answer every row as documented.
//
//	go test ./internal/conformance -backend localstack
//
// asks what AWS_ENDPOINT_URL, or AWS_ENDPOINT_URL_KMS, _DYNAMODB and _STS,
// point to. A service without an endpoint is left out, and that is said. Such
// a backend passes if it differs in exactly the rows, and with exactly the
// answers, that differences.go lists under its name: a new difference fails,
// and so does one that is gone. The credentials are dummies and an endpoint of
// Amazon's is refused: nothing here is meant for a real account.
//
//	go test ./internal/conformance -update
//
// writes that list into docs/conformance.md.
package conformance
