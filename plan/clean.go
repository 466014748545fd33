package plan

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// Text from outside is data: a person's reason, a record, AWS's messages, the output
// of a command. On a terminal it must neither act nor look like something else.

// Misleads reports whether a character acts on a terminal or changes how the
// text around it looks: control characters of both tables, characters that set the
// direction of text, and those that take no space.
func Misleads(r rune) bool {
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Other_Default_Ignorable_Code_Point)
}

// Visible returns a text in which each misleading character is escaped as in JSON:
// \u001b. It fits text and JSON alike, because JSON has such characters in strings
// only. Newlines and tabs stay. Bytes that are not UTF-8 become U+FFFD.
func Visible(s string) string {
	return clean(s, func(b *strings.Builder, r rune) {
		if r == '\n' || r == '\t' {
			b.WriteRune(r)
			return
		}
		escape(b, r)
	})
}

// Line is Visible for text that must be one line: line breaks and tabs become spaces.
func Line(s string) string {
	s = strings.ReplaceAll(s, "\r\n", "\n")
	return clean(s, func(b *strings.Builder, r rune) {
		if unicode.IsSpace(r) {
			b.WriteByte(' ')
			return
		}
		escape(b, r)
	})
}

// FirstMisleading describes the first misleading character of a text, or the first
// byte that is not UTF-8; "" if there is none.
func FirstMisleading(s string) string {
	for i, r := range s {
		if r == utf8.RuneError && !strings.HasPrefix(s[i:], string(utf8.RuneError)) {
			return fmt.Sprintf("byte 0x%02x", s[i])
		}
		if Misleads(r) {
			return fmt.Sprintf("%U", r)
		}
	}
	return ""
}

// clean returns a text with its misleading characters replaced.
func clean(s string, replace func(*strings.Builder, rune)) string {
	if FirstMisleading(s) == "" {
		return s
	}
	var b strings.Builder
	for _, r := range s { // a byte that is not UTF-8 comes as U+FFFD
		if Misleads(r) {
			replace(&b, r)
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

// escape writes a character as JSON does: as a surrogate pair above U+FFFF.
func escape(b *strings.Builder, r rune) {
	if high, low := utf16.EncodeRune(r); high != unicode.ReplacementChar {
		_, _ = fmt.Fprintf(b, `\u%04x\u%04x`, high, low) // a Builder takes everything
		return
	}
	_, _ = fmt.Fprintf(b, `\u%04x`, r)
}
