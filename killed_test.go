package main

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strings"
	"sync"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/keyturn/keyturn/internal/sandbox"
)

// killedRun runs keyturn on the script's sandbox and kills it, as SIGKILL does,
// when it sends its first call of an operation, which never arrives:
//
//	killed-run CreateAlias
func killedRun(ts *testscript.TestScript, _ bool, args []string) {
	box, err := sandbox.Open(ts.Getenv("STATE"), sandbox.Options{})
	ts.Check(err)
	cmd := exec.Command("keyturn", "run")
	var once sync.Once
	started := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasSuffix(r.Header.Get("X-Amz-Target"), "."+args[0]) {
			box.ServeHTTP(w, r)
			return
		}
		_, _ = io.Copy(io.Discard, r.Body) // only then does the server notice the end of the client
		<-started
		once.Do(func() { _ = cmd.Process.Kill() })
		<-r.Context().Done()
	}))
	defer server.Close()
	cmd.Dir = ts.MkAbs(".")
	cmd.Env = append(sandbox.Env(strings.TrimPrefix(server.URL, "http://"), ts.Getenv("REGION")),
		"PATH="+ts.Getenv("PATH"), "HOME="+ts.Getenv("HOME"), "KEYTURN_POOL=killed")
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	ts.Check(cmd.Start())
	close(started)
	if cmd.Wait() == nil {
		ts.Fatalf("the run ended without %s\n%s", args[0], out.String())
	}
}
