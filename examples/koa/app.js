// A stall on Koa: sign-in, cart, messages that are shown once, sign-out, and two tabs at the same time.
import { join } from 'node:path'
import { setTimeout as database } from 'node:timers/promises'
import { bodyParser } from '@koa/bodyparser'
import Router from '@koa/router'
import Koa from 'koa'
import { fileStore } from 'untorn/file'
import { sessions } from 'untorn/koa'
import { ITEMS, page } from './page.js'

const store = fileStore(join(import.meta.dirname, '.sessions'))

const router = new Router()

router.get('/', async (ctx) => {
  const { session } = ctx
  const { cart, notes } = session
  ctx.type = 'html'
  ctx.set('content-security-policy', "default-src 'self'; style-src 'unsafe-inline'")
  ctx.body = page({ user: session.owner, cart, notes }, await session.flashes('notice'))
})

router.post('/sign-in', async (ctx) => {
  const name = String(ctx.request.body.name ?? '')
    .trim()
    .slice(0, 40)
  if (name === '') ctx.throw(400, 'Who are you?')
  // Another id, and nothing of before but the cart. A real application asks for a password first.
  await ctx.session.login(name, { keep: ['cart'] })
  ctx.session.flash('notice', `Welcome, ${name}.`)
  home(ctx)
})

router.post('/sign-out', async (ctx) => {
  await ctx.session.logout()
  home(ctx)
})

router.post('/cart/:item', (ctx) => {
  const { item } = ctx.params
  if (!Object.hasOwn(ITEMS, item)) ctx.throw(404)
  ctx.session.update('cart', (cart = {}) => ({ ...cart, [item]: (cart[item] ?? 0) + 1 }))
  ctx.session.flash('notice', `${ITEMS[item]}: added to your cart.`)
  home(ctx)
})

router.post('/notes/:tab', async (ctx) => {
  const { tab } = ctx.params
  if (tab !== 'one' && tab !== 'two') ctx.throw(404)
  await database(1000)
  const text = String(ctx.request.body.text ?? '').slice(0, 200)
  ctx.session.update('notes', (notes = {}) => ({ ...notes, [tab]: text }))
  home(ctx)
})

/** After every form a redirect, so that reloading the page sends nothing twice. */
function home(ctx) {
  ctx.redirect('/')
  ctx.status = 303
}

/** A form of another site is not from here: SameSite=Lax keeps the cookie from it, and this the form. */
async function fromHere(ctx, next) {
  const isRead = ctx.method === 'GET' || ctx.method === 'HEAD'
  if (!isRead && (ctx.get('sec-fetch-site') || 'same-origin') !== 'same-origin') ctx.throw(403)
  await next()
}

const app = new Koa()
app.use(sessions({ store })).use(fromHere).use(bodyParser()).use(router.routes())
const server = app.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () =>
  console.log(`http://127.0.0.1:${server.address().port}`),
)
