package expr

// Cache keeps parsed expressions, because clients send the same few texts over
// and over. The zero Cache works. It is not for concurrent use.
type Cache struct {
	conditions  map[cacheKey]*Condition
	updates     map[string]*UpdateText
	projections map[string]*ProjectionText
}

type cacheKey struct {
	kind Kind
	text string
}

// cacheSize bounds each of the maps. A full one is emptied: a program that
// makes its expressions up as it goes gains nothing from any cache.
const cacheSize = 512

// Condition is ParseCondition, remembered.
func (c *Cache) Condition(kind Kind, text string) (*Condition, error) {
	return remember(&c.conditions, cacheKey{kind, text},
		func() (*Condition, error) { return ParseCondition(kind, text) })
}

// Update is ParseUpdate, remembered.
func (c *Cache) Update(text string) (*UpdateText, error) {
	return remember(&c.updates, text, func() (*UpdateText, error) { return ParseUpdate(text) })
}

// Projection is ParseProjection, remembered.
func (c *Cache) Projection(text string) (*ProjectionText, error) {
	return remember(&c.projections, text, func() (*ProjectionText, error) { return ParseProjection(text) })
}

func remember[K comparable, V any](m *map[K]V, key K, parse func() (V, error)) (V, error) {
	if v, ok := (*m)[key]; ok {
		return v, nil
	}
	v, err := parse()
	if err != nil {
		return v, err
	}
	if *m == nil || len(*m) >= cacheSize {
		*m = map[K]V{}
	}
	(*m)[key] = v
	return v, nil
}
