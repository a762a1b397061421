import { defineCachedEventHandler } from 'nitropack/runtime'
import { site } from '../../site.ts'

export default defineCachedEventHandler(
  (event) => site.page(event as never, (...of) => (event as unknown as { fetch: typeof fetch }).fetch(...of)),
  { maxAge: 60 },
)
