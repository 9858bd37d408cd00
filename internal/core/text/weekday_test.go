package text_test

import (
	"testing"
	"time"

	"daymark/internal/core/text"
)

func TestDaysOfTheWeekAreFoundInTheirLanguage(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		language, text string
		want           []time.Weekday
	}{
		{"en", "Join us on Friday.", []time.Weekday{time.Friday}},
		{"en-GB", "Every SATURDAY; sundays too", []time.Weekday{time.Sunday, time.Saturday}},
		{"en", "Sun and sat, #Monday, @tuesday, fridayish, Mon", nil},
		{"en", "lundi", nil},
		{"fr", "Rendez-vous vendredi, pas mercredi !", []time.Weekday{time.Wednesday, time.Friday}},
		{"fr", "L’échelle de Mardis gras", []time.Weekday{time.Tuesday}},
		{"es", "El miércoles y el sábado", []time.Weekday{time.Wednesday, time.Saturday}},
		{"es", "Lunes, 30 de julio", []time.Weekday{time.Monday}},
		{"ar", "يوم الجمعة 30 يوليو", []time.Weekday{time.Friday}},
		{"ar", "والخميس القادم", []time.Weekday{time.Thursday}},
		{"ar", "لا أحد وحده", nil},
		{"ar", "يوم الأحد", []time.Weekday{time.Sunday}},
		{"de", "am Freitag", nil},
		{"en", "", nil},
	} {
		var got []time.Weekday
		for _, d := range text.Weekdays(tt.text, tt.language) {
			got = append(got, d.Day)
		}
		if len(got) != len(tt.want) {
			t.Errorf("%s %q: %v, want %v", tt.language, tt.text, got, tt.want)
			continue
		}
		for i := range got {
			if got[i] != tt.want[i] {
				t.Errorf("%s %q: %v, want %v", tt.language, tt.text, got, tt.want)
			}
		}
	}
}
