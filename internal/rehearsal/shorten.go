package rehearsal

import "context"

// shorten looks for fewer choices that break the same invariant: halves of them
// are made ordinary, then quarters, and so on, for as many tries as it is given.
func (d Draw) shorten(ctx context.Context, stage *Stage, p *Played, tries int) []choice {
	best := append([]choice{}, p.choices...)
	broken := p.Watch.Broken[0].Invariant
	most := tries
	breaks := func(c []choice) bool {
		tries--
		if d.Shortening != nil {
			d.Shortening(most-tries, most)
		}
		again := d.course(ctx, stage, append([]choice{}, c...), false)
		return len(again.Watch.Broken) > 0 && again.Watch.Broken[0].Invariant == broken
	}
	if !breaks(best) { // then the course is not the same: say all that is known
		return best
	}
	for size := (len(best) + 1) / 2; size > 0 && tries > 0 && ctx.Err() == nil; size /= 2 {
		for at := 0; at < len(best) && tries > 0; {
			end := min(at+size, len(best))
			fewer := append(append([]choice{}, best[:at]...), best[end:]...)
			if breaks(fewer) {
				best = fewer
			} else {
				at = end
			}
		}
	}
	return best
}
