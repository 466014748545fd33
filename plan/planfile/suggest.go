package planfile

import (
	"fmt"
	"slices"
	"strings"
)

// unknown refuses a field that is not one of fields, and suggests what was meant.
func (r *reader) unknown(where pos, name string, fields []field) {
	if what, ok := reserved()[name]; ok {
		r.refuse(where, "", "%s: %s not supported yet", name, what)
		return
	}
	known := names(fields)
	hint := oneOf("known here: ", known)
	if near, ok := Nearest(name, known); ok {
		hint = "did you mean " + near + "?"
	} else if elsewhere, ok := belongs(name); ok {
		hint = elsewhere
	}
	r.refuse(where, hint, "unknown field %q", clip(name))
}

// reserved returns the fields that are kept for what keyturn will do one day, or
// that people who know KMS look for, and what would be needed.
func reserved() map[string]string {
	return map[string]string{
		"strategy":              "rotating the material of one key (RotateKeyOnDemand) is",
		"regions":               "one entry for several Regions is",
		"fence_role":            "switching under an assumed role is",
		"multi_region":          "Multi-Region keys are",
		"origin":                "keys with imported material or in a custom key store are",
		"key_material":          "keys with imported material are",
		"imported_material":     "keys with imported material are",
		"custom_store":          "keys in a custom key store are",
		"custom_key_store":      "keys in a custom key store are",
		"custom_key_store_id":   "keys in a custom key store are",
		"xks_key_id":            "keys in an external key store are",
		"external_key_store_id": "keys in an external key store are",
	}
}

// belongs returns where a field belongs that is known, but not here.
func belongs(name string) (string, bool) {
	is := func(f field) bool { return f.name == name }
	for _, level := range []struct {
		hint   string
		fields []field
	}{
		{"it belongs under a key", (&keyDoc{}).fields()},
		{"it belongs at the top level", (&planDoc{}).fields()},
		{"it belongs under retire", (&retireDoc{}).fields()},
		{"it belongs under schedule", (&scheduleDoc{}).fields()},
		{"it belongs in an entry of accept", (&acceptDoc{}).fields()},
	} {
		if slices.ContainsFunc(level.fields, is) {
			return level.hint, true
		}
	}
	return "", false
}

func names(fields []field) []string {
	out := make([]string, 0, len(fields))
	for _, f := range fields {
		if f.name != "$schema" {
			out = append(out, f.name)
		}
	}
	return out
}

func oneOf(lead string, words []string) string { return lead + strings.Join(words, ", ") }

// clip shortens what is quoted in a message.
func clip(s string) string {
	const most = 60
	if r := []rune(s); len(r) > most {
		return fmt.Sprintf("%s…", string(r[:most]))
	}
	return s
}
