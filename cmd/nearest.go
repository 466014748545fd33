package cmd

import "github.com/xrash/smetrics"

// nearest finds the word that another is most likely a slip of; "" if none is
// near.
func nearest(word string, words []string) string {
	best, most := "", 0.8
	for _, w := range words {
		if s := smetrics.JaroWinkler(word, w, 0.7, 4); s >= most {
			best, most = w, s
		}
	}
	return best
}
