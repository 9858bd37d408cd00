package byhand_test

import (
	"strings"
	"testing"

	"daymark/internal/core/fault"
	"daymark/internal/platform"
	"daymark/internal/platform/byhand"

	"github.com/google/go-cmp/cmp"
)

var _ interface {
	platform.Connector
	platform.Accounts
} = byhand.Connector{}

func TestAPostIsForAPersonToMakeAndToTellOf(t *testing.T) {
	t.Parallel()
	var c byhand.Connector
	_, err := c.Publish(t.Context(), platform.Account{}, platform.Attempt{})
	if platform.Outcome(err) != platform.KindUnknown || platform.Say(err) != byhand.Task {
		t.Errorf("publish: %v", err)
	}
	finding, err := c.Find(t.Context(), platform.Account{}, platform.Attempt{})
	if err != nil || finding.State != platform.CannotTell || finding.Why != byhand.Task {
		t.Errorf("find: %+v, %v", finding, err)
	}
	if _, ok := any(c).(platform.Deleter); ok {
		t.Error("it claims that it can remove posts")
	}
}

func TestTheChannelIsWhatAPersonSaidOfIt(t *testing.T) {
	t.Parallel()
	var c byhand.Connector
	s, err := byhand.Settings{Kind: "  Instagram ", Handle: "@hope\tline", Page: " https://WWW.instagram.example/hope ", Characters: 2200, Picture: true}.Clean()
	if err != nil || s.Host() != "https://www.instagram.example" {
		t.Fatalf("%+v, %v", s, err)
	}
	account := platform.Account{Secret: s.Secret()}
	who, err := c.Verify(t.Context(), account)
	want := platform.Identity{RemoteID: "https://WWW.instagram.example/hope", Handle: "hope line (Instagram)", Name: "Instagram hope line", URL: "https://WWW.instagram.example/hope"}
	if diff := cmp.Diff(want, who); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	caps, err := c.Capabilities(t.Context(), account)
	if err != nil || !caps.ByHand || caps.Findable || caps.MaxCharacters != 2200 || !caps.NeedsPicture || caps.Software != "Instagram" {
		t.Errorf("%+v, %v", caps, err)
	}
	letter, err := byhand.Settings{Kind: "Newsletter", Handle: "monthly"}.Clean()
	if err != nil || letter.Host() != byhand.Address {
		t.Errorf("%+v, %v", letter, err)
	}
	if _, err := c.Capabilities(t.Context(), platform.Account{Secret: platform.Secret("{}")}); platform.Outcome(err) != platform.KindAuthExpired {
		t.Errorf("settings that are lost: %v", err)
	}
}

func TestWhatIsWrongWithAChannelIsSaidAtOnce(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		settings byhand.Settings
		fields   []string
	}{
		"nothing":            {byhand.Settings{}, []string{"kind", "handle"}},
		"a long kind":        {byhand.Settings{Kind: strings.Repeat("x", 61), Handle: "h"}, []string{"kind"}},
		"a page that is not": {byhand.Settings{Kind: "k", Handle: "h", Page: "instagram.com/hope"}, []string{"address"}},
		"a page that runs":   {byhand.Settings{Kind: "k", Handle: "h", Page: "javascript:alert(1)"}, []string{"address"}},
		"a page with a name": {byhand.Settings{Kind: "k", Handle: "h", Page: "https://a:b@c.example/"}, []string{"address"}},
		"a negative length":  {byhand.Settings{Kind: "k", Handle: "h", Characters: -1}, []string{"characters"}},
	} {
		_, err := c.settings.Clean()
		var fields []string
		for _, p := range fault.Problems(err) {
			fields = append(fields, p.Field)
		}
		if diff := cmp.Diff(c.fields, fields); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestLengthsAndPicturesAreLookedAtAsThePersonSaid(t *testing.T) {
	t.Parallel()
	picture := []platform.Picture{{Alt: "A blue heart."}}
	for name, c := range map[string]struct {
		caps    platform.Capabilities
		content platform.Content
		want    []string
	}{
		"no limit":        {platform.Capabilities{}, platform.Content{Parts: []platform.Part{{Text: strings.Repeat("é", 9000)}}}, nil},
		"just fits":       {platform.Capabilities{MaxCharacters: 3}, platform.Content{Parts: []platform.Part{{Text: "éüñ"}}}, nil},
		"one too many":    {platform.Capabilities{MaxCharacters: 3}, platform.Content{Parts: []platform.Part{{Text: "a"}, {Text: "éüña"}}}, []string{"too_long"}},
		"no picture":      {platform.Capabilities{NeedsPicture: true}, platform.Content{Parts: []platform.Part{{Text: "a"}}}, []string{"needs_picture"}},
		"a picture":       {platform.Capabilities{NeedsPicture: true}, platform.Content{Parts: []platform.Part{{Pictures: picture}}}, nil},
		"nothing at all":  {platform.Capabilities{}, platform.Content{Parts: []platform.Part{{Text: " "}}}, []string{"empty"}},
		"nothing to copy": {platform.Capabilities{}, platform.Content{}, nil},
	} {
		var codes []string
		for _, issue := range (byhand.Connector{}).Validate(c.caps, c.content) {
			codes = append(codes, issue.Code)
		}
		if diff := cmp.Diff(c.want, codes); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
