// A stall on Fastify: sign-in, cart, messages that are shown once, sign-out, and two tabs at the same time.
import { join } from 'node:path'
import { setTimeout as database } from 'node:timers/promises'
import formbody from '@fastify/formbody'
import Fastify from 'fastify'
import { sessions } from 'untorn/fastify'
import { fileStore } from 'untorn/file'
import { ITEMS, page } from './page.js'

const store = fileStore(join(import.meta.dirname, '.sessions'))

const app = Fastify()
app.register(formbody)
app.register(sessions({ store }))

// A form of another site is not from here: SameSite=Lax keeps the cookie from it, and this the form.
app.addHook('onRequest', async (request, reply) => {
  const { method, headers } = request
  if (method === 'GET' || method === 'HEAD' || (headers['sec-fetch-site'] ?? 'same-origin') === 'same-origin')
    return
  return reply.code(403).send('From another site.')
})

// Fastify would send the message of any error, and that of a store may name a directory.
app.setErrorHandler((error, request, reply) => {
  const status = error.statusCode ?? error.status ?? 500
  if (status < 500) return reply.send(error)
  console.error(`${request.method} ${request.url}:`, error)
  return reply.code(status).send('Try again in a while.')
})

app.get('/', async ({ session }, reply) => {
  const { cart, notes } = session
  reply
    .type('text/html; charset=utf-8')
    .header('content-security-policy', "default-src 'self'; style-src 'unsafe-inline'")
  return page({ user: session.owner, cart, notes }, await session.flashes('notice'))
})

app.post('/sign-in', async ({ session, body }, reply) => {
  const name = String(body?.name ?? '')
    .trim()
    .slice(0, 40)
  if (name === '') return reply.code(400).send('Who are you?')
  // Another id, and nothing of before but the cart. A real application asks for a password first.
  await session.login(name, { keep: ['cart'] })
  session.flash('notice', `Welcome, ${name}.`)
  return reply.redirect('/', 303)
})

app.post('/sign-out', async ({ session }, reply) => {
  await session.logout()
  return reply.redirect('/', 303)
})

app.post('/cart/:item', async ({ session, params: { item } }, reply) => {
  if (!Object.hasOwn(ITEMS, item)) return reply.callNotFound()
  session.update('cart', (cart = {}) => ({ ...cart, [item]: (cart[item] ?? 0) + 1 }))
  session.flash('notice', `${ITEMS[item]}: added to your cart.`)
  return reply.redirect('/', 303)
})

app.post('/notes/:tab', async ({ session, params: { tab }, body }, reply) => {
  if (tab !== 'one' && tab !== 'two') return reply.callNotFound()
  await database(1000)
  session.update('notes', (notes = {}) => ({ ...notes, [tab]: String(body?.text ?? '').slice(0, 200) }))
  return reply.redirect('/', 303)
})

console.log(await app.listen({ host: '127.0.0.1', port: Number(process.env.PORT ?? 3000) }))
