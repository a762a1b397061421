export default defineEventHandler(async (event) => {
  const session = stallOf(event)
  const name = await fieldOf(event, 'name', 40)
  if (name === '') throw createError({ statusCode: 400, message: 'Who are you?' })
  // Another id, and nothing of before but the cart. A real application asks for a password first.
  await session.login(name, { keep: ['cart'] })
  session.flash('notice', `Welcome, ${name}.`)
  return sendRedirect(event, '/', 303)
})
