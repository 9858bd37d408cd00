package command

import (
	"strings"
	"testing"

	"daymark/internal/core/fault"
)

func TestTheIdentityProviderIsOffUntilItsSettingsAreWhole(t *testing.T) {
	t.Parallel()
	whole := Settings{OIDCIssuer: "https://id.example.org/realm", OIDCClientID: "daymark", OIDCRoles: "cn=editors,o=trust=editor; admins=admin;"}
	if p, err := whole.Provider(); err != nil || p == nil || p.Label() != "id.example.org" {
		t.Fatalf("%v, %v", p, err)
	}
	if p, err := (Settings{}).Provider(); err != nil || p != nil {
		t.Errorf("without settings: %v, %v", p, err)
	}
	for name, change := range map[string]func(*Settings){
		"DAYMARK_OIDC_ISSUER":    func(s *Settings) { s.OIDCIssuer = "http://id.example.org" },
		"DAYMARK_OIDC_CLIENT_ID": func(s *Settings) { s.OIDCClientID = "" },
		"DAYMARK_OIDC_ROLES":     func(s *Settings) { s.OIDCRoles = "admins=boss" },
	} {
		s := whole
		change(&s)
		if _, err := s.Provider(); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, roles := range []string{"", "admins", "=admin", "outsiders=outside", "x=system"} {
		s := whole
		s.OIDCRoles = roles
		if _, err := s.Provider(); !fault.Is(err, fault.Invalid) {
			t.Errorf("roles %q: %v", roles, err)
		}
	}
}
