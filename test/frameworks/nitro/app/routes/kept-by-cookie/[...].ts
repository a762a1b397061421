import { defineCachedHandler } from 'nitro/cache'
import { site } from '../../site.ts'

export default defineCachedHandler((event) => site.page(event as never, fetch as never), {
  maxAge: 60,
  allowCookies: ['sid'],
})
