package campaign_test

import (
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"daymark/internal/flow/campaign"
	"daymark/internal/flow/campaign/form"
	"daymark/internal/flow/campaign/source"
)

func TestThePageForPeopleNamesEveryFieldAndItsExampleIsRead(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("../../../docs/campaign-files.md")
	if err != nil {
		t.Fatal(err)
	}
	page := string(raw)
	for _, part := range []any{form.Campaign{}, form.Post{}, form.Series{}, form.Part{}, form.Variant{}, form.Media{}, form.CTA{}, form.Review{}, form.Task{}, form.Observance{}, form.Fact{}} {
		kind := reflect.TypeOf(part)
		for i := range kind.NumField() {
			name, _, _ := strings.Cut(kind.Field(i).Tag.Get("json"), ",")
			if !regexp.MustCompile("[`{ ]" + name + "[`:]").MatchString(page) {
				t.Errorf("the field %q of %s is not explained", name, kind.Name())
			}
		}
	}
	_, rest, _ := strings.Cut(page, "```yaml\n")
	example, _, found := strings.Cut(rest, "```")
	if _, problems := campaign.ReadCampaign("example", []byte(example)); !found || len(problems) > 0 {
		t.Errorf("the example has mistakes: %s", source.Text(problems))
	}
}
