package rehearsal

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/keyturn/keyturn/ddblock"
)

// Stage is a scene that is ready to begin, as often as wanted.
type Stage struct {
	scene *Scene
	state []byte
	now   time.Time
	// watch is as it was when the scene was ready.
	watch *Watch

	// backup holds the records from then.
	backup []map[string]types.AttributeValue
}

// NewStage sets a scene up.
func NewStage(scene *Scene) (*Stage, error) {
	begin := start
	if !scene.Begin.IsZero() {
		begin = scene.Begin
	}
	w, err := newWorld(scene, nil, begin)
	if err != nil {
		return nil, err
	}
	if _, err := w.table.Create(context.Background(), ddblock.CreateOptions{}); err != nil {
		return nil, fmt.Errorf("scene %s: %w", scene.Name, err)
	}
	if scene.Prepare != nil {
		scene.Prepare(w)
	}
	if b := w.Watch.Broken; len(b) > 0 {
		return nil, fmt.Errorf("scene %s: broken before it begins: %s", scene.Name, b[0])
	}
	var backup []map[string]types.AttributeValue
	for n := range w.Keys {
		if item := w.item(n); item != nil {
			backup = append(backup, item)
		}
	}
	state, err := w.box.State()
	return &Stage{scene: scene, state: state, now: w.clock.now, watch: w.Watch, backup: backup}, err
}

// World makes a world in which the scene begins.
func (s *Stage) World() *World {
	w, err := newWorld(s.scene, s.state, s.now)
	if err != nil {
		panic(err) // it could be made before
	}
	w.Watch.memory = s.watch.memory.clone()
	w.lag, w.call, w.quotas, w.denied = s.scene.Lag, s.scene.Call, s.scene.Quotas, s.scene.Denied
	w.began = s.now
	w.twins, w.retires = twins(s.scene), retires(s.scene, append(w.newer[:len(w.newer):len(w.newer)], w.Keys...)...)
	w.arm(nil)
	w.may = s.scene.Bounds
	w.mostSteps = maxSteps
	if s.scene.Shut {
		w.gateShut = s.now.Add(-day)
	}
	w.agenda, w.backup = s.scene.Acts, s.backup
	return w
}
