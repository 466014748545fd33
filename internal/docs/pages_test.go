package docs

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// root is the top of the repository.
const root = "../.."

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(root, path))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// pages are those at the top and everything in docs, by path.
func pages(t *testing.T) map[string]string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(root, "docs", "*.md"))
	if err != nil || len(found) == 0 {
		t.Fatalf("%v: %v", found, err)
	}
	all := map[string]string{}
	for _, top := range []string{"README.md", "CONTRIBUTING.md", "SECURITY.md"} {
		all[top] = read(t, top)
	}
	for _, path := range found {
		name := "docs/" + filepath.Base(path)
		all[name] = read(t, name)
	}
	return all
}

// block is a fenced block of a page.
type block struct {
	language string
	// line is that of the first line of the block.
	line  int
	lines []string
}

func blocks(page string) []block {
	var all []block
	var open *block
	for i, line := range strings.Split(page, "\n") {
		text := strings.TrimSpace(line)
		switch {
		case open == nil && strings.HasPrefix(text, "```"):
			open = &block{language: strings.TrimPrefix(text, "```"), line: i + 2}
		case open != nil && text == "```":
			all, open = append(all, *open), nil
		case open != nil:
			open.lines = append(open.lines, line)
		}
	}
	return all
}

// prose returns a page without its blocks.
func prose(page string) string {
	return regexp.MustCompile("(?s)\n```.*?\n```").ReplaceAllString(page, "")
}

// codeSpans returns what is in backquotes in a text.
func codeSpans(text string) []string {
	var all []string
	for _, m := range regexp.MustCompile("`([^`\n]+)`").FindAllStringSubmatch(text, -1) {
		all = append(all, m[1])
	}
	return all
}

// section is what stands below one heading, up to the next of its level.
type section struct {
	title string
	text  string
}

// sections returns those of a page at a level: 3 is ###.
func sections(page string, level int) []section {
	var all []section
	plain := regexp.MustCompile("(?s)```.*?```").ReplaceAllStringFunc(page,
		func(b string) string { return strings.Repeat("`", len(b)) })
	heads := regexp.MustCompile(`(?m)^#{1,4} .*$`).FindAllStringIndex(plain, -1)
	for i, part := range heads {
		hashes, title, _ := strings.Cut(page[part[0]:part[1]], " ")
		if len(hashes) != level {
			continue
		}
		end := len(page)
		if i+1 < len(heads) {
			end = heads[i+1][0]
		}
		all = append(all, section{title, page[part[1]:end]})
	}
	return all
}

// rows returns the cells of all tables in a text, without headers' rules.
func rows(text string) [][]string {
	var all [][]string
	for _, line := range strings.Split(text, "\n") {
		if !strings.HasPrefix(line, "| ") {
			continue
		}
		cells := strings.Split(strings.Trim(line, "| "), " | ")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		all = append(all, cells)
	}
	return all
}

// words splits a command line as a shell does, as far as these pages need it:
// quotes of both kinds; a comment, a pipe or a redirection ends it.
func words(line string) []string {
	var all []string
	for {
		line = strings.TrimSpace(line)
		if line == "" || strings.ContainsRune("#|>", rune(line[0])) {
			return all
		}
		var word strings.Builder
		for line != "" && line[0] != ' ' {
			end := 1
			if q := line[0]; q == '"' || q == '\'' {
				closing := strings.IndexByte(line[1:], q)
				if closing < 0 {
					return append(all, word.String()+line)
				}
				end = closing + 2
				word.WriteString(line[1 : end-1])
			} else {
				word.WriteByte(q)
			}
			line = line[end:]
		}
		all = append(all, word.String())
	}
}
