import { eventHandler } from 'h3'
import { site } from '../site.ts'

export default eventHandler((event) =>
  site.page(event as never, (...of) => (event as unknown as { fetch: typeof fetch }).fetch(...of)),
)
