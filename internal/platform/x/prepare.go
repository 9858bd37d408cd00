package x

import (
	"context"
	"encoding/json"
	"fmt"

	"daymark/internal/platform"
	"daymark/internal/platform/x/session"
	"daymark/internal/platform/x/upload"
)

// Prepare uploads the part's pictures, unless prev has them, waits until X has worked them through and gives X their alt
// texts. A picture whose alt text X did not take is not prepared.
func (c *Connector) Prepare(ctx context.Context, account platform.Account, content platform.Content, part int, prev platform.Handles) (platform.Handles, error) {
	s, err := session.Open(c.o, account)
	if err != nil {
		return prev, err
	}
	h, err := upload.Read(prev)
	if err != nil {
		return nil, &platform.Transient{Say: "What Daymark remembered about the uploads is unreadable. It uploads again.", Err: err, PrepareAgain: true}
	}
	if part < 0 || part >= len(content.Parts) {
		return prev, &platform.Permanent{Code: "no_such_part", Say: fmt.Sprintf("The post has no part %d.", part+1)}
	}
	pictures := content.Parts[part].Pictures
	if s.Keys.API == session.Legacy && len(pictures) > 0 {
		return prev, &platform.Permanent{Code: "not_supported", Say: "This channel uses version 1.1 of X's API, which takes no pictures. Switch it to version 2, or leave the pictures out."}
	}
	err = upload.All(ctx, s, &h, part, pictures)
	b, encodeErr := json.Marshal(h)
	if encodeErr != nil {
		return prev, fmt.Errorf("write handles: %w", encodeErr)
	}
	return b, err
}
