import { setTimeout as wait } from 'node:timers/promises'
import { type Request, type RequestHandler, Router } from 'express'

/** How long each of the overlapping requests waits for its pretended database. */
export const databaseWait = 10

/** Values are plain properties of `req.session` in all three libraries; what they are called is this race's affair. */
const sessionOf = (req: Request) => req.session as unknown as Record<string, unknown>

/** One set of handlers, mounted three times: only the sessions under it differ. */
export function raceHandlers(sessions: RequestHandler): Router {
  const router = Router()
  router.use(sessions)

  // #region shown
  router.post('/sign-in/:name', (req, res, next) => {
    req.session.regenerate((error) => {
      if (error) return next(error)
      sessionOf(req).user = req.params.name
      res.json('signed in')
    })
  })

  // One of the overlapping requests: each sets a key of its own.
  router.post('/set/:key', async (req, res) => {
    const session = sessionOf(req)
    const { user } = session
    await wait(databaseWait)
    session[req.params.key] = true
    res.json({ user })
  })

  // The slow request: it reads the session, then waits for all of its body, then changes the session.
  router.post('/upload', async (req, res) => {
    const session = sessionOf(req)
    const { user } = session
    res.writeProcessing()
    for await (const _part of req);
    session.uploaded = true
    res.json({ user })
  })

  router.post('/sign-out', (req, res, next) => {
    req.session.destroy((error) => (error ? next(error) : res.json('signed out')))
  })

  router.get('/values', (req, res) => {
    res.json({ ...sessionOf(req) })
  })
  // #endregion

  return router
}

/** The same requests without any session: what HTTP and the wait take by themselves. */
export function bareHandlers(): Router {
  const router = Router()
  router.post('/set/:key', async (_req, res) => {
    await wait(databaseWait)
    res.json({})
  })
  router.post('/*rest', (_req, res) => res.json({}))
  router.get('/values', (_req, res) => res.json({}))
  return router
}
