import { type RequestHandler, Router } from 'express'
import type { Sessions } from 'untorn'
import { devicesPage } from '../views/devices.ts'
import { sendPage } from '../views/layout.ts'
import { back, noticeFor } from './forms.ts'

/** Where somebody is signed in, and how to end it. `sure`: what has to pass before. */
export function devices(sessions: Pick<Sessions, 'revokeAll'>, sure: RequestHandler): Router {
  const router = Router()

  router.get('/', async (req, res) => {
    if (req.session.owner === undefined) return res.redirect('/')
    sendPage(res, devicesPage(req.session, await req.session.devices(), await noticeFor(req)))
  })

  router.post('/sign-out/:handle', sure, async (req, res) => {
    // Whatever handle somebody sends: `revoke` ends one of their own devices, or none.
    const ended = await req.session.revoke(String(req.params.handle))
    back(req, res, ended ? 'That device is signed out.' : 'You have no such device any more.', '/devices')
  })

  router.post('/sign-out-others', sure, async (req, res) => {
    // `false`: another device has signed this one out meanwhile, so that there is nobody to tell.
    if (!(await req.session.revokeOthers())) return res.redirect(303, '/')
    back(req, res, 'You are signed out everywhere else.', '/devices')
  })

  router.post('/sign-out-all', sure, async (req, res) => {
    const { owner } = req.session
    if (owner !== undefined) await sessions.revokeAll(owner)
    // This browser's session is among those that are gone; what is left is a new one, for the notice.
    await req.session.logout()
    back(req, res, 'You are signed out everywhere.')
  })

  return router
}
