export default defineEventHandler(async (event) => {
  const session = stallOf(event)
  const { owner: user, cart = {}, notes = {} } = session
  return { user, cart, notes, notices: await session.flashes('notice') }
})
