// A stall on Hono: sign-in, cart, messages that are shown once, sign-out, and two tabs at the same time.
import { join } from 'node:path'
import { setTimeout as database } from 'node:timers/promises'
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { csrf } from 'hono/csrf'
import { secureHeaders } from 'hono/secure-headers'
import { fileStore } from 'untorn/file'
import { sessions } from 'untorn/hono'
import { ITEMS, page } from './page.js'

const store = fileStore(join(import.meta.dirname, '.sessions'))

const app = new Hono()
  .use(secureHeaders(), csrf(), sessions({ store }))

  .get('/', async (c) => {
    const { session } = c.var
    const { cart, notes } = session
    return c.html(page({ user: session.owner, cart, notes }, await session.flashes('notice')))
  })

  .post('/sign-in', async (c) => {
    const { name } = await c.req.parseBody()
    if (typeof name !== 'string' || name.trim() === '') return c.text('Who are you?', 400)
    // Another id, and nothing of before but the cart. A real application asks for a password first.
    await c.var.session.login(name.trim().slice(0, 40), { keep: ['cart'] })
    c.var.session.flash('notice', `Welcome, ${name.trim().slice(0, 40)}.`)
    return c.redirect('/', 303)
  })

  .post('/sign-out', async (c) => {
    await c.var.session.logout()
    return c.redirect('/', 303)
  })

  .post('/cart/:item', (c) => {
    const item = c.req.param('item')
    if (!Object.hasOwn(ITEMS, item)) return c.notFound()
    c.var.session.update('cart', (cart = {}) => ({ ...cart, [item]: (cart[item] ?? 0) + 1 }))
    c.var.session.flash('notice', `${ITEMS[item]}: added to your cart.`)
    return c.redirect('/', 303)
  })

  .post('/notes/:tab', async (c) => {
    const { text } = await c.req.parseBody()
    const tab = c.req.param('tab')
    if (tab !== 'one' && tab !== 'two') return c.notFound()
    await database(1000)
    c.var.session.update('notes', (notes = {}) => ({ ...notes, [tab]: String(text ?? '').slice(0, 200) }))
    return c.redirect('/', 303)
  })

serve({ fetch: app.fetch, hostname: '127.0.0.1', port: Number(process.env.PORT ?? 3000) }, ({ port }) =>
  console.log(`http://127.0.0.1:${port}`),
)
