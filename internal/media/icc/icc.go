// Package icc reads the descriptions of colours that cameras and programs put into pictures, and brings pictures to the colours of the
// web, which are called sRGB.
//
// It understands descriptions that say where red, green and blue lie and along which curves they rise, as those of screens and cameras do
// (ICC.1:2022, https://www.color.org/specification/ICC.1-2022-05.pdf). It does not know tables of colours, as printers have them,
// and keeps nothing of the text that lies in such a description.
package icc

import (
	"encoding/binary"
	"errors"
	"math"
)

// ErrUnknown is returned for a description that is damaged, or made otherwise than with three colours and their curves.
var ErrUnknown = errors.New("the description of colours has no red, green and blue that Daymark can use")

// samples is how many steps a curve is known at: those of a picture's numbers.
const samples = 256

// Profile says what the numbers of a picture mean.
type Profile struct {
	matrix matrix // from light of the three colours to XYZ under D50
	curves [3][samples]float64
}

type matrix [3][3]float64

// srgb is where the colours of sRGB lie under D50 (IEC 61966-2-1, adapted as ICC.1:2022 says in annex E:
// http://www.brucelindbloom.com/Eqn_RGB_XYZ_Matrix.html).
var srgb = matrix{
	{0.4360747, 0.3850649, 0.1430804},
	{0.2225045, 0.7168786, 0.0606169},
	{0.0139322, 0.0971045, 0.7141733},
}

// How far a description may lie from sRGB and still be it: programs round differently, and no eye sees it.
const (
	nearMatrix = 0.003
	nearCurve  = 0.004
)

// Read reads a description.
func Read(b []byte) (Profile, error) {
	var p Profile
	if len(b) < 132 || string(b[16:20]) != "RGB " || string(b[20:24]) != "XYZ " || string(b[36:40]) != "acsp" {
		return p, ErrUnknown
	}
	tags := map[string][]byte{}
	count := binary.BigEndian.Uint32(b[128:])
	for at := int64(132); count > 0 && at+12 <= int64(len(b)); count, at = count-1, at+12 {
		from, size := int64(binary.BigEndian.Uint32(b[at+4:])), int64(binary.BigEndian.Uint32(b[at+8:]))
		if from+size <= int64(len(b)) {
			tags[string(b[at:at+4])] = b[from : from+size]
		}
	}
	for column, colour := range []string{"r", "g", "b"} {
		place := tags[colour+"XYZ"]
		if len(place) < 20 || string(place[:4]) != "XYZ " {
			return p, ErrUnknown
		}
		for row := range 3 {
			p.matrix[row][column] = fixed(place[8+4*row:])
		}
		if !curve(tags[colour+"TRC"], &p.curves[column]) {
			return p, ErrUnknown
		}
	}
	if white := p.matrix.of([3]float64{1, 1, 1}); white[1] < 0.5 || white[1] > 1.5 {
		return p, ErrUnknown
	}
	return p, nil
}

// IsSRGB reports whether the description says what is meant without one.
func (p Profile) IsSRGB() bool {
	for row := range 3 {
		for column := range 3 {
			if math.Abs(p.matrix[row][column]-srgb[row][column]) > nearMatrix {
				return false
			}
			for i := range samples {
				if math.Abs(p.curves[column][i]-light(float64(i)/(samples-1))) > nearCurve {
					return false
				}
			}
		}
	}
	return true
}

// light returns how much light a number of sRGB means (IEC 61966-2-1).
func light(v float64) float64 {
	if v <= 0.04045 {
		return v / 12.92
	}
	return math.Pow((v+0.055)/1.055, 2.4)
}

// number returns the number of sRGB for light.
func number(v float64) float64 {
	if v <= 0.0031308 {
		return v * 12.92
	}
	return 1.055*math.Pow(v, 1/2.4) - 0.055
}

// fixed reads a number with 16 bits behind the point (ICC.1:2022, 4.7).
func fixed(b []byte) float64 { return float64(int32(binary.BigEndian.Uint32(b))) / 65536 }

// curve reads how a colour rises (ICC.1:2022, 10.6 and 10.18).
func curve(tag []byte, to *[samples]float64) bool {
	rise := func(float64) float64 { return math.NaN() }
	switch {
	case len(tag) >= 12 && string(tag[:4]) == "curv":
		count := int64(binary.BigEndian.Uint32(tag[8:]))
		switch {
		case int64(len(tag)) < 12+2*count:
		case count == 0:
			rise = func(v float64) float64 { return v }
		case count == 1:
			gamma := float64(binary.BigEndian.Uint16(tag[12:])) / 256
			rise = func(v float64) float64 { return math.Pow(v, gamma) }
		default:
			table := tag[12 : 12+2*count]
			rise = func(v float64) float64 { return between(table, v) }
		}
	case len(tag) >= 16 && string(tag[:4]) == "para":
		kind := int(binary.BigEndian.Uint16(tag[8:]))
		if kind > 4 || len(tag) < 12+4*[...]int{1, 3, 4, 5, 7}[kind] {
			return false
		}
		rise = formula(kind, tag[12:])
	}
	for i := range to {
		v := rise(float64(i) / (samples - 1))
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return false
		}
		to[i] = min(1, max(0, v))
	}
	return true
}

// between reads a table between its steps.
func between(table []byte, v float64) float64 {
	last := len(table)/2 - 1
	at := v * float64(last)
	i := min(int(at), last-1)
	low, high := float64(binary.BigEndian.Uint16(table[2*i:])), float64(binary.BigEndian.Uint16(table[2*i+2:]))
	return (low + (high-low)*(at-float64(i))) / 65535
}

// formula returns one of the five ways to write a curve down in a few numbers.
func formula(kind int, b []byte) func(float64) float64 {
	value := func(i int) float64 { return fixed(b[4*i:]) }
	g, a, bb, c, d, e, f := value(0), 1.0, 0.0, 0.0, math.Inf(-1), 0.0, 0.0
	if kind >= 1 {
		a, bb = value(1), value(2)
		d = -bb / a
	}
	switch kind {
	case 2:
		e, f = value(3), value(3)
	case 3:
		c, d = value(3), value(4)
	case 4:
		c, d, e, f = value(3), value(4), value(5), value(6)
	}
	return func(v float64) float64 {
		if v >= d {
			return math.Pow(a*v+bb, g) + e
		}
		return c*v + f
	}
}

// of applies the matrix.
func (m matrix) of(v [3]float64) (out [3]float64) {
	for row := range 3 {
		out[row] = m[row][0]*v[0] + m[row][1]*v[1] + m[row][2]*v[2]
	}
	return out
}

// inverse returns the matrix that undoes it.
func (m matrix) inverse() (out matrix) {
	minor := func(r, c int) float64 {
		r1, r2, c1, c2 := (r+1)%3, (r+2)%3, (c+1)%3, (c+2)%3
		return m[r1][c1]*m[r2][c2] - m[r1][c2]*m[r2][c1]
	}
	all := m[0][0]*minor(0, 0) + m[0][1]*minor(0, 1) + m[0][2]*minor(0, 2)
	for row := range 3 {
		for column := range 3 {
			out[row][column] = minor(column, row) / all
		}
	}
	return out
}

// times returns the matrix that does b and then m.
func (m matrix) times(b matrix) (out matrix) {
	for column := range 3 {
		v := m.of([3]float64{b[0][column], b[1][column], b[2][column]})
		for row := range 3 {
			out[row][column] = v[row]
		}
	}
	return out
}
