// A stall on Elysia: sign-in, cart, messages that are shown once, sign-out, and two tabs at the same time.
import { join } from 'node:path'
import { setTimeout as database } from 'node:timers/promises'
import { node } from '@elysiajs/node'
import { Elysia, status } from 'elysia'
import { sessions } from 'untorn/elysia'
import { fileStore } from 'untorn/file'
import { ITEMS, page } from './page.js'

const store = fileStore(join(import.meta.dirname, '.sessions'))

/** After every form a redirect, so that reloading the page sends nothing twice. */
const home = () => new Response(null, { status: 303, headers: { location: '/' } })

const app = new Elysia({ adapter: node() })
  .use(sessions({ store }))

  // A form of another site is not from here: SameSite=Lax keeps the cookie from it, and this the form.
  .onBeforeHandle(({ request: { method, headers } }) => {
    const isRead = method === 'GET' || method === 'HEAD'
    if (!isRead && (headers.get('sec-fetch-site') ?? 'same-origin') !== 'same-origin') return status(403)
  })

  // Elysia would send the text of any error, and that of a store may name a directory.
  .onError(({ error, request }) => {
    const code = error.status ?? 500
    if (!(error instanceof Error) || code < 500) return
    console.error(`${request.method} ${request.url}:`, error)
    return status(code, 'Try again in a while.')
  })

  .get('/', async ({ session, set }) => {
    const { cart, notes } = session
    set.headers['content-type'] = 'text/html; charset=utf-8'
    set.headers['content-security-policy'] = "default-src 'self'; style-src 'unsafe-inline'"
    return page({ user: session.owner, cart, notes }, await session.flashes('notice'))
  })

  .post('/sign-in', async ({ session, body }) => {
    const name = String(body?.name ?? '')
      .trim()
      .slice(0, 40)
    if (name === '') return status(400, 'Who are you?')
    // Another id, and nothing of before but the cart. A real application asks for a password first.
    await session.login(name, { keep: ['cart'] })
    session.flash('notice', `Welcome, ${name}.`)
    return home()
  })

  .post('/sign-out', async ({ session }) => {
    await session.logout()
    return home()
  })

  .post('/cart/:item', ({ session, params: { item } }) => {
    if (!Object.hasOwn(ITEMS, item)) return status(404)
    session.update('cart', (cart = {}) => ({ ...cart, [item]: (cart[item] ?? 0) + 1 }))
    session.flash('notice', `${ITEMS[item]}: added to your cart.`)
    return home()
  })

  .post('/notes/:tab', async ({ session, params: { tab }, body }) => {
    if (tab !== 'one' && tab !== 'two') return status(404)
    await database(1000)
    const text = String(body?.text ?? '').slice(0, 200)
    session.update('notes', (notes = {}) => ({ ...notes, [tab]: text }))
    return home()
  })

app.listen({ hostname: '127.0.0.1', port: Number(process.env.PORT ?? 3000) }, ({ port }) =>
  console.log(`http://127.0.0.1:${port}`),
)
