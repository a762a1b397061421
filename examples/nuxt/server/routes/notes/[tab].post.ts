import { setTimeout as database } from 'node:timers/promises'

export default defineEventHandler(async (event) => {
  const session = stallOf(event)
  const tab = getRouterParam(event, 'tab')
  if (!isTab(tab)) throw createError({ statusCode: 404 })
  const text = await fieldOf(event, 'text', 200)
  await database(1000)
  session.update('notes', (notes = {}) => ({ ...notes, [tab]: text }))
  return sendRedirect(event, '/', 303)
})
