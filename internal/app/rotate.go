package app

import (
	"context"

	"daymark/internal/core/fault"
	"daymark/internal/org/channel"
	"daymark/internal/org/channel/joining"
	"daymark/internal/org/consent"
	"daymark/internal/org/notify"
	"daymark/internal/org/people"
	"daymark/internal/org/seal"
	"daymark/internal/org/signin/totp"
	"daymark/internal/postgres"
)

// Rotated is what a change of keys did.
type Rotated struct {
	Key      seal.Key
	Channels int
	Apps     int
	Old      string // where the old key is kept; empty where the key does not stand in the data folder
}

// RotateKey seals every credential with a new key: one in a file, or, where that is empty, one made in the data folder and put in
// the old one's place. It may be repeated after it was broken off at any point. No daemon may run meanwhile.
func (a *App) RotateKey(ctx context.Context, by people.Person, file string) (Rotated, error) {
	if !by.May(people.ChannelManage) {
		return Rotated{}, fault.New(fault.Forbidden, "Your role does not allow changing the key.")
	}
	outside := a.Settings.Key != "" || a.Settings.KeyFile != ""
	switch {
	case outside && file == "":
		return Rotated{}, fault.New(fault.Invalid, "The key is set from outside, by DAYMARK_KEY or DAYMARK_KEY_FILE, and Daymark cannot change it there. "+
			"Make a new one (umask 077; openssl rand -base64 32 > new-key), run this again with --to new-key and the old one still set, then set the new one and start the daemon.")
	case !outside && file != "":
		return Rotated{}, fault.New(fault.Invalid, "The key stands in the data folder, where Daymark makes the new one itself; leave --to out.")
	}
	if err := a.LockFolder(); err != nil {
		return Rotated{}, err
	}
	var out Rotated
	var err error
	if outside {
		out.Key, err = seal.ReadKeyFile(file)
	} else {
		out.Key, err = seal.MakeNextKey(a.DataDir)
	}
	if err != nil {
		return out, err
	}
	if out.Channels, out.Apps, err = a.reseal(ctx, by, out.Key); err != nil || outside {
		return out, err
	}
	out.Old, err = seal.PutNextKey(a.DataDir)
	return out, err
}

// reseal seals everything with a key, or nothing.
func (a *App) reseal(ctx context.Context, by people.Person, next seal.Key) (channels, apps int, err error) {
	keys := append(seal.Keys{next}, a.Keys...)
	err = a.DB.InTx(ctx, func(tx *postgres.Tx) (err error) {
		if channels, err = channel.Reseal(ctx, tx, keys, by.ID); err != nil {
			return err
		}
		if apps, err = joining.Reseal(ctx, tx, keys); err != nil {
			return err
		}
		if _, err = totp.Reseal(ctx, tx, keys); err != nil {
			return err
		}
		if _, err = consent.Reseal(ctx, tx, keys); err != nil {
			return err
		}
		return notify.Reseal(ctx, tx, keys)
	})
	return channels, apps, err
}
