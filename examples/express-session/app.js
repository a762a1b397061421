// The application: it would be the same without untorn. Nothing in it knows which sessions it has.
import { fileURLToPath } from 'node:url'
import express, { Router } from 'express'
import { findItem } from './items.js'
import { refuseOtherSites, securityHeaders } from './security.js'
import { verify } from './users.js'
import { notesPage, savedPage } from './views/notes.js'
import { stallPage } from './views/stall.js'

const publicFolder = fileURLToPath(new URL('public', import.meta.url))
/** The looks and the pictures are the shop's. */
const shopsPublicFolder = fileURLToPath(new URL('../shop/public', import.meta.url))

/**
 * `sessions`: the middleware of express-session, or what stands in its place. `startedBy`: the file that chose
 * it, for the pages. `query`: the database that a note waits for.
 */
export function createApp({ sessions, startedBy, query }) {
  const router = Router()
  router.use('/public', express.static(publicFolder), express.static(shopsPublicFolder))
  router.use(securityHeaders, refuseOtherSites)
  router.use(sessions)
  router.use(express.urlencoded({ extended: false, limit: '10kb' }))
  router.use((_req, res, next) => {
    res.locals.startedBy = startedBy
    next()
  })

  router.get('/', (req, res) => stallPage(res, { session: req.session, notice: takeNotice(req) }))
  router.get('/session', (req, res) => {
    const { cookie, ...values } = req.session
    res.json(values)
  })
  router.use(signing(), cart(), notes(query))
  return router
}

function signing() {
  const router = Router()

  router.post('/sign-in', async (req, res, next) => {
    const user = await verify(req.body?.name, req.body?.password)
    if (!user) return back(req, res, 'That is not the name and password of anybody here.')
    // The cart is whoever's it was before: it comes along. The id doesn't.
    const { cart } = req.session
    req.session.regenerate((error) => {
      if (error) return next(error)
      req.session.user = user
      req.session.cart = cart
      back(req, res, `Welcome, ${user}.`)
    })
  })

  router.post('/sign-out', (req, res, next) => {
    req.session.destroy((error) => {
      if (error) return next(error)
      res.clearCookie('connect.sid').redirect(303, '/')
    })
  })

  return router
}

function cart() {
  const router = Router()

  router.post('/cart/:item/add', (req, res, next) => {
    const item = findItem(req.params.item)
    if (!item) return next()
    req.session.cart ??= {}
    req.session.cart[item.id] = (req.session.cart[item.id] ?? 0) + 1
    back(req, res, `${item.name}: added to your cart.`)
  })

  router.post('/cart/:item/remove', (req, res, next) => {
    const item = findItem(req.params.item)
    if (!item) return next()
    delete req.session.cart?.[item.id]
    back(req, res, `${item.name}: removed from your cart.`)
  })

  return router
}

/** Each tab has a note of its own; saving one takes its time. */
function notes(query) {
  const router = Router()

  router.get('/notes', (req, res) => notesPage(res, { session: req.session, notice: takeNotice(req) }))

  router.post('/notes/:tab', async (req, res) => {
    await query()
    req.session[`note-${req.params.tab}`] = String(req.body?.text ?? '').slice(0, 200)
    savedPage(res, { session: req.session, tab: req.params.tab })
  })

  router.post('/count', async (req, res) => {
    const { count = 0 } = req.session
    await query()
    req.session.count = count + 1
    res.json(req.session.count)
  })

  return router
}

/** After every form a redirect, so that reloading the page sends nothing twice. */
function back(req, res, notice, to = '/') {
  req.session.notice = notice
  // As express-session advises: its answer would not wait for the save, and the next page could miss the notice.
  req.session.save((error) => (error ? req.next(error) : res.redirect(303, to)))
}

/** What is to be shown once. */
function takeNotice({ session }) {
  const { notice } = session
  delete session.notice
  return notice
}
