package poster_test

import (
	"bytes"
	"image/png"
	"os"
	"strings"
	"testing"

	"daymark/internal/media/card/lettering"
	"daymark/internal/media/poster"
)

func TestAPictureIsDrawnWhateverItSays(t *testing.T) {
	t.Parallel()
	fonts := lettering.NewFonts(nil)
	for name, p := range map[string]poster.Poster{
		"english": {Language: "en", Title: "Report: World Day Against Trafficking in Persons 2027", Foot: "Harbour Light · Fri 30 July 2027", Figures: []poster.Figure{{"Posts that went out", "60"}, {"Impressions", "1,102,000"}, {"Engagements", "127,165"}, {"Favourites", "77,430"}}},
		"arabic":  {Language: "ar", RTL: true, Title: "تقرير: اليوم العالمي لمكافحة الاتجار بالأشخاص", Foot: "ضوء الميناء", Figures: []poster.Figure{{"المنشورات التي نُشرت", "60"}, {"مرات الظهور", "1,102,000"}, {"التفاعلات", "127,165"}}},
		"long":    {Language: "en", Title: strings.Repeat("very long words ", 60), Figures: make([]poster.Figure, 7)},
		"odd":     {Language: "en", Title: "\u202Ex नमस्ते 💙"},
	} {
		data, err := poster.Draw(p, fonts)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		img, err := png.Decode(bytes.NewReader(data))
		if err != nil || img.Bounds().Dx() != poster.Side || img.Bounds().Dy() != poster.Side {
			t.Errorf("%s: %v", name, err)
		}
		again, err := poster.Draw(p, lettering.NewFonts(nil))
		if err != nil || !bytes.Equal(data, again) {
			t.Errorf("%s: drawn again it is another picture", name)
		}
		if dir := os.Getenv("DAYMARK_REPORTS"); dir != "" { // to look at
			if err := os.WriteFile(dir+"/"+name+".png", data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
}
