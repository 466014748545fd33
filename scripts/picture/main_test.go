package main

import (
	"encoding/xml"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
)

// What stands in docs is what this draws, and README.md shows both, with the words for who
// cannot see them.
func TestPicture(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	for theme, c := range themes {
		want, err := draw(c)
		if err != nil {
			t.Fatal(err)
		}
		name := "docs/keyturn-" + theme + ".svg"
		if got, err := os.ReadFile("../../" + name); err != nil || string(got) != string(want) {
			t.Errorf("%s: %v, or another picture; go run ./scripts/picture docs", name, err)
		}
		if !strings.Contains(string(readme), name) {
			t.Errorf("README.md does not show %s", name)
		}
		for d := xml.NewDecoder(strings.NewReader(string(want))); ; {
			if _, err := d.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatal(err)
			}
		}
	}
	if !strings.Contains(string(readme), Alt) {
		t.Error("README.md does not say what the picture says")
	}
}
