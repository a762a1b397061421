import type { RequestHandler } from 'express'
import { describe, expect, test } from 'vitest'
import { sessions } from '../../src/express.ts'
import { memoryStore } from '../../src/memory.ts'
import { everywhere, runs } from './support/application.ts'

const mistakes: Record<string, { handler: RequestHandler; message: RegExp }> = {
  'sessions() mounted twice': {
    handler: (req, res, next) => sessions({ store: memoryStore() })(req, res, next),
    message: /mounted twice/,
  },
  'assigning to req.session': {
    handler: (req) => {
      ;(req as { session: unknown }).session = null
    },
    message: /req\.session\.destroy\(\)/,
  },
  'deleting req.session': {
    handler: (req, res) => {
      Reflect.deleteProperty(req, 'session')
      res.send('bye')
    },
    message: /req\.session\.destroy\(\)/,
  },
  'assigning to req.sessionID': {
    handler: (req) => {
      req.sessionID = 'mine'
    },
    message: /can't be assigned/,
  },
  'a value with the name of a method': {
    handler: (req) => {
      ;(req.session as { save: unknown }).save = true
    },
    message: /req\.session\.set\('save', value\)/,
  },
}

describe.each(everywhere)('$name with $speed', ({ express, store }) => {
  test.each(Object.entries(mistakes))(
    '%s reaches the error handler, which is told what to do',
    async (_, mistake) => {
      const { visitor, errors } = await runs((app) => app.get('/', mistake.handler), {
        express,
        store: store(),
      })
      expect(await visitor().get('/')).toMatchObject({ text: 'failed: UNTORN_MISUSE' })
      expect(errors).toHaveLength(1)
      expect(errors[0]!.message).toMatch(mistake.message)
    },
  )

  test('sessions() mounted behind what answers is refused', async () => {
    const app = express()
    const errors: Error[] = []
    app.use((_req, res, next) => {
      res.send('answered already')
      next()
    })
    app.use(sessions({ store: store() }))
    app.use(((error, _req, _res, _next) => void errors.push(error)) as import('express').ErrorRequestHandler)
    const { ask, serve } = await import('./support/server.ts')
    expect((await ask(await serve(app))).text).toBe('answered already')
    expect(errors).toMatchObject([{ code: 'UNTORN_MISUSE', message: expect.stringMatching(/head had left/) }])
  })

  test('sessions() beside another session library is refused', async () => {
    const { errors, visitor } = await runs(
      (app) => {
        app.get('/', (_req, res) => void res.send('never'))
      },
      {
        express: ((...args: []) => {
          const app = express(...args)
          app.use((req, _res, next) => {
            Object.assign(req, { session: {} })
            next()
          })
          return app
        }) as typeof express,
        store: store(),
      },
    )
    expect((await visitor().get('/')).text).toBe('failed: UNTORN_MISUSE')
    expect(errors[0]!.message).toMatch('another library')
  })
})
