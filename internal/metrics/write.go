package metrics

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

// builder collects samples. Each has the plan and the pool as labels, so that the files of
// several plans can stand in one folder.
type builder struct {
	plan, pool string
	all        []*dto.MetricFamily
}

// add adds a sample with further labels: names and values in turn.
func (b *builder) add(name, help string, value float64, labels ...string) {
	i := slices.IndexFunc(b.all, func(f *dto.MetricFamily) bool { return f.GetName() == name })
	if i < 0 {
		i = len(b.all)
		b.all = append(b.all, &dto.MetricFamily{Name: &name, Help: &help, Type: dto.MetricType_GAUGE.Enum()})
	}
	m := &dto.Metric{Gauge: &dto.Gauge{Value: &value}}
	labels = append([]string{"plan", b.plan, "pool", b.pool}, labels...)
	for pair := range slices.Chunk(labels, 2) {
		m.Label = append(m.Label, &dto.LabelPair{Name: &pair[0], Value: &pair[1]})
	}
	b.all[i].Metric = append(b.all[i].Metric, m)
}

// Text returns what is measured of a run, in the text format of Prometheus.
func (r Run) Text() (string, error) {
	var text strings.Builder
	for _, f := range r.families() {
		if _, err := expfmt.MetricFamilyToText(&text, f); err != nil {
			return "", fmt.Errorf("write the metrics: %w", err)
		}
	}
	return text.String(), nil
}

// Before is what a run takes over from the text of the run before it.
type Before struct {
	Plan, Pool string
	// Succeeded is zero if the text does not say it.
	Succeeded time.Time
}

// ahead is how far the clock of the run before may be ahead of this one's: one of them may be
// the host's, by which AWS takes no signature that is further off.
const ahead = 15 * time.Minute

// Read reads a text of Run. What it does not understand it leaves out, and a success that is
// yet to come, which would hide every failure until then.
func Read(text string, now time.Time) (b Before) {
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(text))
	if err != nil {
		return b
	}
	for _, m := range families[exitCode].GetMetric() {
		for _, l := range m.Label {
			switch l.GetName() {
			case "plan":
				b.Plan = l.GetValue()
			case "pool":
				b.Pool = l.GetValue()
			}
		}
	}
	for _, m := range families[lastSuccess].GetMetric() {
		if s := m.GetGauge().GetValue(); s > 0 && s < math.MaxInt32*100 {
			b.Succeeded = time.UnixMilli(int64(math.Round(s * 1000))).UTC()
		}
	}
	if b.Succeeded.After(now.Add(ahead)) {
		b.Succeeded = time.Time{}
	}
	return b
}
