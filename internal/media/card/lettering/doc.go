// Package lettering sets short texts in type: it shapes letters as their script asks (Arabic joined and right to left), breaks lines
// where a language allows it, balances them and gives the outlines to draw.
//
// Latin and Arabic letters are in the program. For Devanagari, Thai and Chinese it looks into a folder of fonts that the caller
// names; where a letter has no font it says so, and never sets a box. Measures are in ems, so that a text is shaped once for all
// sizes. It knows no colours and draws nothing.
package lettering
