export default defineEventHandler(async (event) => {
  await stallOf(event).logout()
  return sendRedirect(event, '/', 303)
})
