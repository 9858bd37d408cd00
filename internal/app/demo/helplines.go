package demo

import (
	"context"

	"daymark/internal/core/campaign"
	"daymark/internal/org/helpline"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
)

// demoHelplines are invented: they say so, nobody can be reached at them, and the database keeps them in the sandbox. The British
// number is one that Ofcom sets aside for drama (https://www.ofcom.org.uk/phones-and-broadband/phone-numbers/numbers-for-drama);
// the others have a number of zeros in place of a subscriber. The real helplines that Daymark ships stay unchecked beside them.
var demoHelplines = []campaign.Helpline{
	{
		ID: "demo-gb", Country: "GB", Name: "Hope Line test number (invented)", Phone: "020 7946 0123", Hours: "24/7", Languages: []string{"en", "ar"},
		Short: map[string]string{
			"en": "Hope Line test number (invented): 020 7946 0123",
			"ar": "رقم تجريبي لـ Hope Line (مختلق): 020 7946 0123",
		},
	},
	{
		ID: "demo-co", Country: "CO", Name: "Hope Line número de prueba (inventado)", Phone: "601 000 0000", Hours: "24/7", Languages: []string{"es", "en"},
		Short: map[string]string{
			"en": "Hope Line test number (invented): 601 000 0000",
			"es": "Hope Line, número de prueba (inventado): 601 000 0000",
		},
	},
	{
		ID: "demo-sn", Country: "SN", Name: "Hope Line numéro d'essai (inventé)", Phone: "33 000 00 00", Hours: "24/7", Languages: []string{"fr"},
		Short: map[string]string{
			"en": "Hope Line test number (invented): 33 000 00 00",
			"fr": "Hope Line, numéro d'essai (inventé) : 33 000 00 00",
		},
	},
}

// demoChecks is who of the demo's people says to have looked at which helpline. Nobody has looked at the Senegalese one: posts
// for Dakar show the emergency sentence, and the page of helplines has something to do.
var demoChecks = []struct{ helpline, email, saw string }{
	{"demo-gb", "rosa@daymark.example", "Called the number of the demo. Let us say that a woman answered in English, and that Arabic is there on weekdays."},
	{"demo-co", "omar@daymark.example", "Called the number of the demo. Let us say that a man answered in Spanish."},
}

// addHelplines loads the helplines that ship with Daymark, adds the invented ones as the demo's editor, and checks two of them as
// its reviewers.
func (d *Demo) addHelplines(ctx context.Context, editor people.Person) error {
	if err := d.app.LoadHelplines(ctx); err != nil {
		return err
	}
	now := d.app.Clock.Now()
	return d.app.DB.InTx(ctx, func(tx *postgres.Tx) error {
		for _, h := range demoHelplines {
			h.For, h.Purpose, h.CheckDays, h.Invented = "everyone", campaign.Support, 30, true
			h.Note = "Invented for the demo. It cannot leave the sandbox."
			if _, err := helpline.Add(ctx, tx, h, editor, now); err != nil {
				return err
			}
		}
		for _, c := range demoChecks {
			by, err := people.ByEmail(ctx, tx, c.email)
			if err != nil {
				return err
			}
			look := helpline.NewCheck{How: helpline.Called, Result: helpline.Works, Saw: c.saw}
			if _, err := helpline.AddCheck(ctx, tx, c.helpline, look, by, now); err != nil {
				return err
			}
		}
		return nil
	})
}
