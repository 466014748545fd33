// Command picture draws the picture at the top of README.md, light and dark:
//
//	go run ./scripts/picture docs
//
// Eight crons start at once, one item in DynamoDB lets one of them rotate, the alias moves
// once, and a move that was signed and comes late is refused by AWS.
package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"text/template"
)

// colours of one picture. Text has a contrast of at least 4.5 to 1 with what is behind it.
type colours struct {
	Back, Box, Line, Text, Quiet, Good, Bad string
}

var themes = map[string]colours{
	"light": {"#ffffff", "#f6f8fa", "#8c959f", "#1f2328", "#59636e", "#116329", "#b3261e"},
	"dark":  {"#0d1117", "#161b22", "#6e7681", "#e6edf3", "#9da7b3", "#56d364", "#ff8a80"},
}

// pool is one cron. The third one rotates, and the sixth was stopped at its alias move.
type pool struct {
	N, Y    int
	Rotates bool
	Late    bool
}

type picture struct {
	colours
	Pools []pool
}

// Alt says the same in words, for who cannot see it.
const Alt = "Eight crons start at the same instant. One conditional write to one item in DynamoDB lets one of them " +
	"rotate; the others see that it is done. The alias moves once, from v1 to v2. A run that was stopped at its own " +
	"alias move goes on late, and AWS refuses its signature."

var svg = template.Must(template.New("svg").Parse(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 880 330" ` +
	`width="880" height="330" role="img" aria-labelledby="t d"
font-family="-apple-system, Segoe UI, Helvetica, Arial, sans-serif" font-size="13">
<title id="t">keyturn: eight crons, one item, one alias</title>
<desc id="d">` + Alt + `</desc>
<defs>
<marker id="quiet" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path
d="M0 0L8 4L0 8z" fill="{{.Line}}"/></marker>
<marker id="good" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path
d="M0 0L8 4L0 8z" fill="{{.Good}}"/></marker>
</defs>
<rect width="880" height="330" fill="{{.Back}}"/>
<text x="20" y="24" fill="{{.Quiet}}">03:00:00, in every pool</text>
{{range .Pools}}<rect x="20" y="{{.Y}}" width="118" height="26" rx="5" fill="{{$.Box}}"
stroke="{{if .Rotates}}{{$.Good}}{{else if .Late}}{{$.Bad}}{{else}}{{$.Line}}{{end}}"/>
<text x="30" y="{{.TextY}}" fill="{{$.Text}}">cron, pool {{.N}}</text>
{{if .Late}}<path d="M138 {{.Middle}} C 250 {{.Middle}} 300 300 400 300 L 600 300 C 640 300 655 262 660 240"
fill="none" stroke="{{$.Bad}}" stroke-width="2" stroke-dasharray="6 4"/>
{{else}}<path d="M138 {{.Middle}} C 220 {{.Middle}} 230 {{.End}} 302 {{.End}}" fill="none"
{{if .Rotates}}stroke="{{$.Good}}" stroke-width="2.5" marker-end="url(#good)"
{{else}}stroke="{{$.Line}}" marker-end="url(#quiet)"{{end}}/>
{{end}}{{end}}<rect x="306" y="92" width="190" height="118" rx="7" fill="{{.Box}}" stroke="{{.Text}}"
stroke-width="1.5"/>
<text x="320" y="116" fill="{{.Quiet}}">one item in DynamoDB</text>
<text x="320" y="140" fill="{{.Text}}" font-weight="600">orders-data</text>
<text x="320" y="162" fill="{{.Text}}">lock, lease and state</text>
<text x="320" y="190" fill="{{.Good}}">rev 41 → 42: one writes</text>
<path d="M498 151 L 606 151" fill="none" stroke="{{.Good}}" stroke-width="2.5" marker-end="url(#good)"/>
<text x="508" y="141" fill="{{.Good}}">moves it once</text>
<rect x="610" y="62" width="250" height="172" rx="7" fill="{{.Box}}" stroke="{{.Text}}" stroke-width="1.5"/>
<text x="626" y="86" fill="{{.Quiet}}">AWS KMS</text>
<text x="626" y="156" fill="{{.Text}}" font-weight="600">alias/orders-data</text>
<rect x="782" y="92" width="64" height="30" rx="5" fill="{{.Back}}" stroke="{{.Line}}"/>
<text x="804" y="112" fill="{{.Quiet}}">v1</text>
<rect x="782" y="174" width="64" height="30" rx="5" fill="{{.Back}}" stroke="{{.Good}}" stroke-width="2"/>
<text x="804" y="194" fill="{{.Good}}" font-weight="600">v2</text>
<path d="M738 142 L 778 116" fill="none" stroke="{{.Line}}" stroke-dasharray="4 4"/>
<path d="M738 162 L 778 182" fill="none" stroke="{{.Good}}" stroke-width="2.5" marker-end="url(#good)"/>
<text x="626" y="112" fill="{{.Quiet}}">v1 drains, enabled</text>
<path d="M651 232 l 18 18 m 0 -18 l -18 18" stroke="{{.Bad}}" stroke-width="3.5" fill="none"/>
<text x="684" y="257" fill="{{.Bad}}" font-weight="600">refused by AWS</text>
<text x="684" y="275" fill="{{.Quiet}}">its signature is too old</text>
<text x="330" y="319" fill="{{.Bad}}">stopped at its alias move, goes on an hour late</text>
</svg>
`))

// Middle, TextY and End are where a pool's line begins, its text stands, and its line ends.
func (p pool) Middle() int { return p.Y + 13 }
func (p pool) TextY() int  { return p.Y + 18 }
func (p pool) End() int    { return 106 + 13*(p.N-1) }

func draw(c colours) ([]byte, error) {
	p := picture{colours: c}
	for n := 1; n <= 8; n++ {
		p.Pools = append(p.Pools, pool{N: n, Y: 36*n - 2, Rotates: n == 3, Late: n == 7})
	}
	var out bytes.Buffer
	err := svg.Execute(&out, p)
	return out.Bytes(), err
}

func main() {
	for theme, c := range themes {
		text, err := draw(c)
		if err == nil {
			err = os.WriteFile(filepath.Join(os.Args[1], "keyturn-"+theme+".svg"), text, 0o644)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}
