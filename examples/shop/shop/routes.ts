import express, { type Request, type Response, Router } from 'express'
import type { Duration, Sessions } from 'untorn'
import { sendError } from '../views/error.ts'
import { sendPage } from '../views/layout.ts'
import { shopPage } from '../views/shop.ts'
import { askAgain } from './ask-again.ts'
import { type Cart, linesOf, mostOfOne, total, withNumber } from './cart.ts'
import { devices } from './devices.ts'
import { back, field, nameIn, noticeFor } from './forms.ts'
import { findItem, type Item, priceText } from './items.ts'

// What this shop keeps in a session. A visitor begins with nothing: each value may be missing, and its type says so. Who
// is signed in is none of them: `login` sets `req.session.owner`.
declare module 'untorn/express' {
  interface SessionData {
    cart: Cart
    notice: string
  }
}

export interface ShopParts {
  sessions: Pick<Sessions, 'revokeAll'>
  /** How long after their last sign-in somebody is asked for their name again before an order: `'5m'`. */
  askAgainAfter: Duration
}

export function createShop({ sessions, askAgainAfter }: ShopParts): Router {
  const router = Router()
  const sure = askAgain(askAgainAfter)
  router.use(express.urlencoded({ extended: false, limit: '10kb' }))

  router.get('/', async (req, res) => {
    sendPage(res, shopPage(req.session, await noticeFor(req)))
  })

  router.post('/sign-in', async (req, res) => {
    const name = nameIn(req)
    if (name === '') return back(req, res, 'Please give a name.')
    // A new session under a new id: one that somebody planted or saw before is worth nothing. The cart comes along, as it was
    // filled by who signs in now. All else that was in the old session could be somebody else's, and is gone.
    await req.session.login(name, { keep: ['cart'] })
    back(req, res, `Welcome, ${name}.`)
  })

  router.post('/sign-out', async (req, res) => {
    // Gone at once and for good. The notice begins a new session, which knows nothing of the old one.
    await req.session.logout()
    back(req, res, 'You are signed out, and your cart is gone.')
  })

  router.post('/order', sure, async (req, res) => {
    // `take` gives the cart to exactly one request: a second click orders nothing.
    const lines = linesOf((await req.session.take('cart')) ?? {})
    if (lines.length === 0) return back(req, res, 'There is nothing in your cart.', '/#cart')
    back(req, res, `Ordered, for ${priceText(total(lines))}. Nothing will come: this is an example.`)
  })

  router.use('/devices', devices(sessions, sure))
  router.use('/cart', cart())
  return router
}

function cart(): Router {
  const router = Router()

  router.post('/:item/add', (req, res) => {
    const item = itemOf(req, res)
    if (!item) return
    // `update` is exact: of two overlapping adds, the second one starts from what the first one made.
    req.session.update('cart', (cart = {}) => withNumber(cart, item.id, (cart[item.id] ?? 0) + 1))
    back(req, res, `${item.name}: added to your cart.`, `/#${item.id}`)
  })

  router.post('/:item/number', (req, res) => {
    const item = itemOf(req, res)
    if (!item) return
    const number = field(req, 'number')
    if (!/^\d{1,2}$/.test(number))
      return back(req, res, `Please give a number from 0 to ${mostOfOne}.`, '/#cart')
    req.session.update('cart', (cart = {}) => withNumber(cart, item.id, Number(number)))
    back(req, res, `${item.name}: now ${Number(number)} in your cart.`, '/#cart')
  })

  router.post('/:item/remove', (req, res) => {
    const item = itemOf(req, res)
    if (!item) return
    req.session.update('cart', (cart = {}) => withNumber(cart, item.id, 0))
    back(req, res, `${item.name}: removed from your cart.`, '/#cart')
  })

  return router
}

function itemOf(req: Request<{ item: string }>, res: Response): Item | undefined {
  const item = findItem(req.params.item)
  if (!item) sendError(res, 404, 'The shop has no such thing.')
  return item
}
