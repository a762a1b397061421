import { defineHandler, serverFetch } from 'nitro'
import { site } from '../site.ts'

export default defineHandler((event) =>
  site.page(event as never, (path, init) => serverFetch(path, init, event.context)),
)
