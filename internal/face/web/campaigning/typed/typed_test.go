package typed_test

import (
	"testing"

	"daymark/internal/face/web/campaigning/typed"
	"daymark/internal/face/web/page"
	"daymark/internal/face/web/page/pagetest"
	"daymark/internal/flow/campaign"
	"daymark/internal/flow/campaign/compose"
	"daymark/internal/flow/campaign/form"

	"github.com/google/go-cmp/cmp"
)

func TestTheFormRendersWithNothingAndWithEverything(t *testing.T) {
	t.Parallel()
	pagetest.Renders(t, &typed.Page{Frame: page.Frame{Template: "campaign_form"}})
}

func TestProblemsOfTheFileBearTheNamesOfTheForm(t *testing.T) {
	t.Parallel()
	words, err := page.English()
	if err != nil {
		t.Fatal(err)
	}
	s := compose.Sheet{Campaign: form.Campaign{Posts: []form.Post{{ID: "teaser"}, {ID: "launch"}}}}
	var got []string
	for _, p := range typed.Problems(words, s, []campaign.Problem{
		{Field: "posts[1].text.en", Message: "a text is empty"},
		{Field: "posts[1]", Message: `the field "time" is missing`},
		{Field: "posts[1].hashtags[2]", Message: "x"},
		{Field: "posts[1].media[0].alt.fr", Message: "x"},
		{Field: "posts[0].text.fr", Message: "x"},
		{Field: "", Message: "x"},
	}, "posts[1].") {
		got = append(got, p.Field)
	}
	if diff := cmp.Diff([]string{"text.en", "time", "hashtags", "media[0].alt.fr", "teaser: text.fr", ""}, got); diff != "" {
		t.Error(diff)
	}
}

func TestListsArePartedAsPeopleWriteThem(t *testing.T) {
	t.Parallel()
	if diff := cmp.Diff([]string{"#A", "#B", "#C", "د"}, typed.Split(" #A,#B ;\r\n#C، د ")); diff != "" {
		t.Error(diff)
	}
}
