package docs

import (
	"crypto/x509"
	"net/http"
	"time"

	"github.com/keyturn/keyturn/internal/sandbox"
)

// unrecorded are verbs whose write of the record is denied.
var unrecorded = map[string]situation{
	"hold is not recorded": {keeping, func(w *world) { rotated(w); w.unwritable() },
		[]string{"hold orders-data --reason look", "status", "run -v"}},
	"hold --all is not recorded": {three, func(w *world) { threeRotated(w); w.unwritable() },
		[]string{"hold --all --reason look", "status"}},
	"rollback is not recorded": {keeping, func(w *world) { rotated(w); w.unwritable() },
		[]string{"rollback orders-data --reason look --confirm orders-data", "status"}},
	"rotate is not recorded": {keeping, func(w *world) { rotated(w); w.unwritable() },
		[]string{"rotate orders-data --again --reason leak --confirm orders-data", "status"}},
	"reinstate is not recorded": {retiring, func(w *world) { retired(w); w.unwritable() },
		[]string{"reinstate orders-data/v1", "status"}},
	"release is not recorded": {keeping, func(w *world) {
		rotated(w)
		w.must(0, "hold orders-data --reason look")
		w.unwritable()
	}, []string{"release orders-data", "status"}},
	"a version is held": {retiring, func(w *world) {
		rotated(w)
		w.must(0, "hold orders-data/v1 --reason archive")
		w.advance(31 * day)
	}, append([]string{"run -v", "hold orders-data/v1 --reason more", "release orders-data/v1", "run"}, looks...)},
	"a version that is being disabled is held": {retiring, func(w *world) {
		rotated(w)
		w.advance(31 * day)
		w.killed("UpdateItem", 2, "run")
	}, append([]string{"hold orders-data/v1 --reason archive"}, looks...)},
	"a version is retired": {retiring, func(w *world) {
		rotated(w)
		w.must(0, "hold orders-data/v1 --reason archive")
	}, append([]string{"retire orders-data/v1 --reason leak",
		"retire orders-data/v1 --reason leak --confirm orders-data",
		"retire orders-data/v1 --reason leak --confirm orders-data", "reinstate orders-data"}, looks...)},
	"a retire just after a switch": {keeping, func(w *world) {
		rotated(w)
		w.must(0, "rotate orders-data --reason leak --confirm orders-data")
	}, []string{"retire orders-data/v2 --reason leak --confirm orders-data", "status"}},
	"a retire is denied": {keeping, func(w *world) { rotated(w); w.fault(denied("DisableKey")) },
		append([]string{"retire orders-data/v1 --reason leak --confirm orders-data"}, looks...)},
	"a retire died": {keeping, func(w *world) {
		rotated(w)
		w.killed("UpdateItem", 1, "retire orders-data/v1 --reason leak --confirm orders-data")
	}, append([]string{"retire orders-data/v1 --reason leak --confirm orders-data --wait 1s"}, looks...)},
	"a hold of a version is not recorded": {retiring, func(w *world) { rotated(w); w.unwritable() },
		[]string{"hold orders-data/v1 --reason look", "status"}},
	"a reinstate is recorded already": {retiring, func(w *world) {
		retired(w)
		w.fault(denied("EnableKey"))
		w.must(1, "reinstate orders-data/v1")
	}, []string{"reinstate orders-data", "status"}},
	"a reinstated version has no name": {retiring, func(w *world) {
		retired(w)
		w.deleteAlias(alias + "/v1")
		w.fault(denied("CreateAlias"))
		w.must(1, "reinstate orders-data/v1")
		w.fault()
		w.advance(time.Hour)
		w.must(13, "run")
		w.advance(time.Hour)
	}, []string{"run", "status", "rollback orders-data/v1 --reason look --confirm orders-data", "audit",
		"reinstate orders-data/v1", "status"}},
	"two rotations within a second, and a rollback": {keeping, func(w *world) {
		rotated(w)
		w.must(0, "rotate orders-data --reason leak --confirm orders-data")
		w.must(0, "rotate orders-data --again --reason leak --confirm orders-data")
	}, []string{"rollback orders-data --reason look --confirm orders-data"}},
	"a dry-run is denied": {keeping, func(w *world) { rotated(w); w.fault(denied("GetKeyPolicy")) },
		[]string{"rotate orders-data --dry-run", "rotate orders-data --reason leak"}},
	"adopt --create is under way": {creating, func(w *world) {
		empty(w)
		w.killed("CreateAlias", 1, "adopt orders-data --create")
	}, []string{"status", "adopt orders-data --create --wait 1s", "adopt orders-data"}},
	"adopt is not recorded": {keeping, func(w *world) { found(w); w.unwritable() },
		[]string{"adopt orders-data", "status"}},
	"an adopted drift is not recorded": {keeping, func(w *world) { drifted(w); w.unwritable() },
		[]string{"adopt orders-data --reason Terraform --confirm orders-data", "status"}},
	"a rebuild is not recorded": {keeping, func(w *world) { emptied(w); w.unwritable() },
		[]string{"adopt orders-data --from-kms --reason lost --confirm orders-data", "status"}},
	"a rotation is not recorded": {keeping, func(w *world) { rotated(w); w.advance(quarter); w.unwritable() },
		[]string{"run", "run -v", "status", "audit"}},
	"whether a hold was recorded is not known": {keeping, func(w *world) {
		rotated(w)
		w.fault(sandbox.Fault{Service: "dynamodb", Operation: "UpdateItem", Kind: sandbox.Lose},
			sandbox.Fault{Service: "dynamodb", Operation: "GetItem", Kind: sandbox.Drop},
			sandbox.Fault{Service: "dynamodb", Operation: "BatchGetItem", Kind: sandbox.Drop, Ordinal: 2})
	}, []string{"hold orders-data --reason look", "status"}},
}

// interruptions are commands that somebody ends with ^C.
var interruptions = map[string]situation{
	"interrupted behind another run": {keeping, func(w *world) {
		rotated(w)
		w.advance(quarter)
		w.killed("CreateKey", 1, "run")
		w.after = 5 * time.Second
	}, []string{"rotate orders-data --reason leak --confirm orders-data", "status", "run -v"}},
	"interrupted behind a fence": {keeping, func(w *world) {
		openSwitch(w)
		w.after = 5 * time.Second
	}, []string{"rollback orders-data --reason look --confirm orders-data", "status"}},
	"interrupted after the claim": {keeping, func(w *world) {
		rotated(w)
		w.advance(quarter)
		w.interruptedAt("UpdateItem", 1)
	}, append([]string{"run"}, looks...)},
	"interrupted after the new key was made": {keeping, func(w *world) {
		rotated(w)
		w.advance(quarter)
		w.interruptedAt("CreateKey", 1)
	}, []string{"run", "status", "audit", "run"}},
	"interrupted in the middle of rotate": {keeping, func(w *world) {
		rotated(w)
		w.interruptedAt("CreateAlias", 1)
	}, []string{"rotate orders-data --reason leak --confirm orders-data", "status", "audit", "run"}},
	"interrupted after the alias moved": {keeping, func(w *world) {
		rotated(w)
		w.advance(quarter)
		w.interruptedAt("UpdateAlias", 1)
	}, []string{"run", "status", "audit", "run -v"}},
	"interrupted hold": {keeping, func(w *world) {
		rotated(w)
		w.interruptedAt("UpdateItem", 1)
	}, []string{"hold orders-data --reason look", "status"}},
	"interrupted rollback": {keeping, func(w *world) {
		rotated(w)
		w.interruptedAt("UpdateItem", 2)
	}, []string{"rollback orders-data --reason look --confirm orders-data", "status", "audit"}},
	"interrupted put-back": {keeping, func(w *world) {
		drifted(w)
		w.interruptedAt("UpdateItem", 1)
	}, []string{"rollback orders-data/v2 --reason look --confirm orders-data", "status", "audit", "run", "status"}},
	"interrupted put-back, and an adopt": {keeping, func(w *world) {
		drifted(w)
		w.interruptedAt("UpdateItem", 1)
		w.must(130, "rollback orders-data/v2 --reason look --confirm orders-data")
	}, []string{"adopt orders-data --reason Terraform --confirm orders-data", "status"}},
	"interrupted after a version was disabled": {retiring, func(w *world) {
		rotated(w)
		w.advance(31 * day)
		w.interruptedAt("DisableKey", 1)
	}, []string{"run", "status", "run -v"}},
	"interrupted, and the lease cannot be freed": {keeping, func(w *world) {
		rotated(w)
		w.advance(quarter)
		w.at("CreateAlias", 1, func() { w.unwritable(); w.cancel() })
	}, []string{"run", "status"}},
	"rotate is given up by somebody else": {keeping, func(w *world) {
		rotated(w)
		w.at("CreateAlias", 1, func() { w.must(0, "rollback orders-data --reason no --confirm orders-data") })
	}, []string{"rotate orders-data --reason leak --confirm orders-data", "status"}},
	"interrupted before anything": {keeping, func(w *world) {
		rotated(w)
		w.advance(quarter)
		w.interruptedAt("BatchGetItem", 1)
	}, []string{"run", "status"}},
	"interrupted status": {keeping, func(w *world) { rotated(w); w.interruptedAt("DescribeKey", 1) },
		[]string{"status"}},
	"interrupted audit": {keeping, func(w *world) { rotated(w); w.interruptedAt("DescribeKey", 1) },
		[]string{"audit"}},
	"interrupted reinstate": {retiring, func(w *world) { retired(w); w.interruptedAt("UpdateItem", 1) },
		[]string{"reinstate orders-data/v1", "status", "run -v"}},
}

// openSwitch has sent an alias move, whose answer was lost.
func openSwitch(w *world) {
	rotated(w)
	w.advance(quarter)
	w.fault(sandbox.Fault{Service: "kms", Operation: "UpdateAlias", Kind: sandbox.Lose})
	w.must(1, "run")
	w.fault()
}

// outside are things that are wrong with the machine, the plan or the way to AWS.
var outside = map[string]situation{
	"stdout is full": {keeping, func(w *world) {
		rotated(w)
		w.advance(quarter)
		w.stdout = full{}
		w.at("UpdateAlias", 1, func() {})
	}, []string{"run", "status", "audit", "history orders-data", "hold orders-data --reason look"}},
	"the plan is wrong": {header + "    drian: 4d\n    retire: sometimes\n", func(*world) {}, looks[:3]},
	"the plan is empty": {"", func(*world) {}, []string{"run", "status"}},
	"a key is not in the plan": {keeping, rotated, []string{"run --key billing", "rollback billing --reason look",
		"reinstate orders-data/v9"}},
	"no confirmation": {keeping, rotated, []string{"rollback orders-data --reason look",
		"rotate orders-data --reason leak --confirm orders"}},
	"no reason": {keeping, rotated, []string{"rollback orders-data", "hold orders-data", "rotate orders-data"}},
	"a web server answers": {keeping, func(w *world) {
		rotated(w)
		w.answers = answer(http.StatusNotFound, "text/html", "<html><body>404 Not Found</body></html>")
	}, looks},
	"a web page answers": {keeping, func(w *world) {
		rotated(w)
		w.answers = answer(http.StatusOK, "text/html", "<html><body>Welcome</body></html>")
	}, looks},
	"a proxy answers": {keeping, func(w *world) {
		rotated(w)
		w.answers = answer(http.StatusBadGateway, "text/plain", "bad gateway")
	}, []string{"run", "status"}},
	"no STS there": {keeping, func(w *world) {
		rotated(w)
		w.fault(refuse("sts", "", "UnknownOperationException"))
	}, looks},
	"an emulator without GetKeyLastUsage": {asking, func(w *world) {
		rotated(w)
		w.advance(31 * day)
		w.fault(refuse("kms", "GetKeyLastUsage", "UnknownOperationException"))
	}, looks},
	"no credentials":  {keeping, func(w *world) { w.goOutside() }, looks},
	"no such profile": {keeping, func(w *world) { w.goOutside("AWS_PROFILE=nobody") }, []string{"run", "status"}},
	"the endpoint is no URL": {keeping, func(w *world) {
		w.goOutside("AWS_ENDPOINT_URL=localhost:4566", "AWS_ACCESS_KEY_ID=a", "AWS_SECRET_ACCESS_KEY=b")
	}, []string{"run", "status"}},
	"one endpoint is local, and others are not": {keeping, func(w *world) {
		w.goOutside("AWS_ENDPOINT_URL_KMS=http://localhost:4566", "AWS_ACCESS_KEY_ID=a", "AWS_SECRET_ACCESS_KEY=b")
	}, []string{"run", "status"}},
	"nothing listens at the endpoint": {keeping, func(w *world) {
		w.goOutside("AWS_ENDPOINT_URL=http://127.0.0.1:1", "AWS_ACCESS_KEY_ID=a", "AWS_SECRET_ACCESS_KEY=b")
	}, []string{"run", "status"}},
	"the proxy has a certificate of its own": {keeping, func(w *world) {
		rotated(w)
		w.answers = func(*http.Request) (*http.Response, error) { return nil, x509.UnknownAuthorityError{} }
	}, []string{"run", "status"}},
	"AWS answers in another form": {keeping, func(w *world) {
		rotated(w)
		said := answer(http.StatusBadRequest, "application/json", "{}")
		w.answers = func(r *http.Request) (*http.Response, error) {
			a, err := said(r)
			a.Header.Set("X-Amzn-Requestid", "00000000-0000-0000-0000-000000000000")
			return a, err
		}
	}, []string{"run", "status"}},
	"the Region is not enabled": {keeping, func(w *world) { rotated(w); w.fault(refuse("", "", "OptInRequired")) },
		[]string{"run", "status"}},
	"the secret key is wrong": {keeping, func(w *world) {
		rotated(w)
		w.fault(says("InvalidSignatureException", "The request signature we calculated does not match the signature "+
			"you provided."))
	}, []string{"run", "status"}},
	"the host's clock is wrong": {keeping, func(w *world) {
		rotated(w)
		w.fault(says("InvalidSignatureException", "Signature expired: 20260402T030000Z is now earlier than "+
			"20260402T050000Z (20260402T050500Z - 5 min.)"))
	}, []string{"run", "status"}},
	"the account has too many keys": {keeping, func(w *world) {
		rotated(w)
		w.advance(quarter)
		w.fault(refuse("kms", "CreateKey", "LimitExceededException"))
	}, looks},
	"a new key is not ready": {keeping, func(w *world) {
		rotated(w)
		w.advance(quarter)
		w.fault(refuse("kms", "CreateAlias", "KMSInvalidStateException"))
	}, looks},
	"a new key is not found": {keeping, func(w *world) {
		rotated(w)
		w.advance(quarter)
		w.fault(refuse("kms", "CreateAlias", "NotFoundException"))
	}, looks},
	"an emulator without CreateKey": {keeping, func(w *world) {
		rotated(w)
		w.advance(quarter)
		w.fault(refuse("kms", "CreateKey", "UnknownOperationException"))
	}, looks},
	"credentials have expired": {keeping, func(w *world) {
		rotated(w)
		w.fault(refuse("", "", "ExpiredTokenException"))
	}, looks},
	"credentials are of nobody": {keeping, func(w *world) {
		rotated(w)
		w.fault(refuse("", "", "UnrecognizedClientException"))
	}, looks},
}
