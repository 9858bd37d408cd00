// Package judged makes the screens about words: a post with everything known about it, the review queue and its cards.
//
// Each exported function reads what one page shows and decides how it is put. It changes nothing and knows no HTTP.
package judged

import "daymark/internal/face/web/view"

// viewer is who looks, with the helpers of this package.
type viewer struct{ view.Viewer }
