import { eventHandler } from 'h3'
import type { NitroSite } from '../site.ts'

const site = (globalThis as unknown as { untornNitro: NitroSite }).untornNitro

export default eventHandler((event) =>
  site.page(event as never, (path) => (event as unknown as { fetch: typeof fetch }).fetch(path)),
)
