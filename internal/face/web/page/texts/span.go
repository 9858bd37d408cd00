package texts

import "time"

// Span writes how long something took, as short as people need it: 230 ms, 1.4 s, 1 min 20 s, 2 h 5 min.
func (w Words) Span(d time.Duration) string {
	switch {
	case d <= -time.Millisecond && w.Dir == "rtl":
		return "\u200e\u2212" + w.Span(-d) // the mark keeps the sign on the number's left
	case d <= -time.Millisecond:
		return "\u2212" + w.Span(-d)
	case d < time.Second:
		return w.T("span.ms", d.Round(time.Millisecond).Milliseconds())
	case d.Round(100*time.Millisecond) < time.Minute:
		tenths := int(d.Round(100*time.Millisecond) / (100 * time.Millisecond))
		if tenths%10 == 0 {
			return w.T("span.s", tenths/10)
		}
		return w.T("span.tenths", tenths/10, tenths%10)
	case d.Round(time.Second) < time.Hour:
		seconds := int(d.Round(time.Second) / time.Second)
		return w.T("span.min", seconds/60, seconds%60)
	}
	minutes := int(d.Round(time.Minute) / time.Minute)
	return w.T("span.h", minutes/60, minutes%60)
}
