// Package sent makes the screen about what was published.
//
// Each exported function reads what one page shows and decides how it is put. It changes nothing and knows no HTTP.
package sent

import "daymark/internal/face/web/view"

// viewer is who looks, with the helpers of this package.
type viewer struct{ view.Viewer }
