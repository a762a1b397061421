// A stall on h3: sign-in, cart, messages that are shown once, sign-out, and two tabs at the same time.
import { join } from 'node:path'
import { setTimeout as database } from 'node:timers/promises'
import { H3, HTTPError, redirect, serve } from 'h3'
import { fileStore } from 'untorn/file'
import { sessions } from 'untorn/h3'
import { ITEMS, page } from './page.js'

const store = fileStore(join(import.meta.dirname, '.sessions'))

const app = new H3()
app.use(sessions({ store }))

// A form of another site is not from here: SameSite=Lax keeps the cookie from it, and this the form.
app.use(({ req }) => {
  const isRead = req.method === 'GET' || req.method === 'HEAD'
  const site = req.headers.get('sec-fetch-site') ?? 'same-origin'
  if (!isRead && site !== 'same-origin') throw new HTTPError({ status: 403 })
})

app.get('/', async ({ res, context: { session } }) => {
  const { cart, notes } = session
  res.headers.set('content-security-policy', "default-src 'self'; style-src 'unsafe-inline'")
  res.headers.set('content-type', 'text/html; charset=utf-8')
  return page({ user: session.owner, cart, notes }, await session.flashes('notice'))
})

app.post('/sign-in', async ({ req, context: { session } }) => {
  const name = await textOf(req, 'name', 40)
  if (name === '') throw new HTTPError({ status: 400, message: 'Who are you?' })
  // Another id, and nothing of before but the cart. A real application asks for a password first.
  await session.login(name, { keep: ['cart'] })
  session.flash('notice', `Welcome, ${name}.`)
  return redirect('/', 303)
})

app.post('/sign-out', async ({ context: { session } }) => {
  await session.logout()
  return redirect('/', 303)
})

app.post('/cart/:item', ({ context: { session, params } }) => {
  const { item } = params
  if (!Object.hasOwn(ITEMS, item)) throw new HTTPError({ status: 404 })
  session.update('cart', (cart = {}) => ({ ...cart, [item]: (cart[item] ?? 0) + 1 }))
  session.flash('notice', `${ITEMS[item]}: added to your cart.`)
  return redirect('/', 303)
})

app.post('/notes/:tab', async ({ req, context: { session, params } }) => {
  const { tab } = params
  if (tab !== 'one' && tab !== 'two') throw new HTTPError({ status: 404 })
  const text = await textOf(req, 'text', 200)
  await database(1000)
  session.update('notes', (notes = {}) => ({ ...notes, [tab]: text }))
  return redirect('/', 303)
})

/** A field of a form, so long at most. */
async function textOf(req, name, longest) {
  const form = await req.formData()
  return String(form.get(name) ?? '')
    .trim()
    .slice(0, longest)
}

const server = serve(app, { hostname: '127.0.0.1', port: Number(process.env.PORT ?? 3000), silent: true })
await server.ready()
console.log(server.url.replace(/\/$/, ''))
