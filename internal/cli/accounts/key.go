package accounts

import (
	"path/filepath"

	"daymark/internal/app"
	"daymark/internal/cli/command"
)

// Key is the command about the key that seals credentials.
type Key struct {
	Rotate KeyRotate `cmd:"" help:"Seal every credential with a new key."`
}

// KeyRotate is the command that changes the key.
type KeyRotate struct {
	To string `help:"A file with the new key, where DAYMARK_KEY or DAYMARK_KEY_FILE is set." placeholder:"FILE"`
	As string `help:"E-mail address of the admin; default: the first." placeholder:"EMAIL"`
}

// Help shows examples.
func (KeyRotate) Help() string {
	return "Stop every daemon first. It may be run again if it was broken off. The old key is kept beside the new one, for backups of the\n" +
		"database that were made before.\nExamples:\n  daymark key rotate\n  (umask 077; openssl rand -base64 32 > new-key) && daymark key rotate --to new-key"
}

// Run changes the key.
func (c *KeyRotate) Run(r *command.Run) error {
	return r.Open(func(a *app.App) error {
		by, err := r.Operator(a, c.As)
		if err != nil {
			return err
		}
		done, err := a.RotateKey(r.Ctx, by, c.To)
		if err != nil {
			return err
		}
		r.Printf("Sealed %s and %s with the new %s.\n", command.Count(done.Channels, "channel"), command.Count(done.Apps, "registration"), done.Key)
		if done.Old == "" {
			r.Printf("Now set DAYMARK_KEY, or DAYMARK_KEY_FILE, to the new key before a daemon starts. Keep the old one for backups made before.\n")
			return nil
		}
		r.Printf("The old key is kept as %s. Backups of the database made before need it; remove it when none is left. Back up %s now.\n", done.Old, filepath.Join(a.DataDir, "key"))
		return nil
	})
}
