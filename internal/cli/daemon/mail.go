package daemon

import (
	"daymark/internal/app/mailing"
	"daymark/internal/cli/command"
)

// Mail is the command that tries the mail server.
type Mail struct {
	Test MailTest `cmd:"" help:"Send one letter and say what the server answered."`
}

// MailTest is the command that sends one letter.
type MailTest struct {
	To string `arg:"" help:"The address to send it to." placeholder:"EMAIL"`
}

// Help shows an example.
func (MailTest) Help() string {
	return "Uses the settings DAYMARK_SMTP_… and needs no database. Example:\n  daymark mail test you@example.org"
}

// Run sends the letter.
func (c *MailTest) Run(r *command.Run) error {
	if err := mailing.Test(r.Ctx, r.Set.App(r.Version).Mail, c.To); err != nil {
		return err
	}
	r.Printf("%s took the letter to %s. Whether it arrives, the mailbox says: look into the spam folder too.\n", r.Set.SMTPHost, c.To)
	return nil
}
