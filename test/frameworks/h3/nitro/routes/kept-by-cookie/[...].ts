import { defineCachedEventHandler } from 'nitropack/runtime'
import { site } from '../../site.ts'

export default defineCachedEventHandler((event) => site.page(event as never, fetch as never), {
  maxAge: 60,
  varies: ['cookie'],
})
