// Package planned makes the screens about what is to come: the campaigns with how far each is.
//
// Each exported function reads what one page shows and decides how it is put. It changes nothing and knows no HTTP.
package planned

import "daymark/internal/face/web/view"

// viewer is who looks, with the helpers of this package.
type viewer struct{ view.Viewer }
