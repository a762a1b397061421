export default defineEventHandler((event) => {
  const session = stallOf(event)
  const item = getRouterParam(event, 'item')
  if (!isItem(item)) throw createError({ statusCode: 404 })
  session.update('cart', (cart = {}) => ({ ...cart, [item]: (cart[item] ?? 0) + 1 }))
  session.flash('notice', `${ITEMS[item]}: added to your cart.`)
  return sendRedirect(event, '/', 303)
})
