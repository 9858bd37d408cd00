package chart_test

import (
	"encoding/xml"
	"errors"
	"io"
	"strconv"
	"strings"
	"testing"

	"daymark/internal/media/chart"
)

// nasty tries to leave the text or the attribute that it stands in.
const nasty = `</title><script>alert(1)</script>" onload="x' & ` + "\x00\x1b￾"

func n(v int64) *int64 { return &v }

func head(rtl bool) chart.Head {
	return chart.Head{ID: "c", Title: nasty, Desc: nasty, Lang: "ar", RTL: rtl}
}

func drawings(rtl bool) map[string]string {
	h := chart.Hours{Head: head(rtl), Many: 3}
	h.Days[0] = nasty
	h.Cells[0][9] = chart.Hot{Posts: 5, Value: n(40), Said: nasty}
	h.Cells[6][23] = chart.Hot{Posts: 1, Value: nil, Said: "one"}
	return map[string]string{
		"days": chart.Days{
			Head: head(rtl), Labels: []string{nasty, "", "two"}, Day: 1, Mark: nasty, Number: func(n int64) string { return strconv.FormatInt(n, 10) },
			Lines: []chart.Line{{nasty, []*int64{n(1), n(30), nil}}, {"before", []*int64{n(-4), nil, n(7)}}, {"empty", nil}},
		}.SVG(),
		"bars": chart.Bars{Head: head(rtl), Rows: []chart.Bar{{nasty, n(10), "10"}, {"none", nil, "not told"}, {"less", n(-2), "-2"}}}.SVG(),
		"heat": h.SVG(),
	}
}

func TestADrawingIsWellFormedNamedAndRunsNothing(t *testing.T) {
	t.Parallel()
	for _, rtl := range []bool{false, true} {
		for name, svg := range drawings(rtl) {
			d := xml.NewDecoder(strings.NewReader(svg))
			seen := map[string]int{}
			for {
				token, err := d.Token()
				if errors.Is(err, io.EOF) {
					break
				}
				if err != nil {
					t.Fatalf("%s: %v\n%s", name, err, svg)
				}
				if e, ok := token.(xml.StartElement); ok {
					seen[e.Name.Local]++
					for _, a := range e.Attr {
						if strings.HasPrefix(a.Name.Local, "on") || a.Name.Local == "style" {
							t.Errorf("%s: <%s %s=%q>", name, e.Name.Local, a.Name.Local, a.Value)
						}
					}
				}
			}
			if seen["script"] > 0 || seen["svg"] != 1 || seen["desc"] != 1 || seen["title"] == 0 {
				t.Errorf("%s has %v", name, seen)
			}
			if !strings.Contains(svg, `role="img"`) || !strings.Contains(svg, `aria-labelledby="c-t c-d"`) {
				t.Errorf("%s has no name: %s", name, svg)
			}
		}
	}
}

func TestTheSameFiguresGiveTheSameBytes(t *testing.T) {
	t.Parallel()
	first, second := drawings(true), drawings(true)
	for name := range first {
		if first[name] != second[name] {
			t.Errorf("%s differs", name)
		}
	}
}

func TestTimeRunsWithTheLanguage(t *testing.T) {
	t.Parallel()
	d := chart.Days{Head: chart.Head{ID: "c"}, Labels: []string{"a", "b"}, Day: -1, Number: func(n int64) string { return strconv.FormatInt(n, 10) }, Lines: []chart.Line{{"", []*int64{n(0), n(10)}}}}
	ltr := d.SVG()
	d.RTL = true
	rtl := d.SVG()
	if !strings.Contains(ltr, `points="52,190 388,46"`) || !strings.Contains(rtl, `points="348,190 12,46"`) {
		t.Errorf("left to right:\n%s\nright to left:\n%s", ltr, rtl)
	}
	if !strings.Contains(rtl, `direction="rtl"`) || !strings.Contains(ltr, `direction="ltr"`) {
		t.Error("the direction is not said")
	}
}

func TestALineIsBrokenWhereNothingIsKnown(t *testing.T) {
	t.Parallel()
	svg := chart.Days{Head: chart.Head{ID: "c"}, Labels: make([]string, 5), Day: -1, Number: func(int64) string { return "" }, Lines: []chart.Line{{"", []*int64{n(1), n(2), nil, n(3), nil}}}}.SVG()
	if strings.Count(svg, "<polyline") != 1 || strings.Count(svg, "<circle") != 1 {
		t.Errorf("want one line and one dot:\n%s", svg)
	}
}

func TestAFewPostsAreARing(t *testing.T) {
	t.Parallel()
	svg := drawings(false)["heat"]
	if strings.Count(svg, "chart-hot") != 1 || strings.Count(svg, "chart-ring") != 1 {
		t.Errorf("want one whole cell and one ring:\n%s", svg)
	}
}

func TestAnAxisEndsOnARoundNumber(t *testing.T) {
	t.Parallel()
	for in, want := range map[int64]int64{-3: 1, 0: 1, 1: 1, 2: 2, 3: 5, 7: 10, 11: 20, 49: 50, 51: 100, 870: 1000, 41_200: 50_000} {
		if got := chart.Round(in); got != want {
			t.Errorf("Round(%d) = %d, want %d", in, got, want)
		}
	}
}
