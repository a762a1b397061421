import express, { type Request, type Response } from 'express'
import { sendError } from '../views/error.ts'
import { sendPage } from '../views/layout.ts'
import { shopPage } from '../views/shop.ts'
import { type Cart, mostOfOne, withNumber } from './cart.ts'
import { findItem, type Item } from './items.ts'

// What this shop keeps in a session. A visitor begins with nothing: each value may be missing, and its type says so.
declare module 'untorn/express' {
  interface SessionData {
    user: string
    cart: Cart
    notice: string
  }
}

export const shop = express.Router()
shop.use(express.urlencoded({ extended: false, limit: '10kb' }))

shop.get('/', async (req, res) => {
  // `flashes` gives each message to exactly one request: it is shown once, however many tabs are open.
  const notice = (await req.session.flashes('notice')).join(' ') || undefined
  sendPage(res, shopPage(req.session, notice))
})

shop.post('/sign-in', async (req, res) => {
  const name = [...field(req, 'name').trim()].slice(0, 40).join('')
  if (name === '') return back(req, res, 'Please give a name.')
  // A new id at every sign-in, so that an id which somebody planted or saw before is worth nothing. The cart stays.
  // `false`: somebody signed out or in with this session meanwhile, in another tab, and that stays as it is.
  if (!(await req.session.regenerate())) {
    return sendError(res, 409, 'In another tab you signed out or in meanwhile, so nothing was changed here.')
  }
  req.session.user = name
  back(req, res, `Welcome, ${name}.`)
})

shop.post('/sign-out', async (req, res) => {
  // Gone at once and for good. The notice begins a new session, which knows nothing of the old one.
  await req.session.destroy()
  back(req, res, 'You are signed out, and your cart is gone.')
})

shop.post('/cart/:item/add', (req, res) => {
  const item = itemOf(req, res)
  if (!item) return
  // `update` is exact: of two overlapping adds, the second one starts from what the first one made.
  req.session.update('cart', (cart = {}) => withNumber(cart, item.id, (cart[item.id] ?? 0) + 1))
  back(req, res, `${item.name}: added to your cart.`, item.id)
})

shop.post('/cart/:item/number', (req, res) => {
  const item = itemOf(req, res)
  if (!item) return
  const number = field(req, 'number')
  if (!/^\d{1,2}$/.test(number)) return back(req, res, `Please give a number from 0 to ${mostOfOne}.`, 'cart')
  req.session.update('cart', (cart = {}) => withNumber(cart, item.id, Number(number)))
  back(req, res, `${item.name}: now ${Number(number)} in your cart.`, 'cart')
})

shop.post('/cart/:item/remove', (req, res) => {
  const item = itemOf(req, res)
  if (!item) return
  req.session.update('cart', (cart = {}) => withNumber(cart, item.id, 0))
  back(req, res, `${item.name}: removed from your cart.`, 'cart')
})

/** After every form a redirect, so that reloading the page sends nothing twice. The cookie is set with it. */
function back(req: Request, res: Response, notice: string, to = ''): void {
  req.session.flash('notice', notice)
  res.redirect(303, to ? `/#${to}` : '/')
}

function itemOf(req: Request<{ item: string }>, res: Response): Item | undefined {
  const item = findItem(req.params.item)
  if (!item) sendError(res, 404, 'The shop has no such thing.')
  return item
}

function field(req: Request, name: string): string {
  const value: unknown = (req.body as Record<string, unknown> | undefined)?.[name]
  return typeof value === 'string' ? value : ''
}
