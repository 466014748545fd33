package attr

import (
	"math/big"
	"strconv"
	"strings"
)

// Limits of DynamoDB's decimals (AWS: "Data types and naming rules", Number):
// 38 significant digits, magnitudes from 1E-130 to 9.99…E+125.
const (
	maxDigits   = 38
	maxExponent = 125
	minExponent = -130
)

const (
	notNumeric  = "The parameter cannot be converted to a numeric value"
	overflow    = "Number overflow. Attempting to store a number with magnitude larger than supported range"
	underflow   = "Number underflow. Attempting to store a number with magnitude smaller than supported range"
	tooManyDigs = "Attempting to store more than 38 significant digits in a Number"
)

// decimal is sign × digits × 10^exp. The digits have no leading and no
// trailing zero, so that equal numbers are equal decimals; zero has none.
type decimal struct {
	neg    bool
	digits string
	exp    int
}

// Number makes an N of decimal text such as "7", "-0.10" or "1.5e3". It fails
// with an *Invalid.
func Number(text string) (Value, error) {
	d, err := parseDecimal(text)
	if err != nil {
		return Value{}, err
	}
	return Value{typ: N, text: d.String()}, nil
}

// Int makes an N of an integer.
func Int(n int) Value { return Value{typ: N, text: strconv.Itoa(n)} }

// Add returns v + w, both N; it fails when the sum is not a number DynamoDB can
// hold.
func (v Value) Add(w Value) (Value, error) {
	return sum(parseCanonical(v.text), parseCanonical(w.text))
}

// Subtract returns v - w, both N.
func (v Value) Subtract(w Value) (Value, error) {
	d := parseCanonical(w.text)
	d.neg = !d.neg
	return sum(parseCanonical(v.text), d)
}

func sum(a, b decimal) (Value, error) {
	exp := min(a.exp, b.exp)
	total := a.scaled(exp)
	total.Add(total, b.scaled(exp))
	d := normal(total.Sign() < 0, strings.TrimPrefix(total.String(), "-"), exp)
	// AWS says overflow also when the digits of a sum do not fit, 1E50 + 1.
	if len(d.digits) > maxDigits {
		return Value{}, &Invalid{overflow}
	}
	if err := d.check(); err != nil {
		return Value{}, err
	}
	return Value{typ: N, text: d.String()}, nil
}

// scaled returns the integer that, times 10^exp, is d. Exponents of checked numbers
// lie within some 300 of each other, so it cannot grow without bound.
func (d decimal) scaled(exp int) *big.Int {
	if d.digits == "" {
		return new(big.Int)
	}
	n, _ := new(big.Int).SetString(d.digits+strings.Repeat("0", d.exp-exp), 10)
	if d.neg {
		n.Neg(n)
	}
	return n
}

// parseDecimal reads what Java's BigDecimal reads, which is what DynamoDB
// takes: a sign, digits with a point anywhere, an exponent; no spaces, no NaN.
func parseDecimal(text string) (decimal, error) {
	if text == "" {
		return decimal{}, &Invalid{notNumeric}
	}
	bad := &Invalid{notNumeric + ": " + text}
	rest, neg := text, false
	if rest[0] == '+' || rest[0] == '-' {
		neg, rest = rest[0] == '-', rest[1:]
	}
	mantissa, expText, hasExp := strings.Cut(strings.ReplaceAll(rest, "E", "e"), "e")
	whole, fraction, _ := strings.Cut(mantissa, ".")
	if whole+fraction == "" || !allDigits(whole) || !allDigits(fraction) {
		return decimal{}, bad
	}
	exp := 0
	if hasExp {
		unsigned := strings.TrimLeft(expText, "+-")
		if len(expText)-len(unsigned) > 1 || unsigned == "" || !allDigits(unsigned) {
			return decimal{}, bad
		}
		n, err := strconv.Atoi(expText)
		if err != nil || n > 1_000_000 || n < -1_000_000 { // beyond any range: only its sign matters
			n = 1_000_000
			if expText[0] == '-' {
				n = -n
			}
		}
		exp = n
	}
	d := normal(neg, whole+fraction, exp-len(fraction))
	return d, d.check()
}

func allDigits(s string) bool {
	return strings.Trim(s, "0123456789") == ""
}

func normal(neg bool, digits string, exp int) decimal {
	digits = strings.TrimLeft(digits, "0")
	trimmed := strings.TrimRight(digits, "0")
	if trimmed == "" {
		return decimal{}
	}
	return decimal{neg, trimmed, exp + len(digits) - len(trimmed)}
}

func (d decimal) check() error {
	switch {
	case d.digits == "":
		return nil
	case d.magnitude() > maxExponent:
		return &Invalid{overflow}
	case d.magnitude() < minExponent:
		return &Invalid{underflow}
	case len(d.digits) > maxDigits:
		return &Invalid{tooManyDigs}
	}
	return nil
}

// magnitude returns the exponent of the first digit.
func (d decimal) magnitude() int { return len(d.digits) - 1 + d.exp }

// String returns the canonical form: no exponent, no superfluous zero, which is how
// DynamoDB returns numbers ("Leading and trailing zeroes are trimmed").
func (d decimal) String() string {
	s := "0"
	switch point := len(d.digits) + d.exp; {
	case d.digits == "":
		return s
	case d.exp >= 0:
		s = d.digits + strings.Repeat("0", d.exp)
	case point > 0:
		s = d.digits[:point] + "." + d.digits[point:]
	default:
		s = "0." + strings.Repeat("0", -point) + d.digits
	}
	if d.neg {
		s = "-" + s
	}
	return s
}

// parseCanonical reads back what String wrote.
func parseCanonical(s string) decimal {
	rest, neg := strings.CutPrefix(s, "-")
	whole, fraction, _ := strings.Cut(rest, ".")
	return normal(neg, whole+fraction, -len(fraction))
}

func (d decimal) sign() int {
	switch {
	case d.digits == "":
		return 0
	case d.neg:
		return -1
	}
	return 1
}

func (d decimal) compare(e decimal) int {
	if d.sign() != e.sign() {
		return d.sign() - e.sign()
	}
	// Same sign: by magnitude, then digit by digit. Without trailing zeros a
	// prefix is the smaller one, as in the order of strings.
	c := d.magnitude() - e.magnitude()
	if c == 0 {
		c = strings.Compare(d.digits, e.digits)
	}
	return c * d.sign()
}
