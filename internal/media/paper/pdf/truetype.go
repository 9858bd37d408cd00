package pdf

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
)

// truetype is a font with TrueType outlines, as the OpenType specification has it
// (https://learn.microsoft.com/typography/opentype/spec/otff).
type truetype struct {
	tables          map[string][]byte
	unit            float64  // to the em
	box             [4]int16 // around all signs
	ascent, descent int16
	signs           int
	metrics         int // signs with a width of their own; the others have that of the last
	long            bool
}

var errShort = errors.New("the font is damaged: it ends too early")

// readTrueType reads what is needed of a font.
func readTrueType(data []byte) (*truetype, error) {
	t := &truetype{tables: map[string][]byte{}}
	if len(data) < 12 {
		return nil, errShort
	}
	n := int(binary.BigEndian.Uint16(data[4:]))
	if len(data) < 12+16*n {
		return nil, errShort
	}
	for i := range n {
		entry := data[12+16*i:]
		at, length := uint64(binary.BigEndian.Uint32(entry[8:])), uint64(binary.BigEndian.Uint32(entry[12:]))
		if at+length > uint64(len(data)) {
			return nil, errShort
		}
		t.tables[string(entry[:4])] = data[at : at+length]
	}
	for name, least := range map[string]int{"head": 54, "hhea": 36, "maxp": 6, "hmtx": 4, "loca": 4, "glyf": 0} {
		if table, ok := t.tables[name]; !ok || len(table) < least {
			return nil, fmt.Errorf("the font has no table %q that can be read", name)
		}
	}
	head, hhea := t.tables["head"], t.tables["hhea"]
	t.unit = float64(binary.BigEndian.Uint16(head[18:]))
	for i := range t.box {
		t.box[i] = signed(head[36+2*i:])
	}
	t.long = signed(head[50:]) == 1
	t.ascent, t.descent = signed(hhea[4:]), signed(hhea[6:])
	t.signs, t.metrics = int(binary.BigEndian.Uint16(t.tables["maxp"][4:])), int(binary.BigEndian.Uint16(hhea[34:]))
	size := 2
	if t.long {
		size = 4
	}
	if t.unit == 0 || t.metrics == 0 || len(t.tables["hmtx"]) < 4*t.metrics+2*(t.signs-t.metrics) || len(t.tables["loca"]) < size*(t.signs+1) {
		return nil, errShort
	}
	return t, nil
}

func signed(b []byte) int16 { return int16(binary.BigEndian.Uint16(b)) }

// metric returns the width of a sign and its bearing at the left.
func (t *truetype) metric(id int) (advance uint16, left int16) {
	table := t.tables["hmtx"]
	if id < t.metrics {
		return binary.BigEndian.Uint16(table[4*id:]), signed(table[4*id+2:])
	}
	return binary.BigEndian.Uint16(table[4*(t.metrics-1):]), signed(table[4*t.metrics+2*(id-t.metrics):])
}

func (t *truetype) advance(id uint16) float64 {
	if int(id) >= t.signs {
		return 0
	}
	advance, _ := t.metric(int(id))
	return float64(advance)
}

// outline returns the outline of a sign; it is empty for a space.
func (t *truetype) outline(id int) []byte {
	loca, glyf := t.tables["loca"], t.tables["glyf"]
	var from, to int
	if t.long {
		from, to = int(binary.BigEndian.Uint32(loca[4*id:])), int(binary.BigEndian.Uint32(loca[4*id+4:]))
	} else {
		from, to = 2*int(binary.BigEndian.Uint16(loca[2*id:])), 2*int(binary.BigEndian.Uint16(loca[2*id+2:]))
	}
	if from > to || to > len(glyf) {
		return nil
	}
	return glyf[from:to]
}

// The flags of a part of a sign that is put together from others (https://learn.microsoft.com/typography/opentype/spec/glyf).
const (
	wordArguments = 0x0001
	oneScale      = 0x0008
	moreParts     = 0x0020
	twoScales     = 0x0040
	fourScales    = 0x0080
)

// parts returns the signs that a sign is put together from.
func parts(outline []byte) []uint16 {
	if len(outline) < 10 || signed(outline) >= 0 {
		return nil
	}
	var list []uint16
	for rest := outline[10:]; len(rest) >= 4; {
		flags := binary.BigEndian.Uint16(rest)
		list = append(list, binary.BigEndian.Uint16(rest[2:]))
		size := 6
		if flags&wordArguments != 0 {
			size = 8
		}
		switch {
		case flags&oneScale != 0:
			size += 2
		case flags&twoScales != 0:
			size += 4
		case flags&fourScales != 0:
			size += 8
		}
		if flags&moreParts == 0 || size > len(rest) {
			break
		}
		rest = rest[size:]
	}
	return list
}

// subset returns the font with the outlines of the signs in use and of their parts. Signs keep their numbers, and those after the last
// one in use are left out.
func (t *truetype) subset(used map[uint16]bool) []byte {
	var queue []uint16
	for id := range used {
		queue = append(queue, id)
	}
	last := 0
	for len(queue) > 0 {
		id := queue[0]
		queue = queue[1:]
		if int(id) >= t.signs {
			continue
		}
		last = max(last, int(id))
		for _, part := range parts(t.outline(int(id))) {
			if !used[part] {
				used[part] = true
				queue = append(queue, part)
			}
		}
	}
	var glyf, loca, hmtx []byte
	for id := range last + 1 {
		loca = binary.BigEndian.AppendUint32(loca, uint32(len(glyf)))
		var advance uint16
		var left int16
		if used[uint16(id)] {
			glyf = append(glyf, t.outline(id)...)
			glyf = append(glyf, make([]byte, -len(glyf)&3)...)
			advance, left = t.metric(id)
		}
		hmtx = binary.BigEndian.AppendUint16(hmtx, advance)
		hmtx = binary.BigEndian.AppendUint16(hmtx, uint16(left))
	}
	loca = binary.BigEndian.AppendUint32(loca, uint32(len(glyf)))
	head, hhea, maxp := slices.Clone(t.tables["head"]), slices.Clone(t.tables["hhea"]), slices.Clone(t.tables["maxp"])
	binary.BigEndian.PutUint32(head[8:], 0)  // the sum over all, which is set below
	binary.BigEndian.PutUint16(head[50:], 1) // long offsets
	binary.BigEndian.PutUint16(hhea[34:], uint16(last+1))
	binary.BigEndian.PutUint16(maxp[4:], uint16(last+1))
	return assemble(map[string][]byte{
		"cvt ": t.tables["cvt "], "fpgm": t.tables["fpgm"], "glyf": glyf, "head": head, "hhea": hhea, "hmtx": hmtx, "loca": loca, "maxp": maxp, "prep": t.tables["prep"],
	})
}

// assemble puts tables together as a font.
func assemble(tables map[string][]byte) []byte {
	var names []string
	for name, table := range tables {
		if table != nil {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	power, log := 1, 0
	for power*2 <= len(names) {
		power, log = power*2, log+1
	}
	out := binary.BigEndian.AppendUint32(nil, 0x00010000)
	for _, v := range []int{len(names), 16 * power, log, 16 * (len(names) - power)} {
		out = binary.BigEndian.AppendUint16(out, uint16(v))
	}
	at, headAt := 12+16*len(names), 0
	for _, name := range names {
		if name == "head" {
			headAt = at
		}
		out = append(out, name...)
		out = binary.BigEndian.AppendUint32(out, sumOf(tables[name]))
		out = binary.BigEndian.AppendUint32(out, uint32(at))
		out = binary.BigEndian.AppendUint32(out, uint32(len(tables[name])))
		at += (len(tables[name]) + 3) &^ 3
	}
	for _, name := range names {
		out = append(out, tables[name]...)
		out = append(out, make([]byte, -len(tables[name])&3)...)
	}
	binary.BigEndian.PutUint32(out[headAt+8:], 0xB1B0AFBA-sumOf(out))
	return out
}

// sumOf adds words of four bytes.
func sumOf(table []byte) (sum uint32) {
	for len(table) >= 4 {
		sum += binary.BigEndian.Uint32(table)
		table = table[4:]
	}
	if len(table) > 0 {
		var rest [4]byte
		copy(rest[:], table)
		sum += binary.BigEndian.Uint32(rest[:])
	}
	return sum
}
