// Package webpage makes the HTML form of the report for an assessor: one page that stands
// alone, without scripts and without requests, for a screen and for paper. It shows what it
// is given. It must not know how anything is found.
//
// All text from elsewhere is data: html/template escapes it, and characters that act or
// mislead are written out. The page forbids itself scripts and requests besides.
package webpage
