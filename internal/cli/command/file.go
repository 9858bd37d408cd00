package command

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"daymark/internal/core/fault"
	"daymark/internal/flow/campaign"
)

// CheckZone refuses what is no time zone, before anything is asked of anybody.
func CheckZone(zone string) error {
	if _, err := time.LoadLocation(zone); err != nil || zone == "" || zone == "Local" {
		return fault.BadField("--zone", "there is no time zone %q; write one from the IANA list, such as Europe/London or UTC", zone)
	}
	return nil
}

// ReadCampaign reads a campaign folder, or a shipped campaign by its id.
func ReadCampaign(path string, shipped bool) (campaign.Loaded, error) {
	info, err := os.Stat(path)
	if shipped || (err != nil && !strings.ContainsAny(path, `/\.`)) {
		return campaign.LoadShipped(path)
	}
	if err != nil {
		return campaign.Loaded{}, fault.Wrap(fault.NotFound, err, "There is no campaign folder %s.", path)
	}
	if !info.IsDir() {
		path = filepath.Dir(path)
	}
	full, err := filepath.Abs(path)
	if err != nil {
		return campaign.Loaded{}, err
	}
	// A root keeps links in the folder from leading outside.
	root, err := os.OpenRoot(filepath.Dir(full))
	if err != nil {
		return campaign.Loaded{}, fault.Wrap(fault.Invalid, err, "The folder %s cannot be opened: %v", path, err)
	}
	defer func() { _ = root.Close() }()
	base := filepath.Base(full)
	above, ok := strings.CutSuffix(filepath.ToSlash(filepath.Clean(path)), base)
	if !ok { // it was given as "." or the like
		above = ""
	}
	return campaign.Load(named{root.FS(), above}, above+base)
}

// named lets the problems of a campaign name its file as the person named the folder, so that an editor can go there.
type named struct {
	fs.FS
	above string // what stands before the folder's own name
}

// Open opens a file of the folder by its long name.
func (n named) Open(name string) (fs.File, error) {
	return n.FS.Open(strings.TrimPrefix(name, n.above))
}
