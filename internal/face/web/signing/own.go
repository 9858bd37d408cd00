package signing

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"html/template"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"strings"

	"github.com/pquerna/otp"

	"daymark/internal/core/fault"
	"daymark/internal/face/web/ask"
	"daymark/internal/face/web/page"
	"daymark/internal/org/people"
	"daymark/internal/org/profile"
	"daymark/internal/org/signin"
	"daymark/internal/org/signin/passkey"
	"daymark/internal/org/signin/totp"
	"daymark/internal/postgres"
)

// ownPage is a person's own ways to log in.
type ownPage struct {
	page.Frame
	Owes     bool // nothing else is open before a second step is set up
	Asked    bool // the organisation's rule asks a second step of this person
	On       bool
	Left     int
	Problem  string // with the code that was typed last
	Works    bool   // passkeys work under this address
	Keys     []keyRow
	MayRule  bool
	Rules    []page.Option
	Provider string
}

// keyRow is a passkey on the page.
type keyRow struct {
	ID      int64
	Name    string
	Site    string
	Foreign bool
	Made    page.Moment
	Used    page.Moment
}

// Own answers with a person's own ways to log in.
func (d Desk) Own(r ask.Request) (ask.Answer, error) {
	p, err := d.own(r)
	if err != nil {
		return ask.Answer{}, err
	}
	return ask.Shown(p), nil
}

func (d Desk) own(r ask.Request) (*ownPage, error) {
	ctx := r.Context()
	p := &ownPage{
		Frame: page.Frame{Template: "signin", Title: r.Words.T("sign.title"), Door: "sign-in"},
		Owes:  d.Sessions.Owes(ctx), MayRule: r.Person.May(people.PeopleManage),
	}
	state, err := totp.StateOf(ctx, d.DB, r.Person.ID)
	if err != nil {
		return nil, err
	}
	p.On, p.Left = state.On, state.Left
	rule, err := signin.RuleNow(ctx, d.DB)
	if err != nil {
		return nil, err
	}
	p.Asked = rule.Asks(r.Person)
	for _, one := range signin.Rules() {
		p.Rules = append(p.Rules, page.Option{Value: string(one), Word: r.Words.T("sign.rule." + string(one)), Chosen: one == rule})
	}
	p.Works, p.Provider = d.Ways(r.Request)
	site, _ := d.site(r.Request)
	keys, err := passkey.List(ctx, d.DB, r.Person.ID, site.ID)
	if err != nil {
		return nil, err
	}
	for _, k := range keys {
		p.Keys = append(p.Keys, keyRow{ID: k.ID, Name: k.Name, Site: k.Site, Foreign: k.Foreign, Made: r.Words.Moment(k.Made, r.Zone), Used: r.Words.Moment(k.Used, r.Zone)})
	}
	return p, nil
}

// setUpPage shows the secret to an app, and asks for the first code.
type setUpPage struct {
	page.Frame
	Picture template.URL // the QR code, as a data address
	Secret  string       // in groups, for who types it
	Problem string
}

// recoveryPage shows the recovery codes, once.
type recoveryPage struct {
	page.Frame
	Codes []string
}

// BeginCodes makes a secret for the person's app.
func (d Desk) BeginCodes(r ask.Request) (ask.Answer, error) {
	err := d.DB.InTx(r.Context(), func(tx *postgres.Tx) error { return totp.Begin(r.Context(), tx, d.Keys, d.Random, r.Person) })
	return ask.Answer{To: "/sign-in/codes"}, err
}

// SetUp answers with the secret for the person's app.
func (d Desk) SetUp(r ask.Request) (ask.Answer, error) {
	p, err := d.setUp(r)
	if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Conflict) {
		return ask.Answer{To: "/sign-in"}, nil // nothing was begun, or it is on
	}
	if err != nil {
		return ask.Answer{}, err
	}
	return ask.Shown(p), nil
}

func (d Desk) setUp(r ask.Request) (*setUpPage, error) {
	org, err := profile.Get(r.Context(), d.DB)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return nil, err
	}
	key, err := totp.Shown(r.Context(), d.DB, d.Keys, r.Person, strings.ReplaceAll(org.Name, ":", " ")) // a colon ends the issuer's name
	if err != nil {
		return nil, err
	}
	p := &setUpPage{Frame: page.Frame{Template: "signin_codes", Title: r.Words.T("sign.codes.set"), Door: "sign-in"}}
	for i, c := range key.Secret() {
		if i > 0 && i%4 == 0 {
			p.Secret += " "
		}
		p.Secret += string(c)
	}
	p.Picture, err = picture(key)
	return p, err
}

const (
	codeSide = 300
	quiet    = 30 // white around the code: four of its modules at least (ISO/IEC 18004)
)

// picture draws the QR code of a secret. It goes within the page, so that no cache keeps it.
func picture(key *otp.Key) (template.URL, error) {
	code, err := key.Image(codeSide, codeSide)
	if err != nil {
		return "", fmt.Errorf("draw a QR code: %w", err)
	}
	whole := image.NewGray(image.Rect(0, 0, codeSide+2*quiet, codeSide+2*quiet))
	draw.Draw(whole, whole.Bounds(), image.NewUniform(color.White), image.Point{}, draw.Src)
	draw.Draw(whole, code.Bounds().Add(image.Pt(quiet, quiet)), code, code.Bounds().Min, draw.Src)
	var b bytes.Buffer
	if err := png.Encode(&b, whole); err != nil {
		return "", fmt.Errorf("write a QR code: %w", err)
	}
	return template.URL("data:image/png;base64," + base64.StdEncoding.EncodeToString(b.Bytes())), nil // #nosec G203: made of nothing but base64
}

// ConfirmCodes turns codes on with the first one and answers with the recovery codes.
func (d Desk) ConfirmCodes(r ask.Request) (ask.Answer, error) {
	if err := r.Form(); err != nil {
		return ask.Answer{}, err
	}
	codes, err := totp.Confirm(r.Context(), d.DB, d.Keys, d.Random, r.Person, r.PostForm.Get("code"), d.Now())
	if fault.Is(err, fault.Invalid) {
		p, err := d.setUp(r)
		if err != nil {
			return ask.Answer{}, err
		}
		p.Problem = r.Words.T("sign.code.wrong")
		return ask.Again(p), nil
	}
	if err != nil {
		return ask.Answer{}, err
	}
	d.Sessions.Owe(r.Context(), false)
	return d.recovery(r, codes), nil
}

func (d Desk) recovery(r ask.Request, codes []string) ask.Answer {
	return ask.Shown(&recoveryPage{Frame: page.Frame{Template: "signin_recovery", Title: r.Words.T("sign.recovery"), Door: "sign-in"}, Codes: codes})
}

// RenewRecovery answers with new recovery codes, for a code of the app.
func (d Desk) RenewRecovery(r ask.Request) (ask.Answer, error) {
	if err := r.Form(); err != nil {
		return ask.Answer{}, err
	}
	codes, err := totp.Renew(r.Context(), d.DB, d.Keys, d.Random, r.Person, r.PostForm.Get("code"), d.Now())
	if err != nil {
		return d.mend(r, err)
	}
	return d.recovery(r, codes), nil
}

// TurnOffCodes turns codes off, for a code of the app.
func (d Desk) TurnOffCodes(r ask.Request) (ask.Answer, error) {
	if err := r.Form(); err != nil {
		return ask.Answer{}, err
	}
	err := totp.Check(r.Context(), d.DB, d.Keys, r.Person, r.PostForm.Get("code"), d.Now())
	if err == nil {
		err = d.DB.InTx(r.Context(), func(tx *postgres.Tx) error { return totp.Forget(r.Context(), tx, d.Keys, r.Person.ID, r.Person.ID) })
	}
	if err != nil {
		return d.mend(r, err)
	}
	return ask.Answer{To: "/sign-in", Said: r.Words.T("sign.codes.gone")}, nil
}

// ForgetCodes turns off the codes of somebody who has lost the phone and the recovery codes.
func (d Desk) ForgetCodes(r ask.Request) (ask.Answer, error) {
	id, err := r.Number("id")
	if err != nil {
		return ask.Answer{}, err
	}
	err = d.DB.InTx(r.Context(), func(tx *postgres.Tx) error { return totp.Forget(r.Context(), tx, d.Keys, id, r.Person.ID) })
	return ask.Answer{To: fmt.Sprintf("/people/%d", id), Said: r.Words.T("sign.codes.forgotten")}, err
}

// mend shows the page again where the code was wrong.
func (d Desk) mend(r ask.Request, err error) (ask.Answer, error) {
	if !fault.Is(err, fault.Invalid) {
		return ask.Answer{}, err
	}
	p, err := d.own(r)
	if err != nil {
		return ask.Answer{}, err
	}
	p.Problem = r.Words.T("sign.code.wrong")
	return ask.Again(p), nil
}

// SetRule says whom a second step is asked of.
func (d Desk) SetRule(r ask.Request) (ask.Answer, error) {
	if err := r.Form(); err != nil {
		return ask.Answer{}, err
	}
	err := d.DB.InTx(r.Context(), func(tx *postgres.Tx) error {
		return signin.SetRule(r.Context(), tx, signin.Rule(r.PostForm.Get("rule")), r.Person)
	})
	return ask.Answer{To: "/sign-in", Said: r.Words.T("sign.rule.saved")}, err
}
