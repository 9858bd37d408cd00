package app

import (
	"daymark/internal/app/https"
	"daymark/internal/face/web/guard"
)

// openPorts opens the ports that people come through, as the settings say.
func (a *App) openPorts() (*https.Ports, error) {
	s := a.Settings
	public, err := guard.ParsePublic(s.PublicURL)
	if err != nil {
		return nil, err
	}
	return https.Open(s.TLS, s.Addr, s.HTTPAddr, https.Options{
		Public: public, Folder: a.DataDir, Email: s.ACMEEmail, Directory: s.ACMEDirectory, Log: a.Log,
	})
}
