import type { RequestHandler } from 'express'
import { type Duration, FreshLoginRequiredError } from 'untorn'
import { askAgainPage } from '../views/ask-again.ts'
import { sendPage } from '../views/layout.ts'
import { back, nameIn } from './forms.ts'

/**
 * Before a step that nobody else is to take where somebody left a browser open: who was asked for their name longer ago
 * than `maxAge` is asked again. The form that asks goes to the address of the step itself, so that the right name takes it.
 */
export function askAgain(maxAge: Duration): RequestHandler {
  return async (req, res, next) => {
    const { session } = req
    if (session.owner === undefined) return back(req, res, 'Please sign in first.')
    try {
      session.requireFresh(maxAge)
    } catch (error) {
      if (!(error instanceof FreshLoginRequiredError)) throw error
      const name = nameIn(req)
      if (name !== session.owner)
        return sendPage(res.status(error.status), askAgainPage(session, name !== ''))
      // It gets a new id with it, as at a sign-in. `false`: this browser was signed out meanwhile.
      if (!(await session.confirm())) return res.redirect(303, '/')
    }
    next()
  }
}
