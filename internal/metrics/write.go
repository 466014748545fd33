package metrics

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The text format of Prometheus, as far as it is needed here; the test reads it with Prometheus'
// own library. That library initialises Protocol Buffers at each start of keyturn, and few runs
// write metrics.
// https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format

// builder collects samples. Each has the plan and the pool as labels, so that the files of
// several plans can stand in one folder.
type builder struct {
	plan, pool string
	all        []*family
}

// family is the samples of one name, as text.
type family struct {
	name string
	text strings.Builder
}

// escaped is how the value of a label is written.
var escaped = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)

// add adds a sample with further labels: names and values in turn.
func (b *builder) add(name, help string, value float64, labels ...string) {
	i := slices.IndexFunc(b.all, func(f *family) bool { return f.name == name })
	if i < 0 {
		i = len(b.all)
		b.all = append(b.all, &family{name: name})
		b.all[i].text.WriteString("# HELP " + name + " " + help + "\n# TYPE " + name + " gauge\n")
	}
	text := &b.all[i].text
	text.WriteString(name + `{plan="` + escaped.Replace(b.plan) + `",pool="` + escaped.Replace(b.pool) + `"`)
	for pair := range slices.Chunk(labels, 2) {
		text.WriteString("," + pair[0] + `="` + escaped.Replace(pair[1]) + `"`)
	}
	text.WriteString("} " + strconv.FormatFloat(value, 'g', -1, 64) + "\n")
}

// sample reads a line that add wrote; not ok if it is another one.
func sample(line string) (name string, labels map[string]string, value float64, ok bool) {
	name, rest, ok := strings.Cut(line, "{")
	labels = map[string]string{}
	for more := ok; more; {
		label, after, _ := strings.Cut(rest, "=")
		quoted, err := strconv.QuotedPrefix(after)
		if err != nil {
			return "", nil, 0, false
		}
		labels[label], _ = strconv.Unquote(quoted) // it is quoted
		rest, more = strings.CutPrefix(after[len(quoted):], ",")
	}
	value, err := strconv.ParseFloat(strings.TrimSuffix(strings.TrimPrefix(rest, "} "), "\n"), 64)
	return name, labels, value, ok && err == nil
}

// Text returns what is measured of a run, in the text format of Prometheus.
func (r Run) Text() string {
	var text strings.Builder
	for _, f := range r.families() {
		text.WriteString(f.text.String())
	}
	return text.String()
}

// Before is what a run takes over from the text of the run before it.
type Before struct {
	Plan, Pool string
	// Succeeded is zero if the text does not say it.
	Succeeded time.Time
}

// Read reads a text of Run. What it does not understand it leaves out.
func Read(text string) (b Before) {
	for line := range strings.Lines(text) {
		name, labels, value, ok := sample(line)
		switch {
		case ok && name == exitCode:
			b.Plan, b.Pool = labels["plan"], labels["pool"]
		case ok && name == lastSuccess && value > 0 && value < math.MaxInt32*100:
			b.Succeeded = time.UnixMilli(int64(math.Round(value * 1000))).UTC()
		}
	}
	return b
}
