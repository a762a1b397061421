/** A form of another site is not from here: SameSite=Lax keeps the cookie from it, and this the form. */
export default defineEventHandler((event) => {
  const isRead = event.method === 'GET' || event.method === 'HEAD'
  const site = getRequestHeader(event, 'sec-fetch-site') ?? 'same-origin'
  if (!isRead && site !== 'same-origin') throw createError({ statusCode: 403 })
})
