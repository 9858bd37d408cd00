package tongue_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"daymark/internal/core/fault"
	"daymark/internal/face/web/tongue"
)

func TestTheNearestOfTheWishesChoosesTheLanguage(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		own, cookie, asked, org, want string
	}{
		"nobody wishes anything":                {"", "", "", "", "en"},
		"the organisation has a language":       {"", "", "", "fr", "fr"},
		"the browser asks":                      {"", "", "es-MX,es;q=0.9,en;q=0.8", "fr", "es"},
		"the browser asks for a country's":      {"", "", "ar-EG", "", "ar"},
		"the browser's second wish is one":      {"", "", "ja,fr;q=0.5", "ar", "fr"},
		"the browser asks for none that is":     {"", "", "ja", "ar", "ar"},
		"the browser asks for nonsense":         {"", "", "%%%;q=x", "es", "es"},
		"anything is right for the browser":     {"", "", "*", "es", "es"},
		"something was chosen in the browser":   {"", "ar", "es", "fr", "ar"},
		"the choice in the browser is none":     {"", "xx", "es", "fr", "es"},
		"the person has a setting":              {"fr", "ar", "es", "en", "fr"},
		"the person's setting is none any more": {"tlh", "ar", "es", "en", "ar"},
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header.Set("Accept-Language", tt.asked)
		if tt.cookie != "" {
			r.AddCookie(&http.Cookie{Name: "__Host-daymark-language", Value: tt.cookie})
		}
		if got := tongue.Of(r, tt.own, tt.org); got != tt.want {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
}

func TestAChoiceIsKeptForThisHostOnly(t *testing.T) {
	t.Parallel()
	for secure, name := range map[bool]string{true: "__Host-daymark-language", false: "daymark-language"} {
		c, err := tongue.Cookie("ar", secure)
		if err != nil {
			t.Fatal(err)
		}
		if c.Name != name || c.Secure != secure || c.Path != "/" || c.Domain != "" || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode {
			t.Errorf("the cookie is %v", c)
		}
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.AddCookie(c)
		if got := tongue.Of(r, "", ""); got != "ar" {
			t.Errorf("it chooses %q", got)
		}
	}
	if _, err := tongue.Cookie("xx", true); !fault.Is(err, fault.Invalid) {
		t.Errorf("a language that is none: %v", err)
	}
}

func TestAPageIsComeBackToWhereGettingItShowsIt(t *testing.T) {
	t.Parallel()
	if got := tongue.Back(httptest.NewRequest(http.MethodGet, "/calendar?month=2027-07", nil)); got != "/calendar?month=2027-07" {
		t.Errorf("back to %q", got)
	}
	if got := tongue.Back(httptest.NewRequest(http.MethodPost, "/people/1", nil)); got != "" {
		t.Errorf("back to %q after a form", got)
	}
}
