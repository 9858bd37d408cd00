// Package sent makes the screens about what happened: what was published and what it reached.
//
// Each exported function reads what one page shows and decides how it is put. It changes nothing and knows no HTTP.
package sent

import "daymark/internal/face/web/view"

// viewer is who looks, with the helpers of this package.
type viewer struct{ view.Viewer }
