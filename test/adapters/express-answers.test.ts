import { createReadStream } from 'node:fs'
import { dirname } from 'node:path'
import { pipeline } from 'node:stream'
import type { ErrorRequestHandler, Express, RequestHandler } from 'express'
import { describe, expect, test } from 'vitest'
import { sessions } from '../../src/express.ts'
import { memoryStore } from '../../src/memory.ts'
import { expresses } from './support/express.ts'
import { ask, headLines, type Question, serve } from './support/server.ts'
import { pace } from './support/stores.ts'
import { Visitor } from './support/visitor.ts'
import './support/session-data.ts'
import { eachWithEach } from '../support/whole.ts'
import { large, largeFile } from './support/ways.ts'

interface ExpressWay extends Question {
  handler: RequestHandler
}

/** The ways in which a handler of Express can answer. */
const ways: Record<string, ExpressWay> = {
  'res.send of a text': { handler: (_req, res) => void res.send('hello') },
  'res.send of a buffer': { handler: (_req, res) => void res.send(Buffer.from([0, 255])) },
  'res.json': { handler: (_req, res) => void res.status(201).json({ hello: 'you' }) },
  'res.jsonp': { path: '/?callback=f', handler: (_req, res) => void res.jsonp({ a: 1 }) },
  'res.sendStatus': { handler: (_req, res) => void res.sendStatus(418) },
  'res.redirect': { handler: (_req, res) => void res.redirect('/elsewhere') },
  'res.status(204).end': { handler: (_req, res) => void res.status(204).end() },
  'res.cookie beside it': { handler: (_req, res) => void res.cookie('a', '1').cookie('b', '2').send('two') },
  'res.render': { handler: (_req, res) => res.render(largeFile) },
  'res.sendFile': { handler: (_req, res) => res.sendFile(largeFile), slowly: true },
  'res.sendFile of a range': {
    headers: { range: 'bytes=10-999' },
    handler: (_req, res) => res.sendFile(largeFile),
  },
  'res.sendFile to HEAD': { method: 'HEAD', handler: (_req, res) => res.sendFile(largeFile) },
  'res.download': { handler: (_req, res) => res.download(largeFile) },
  'res.send to HEAD': { method: 'HEAD', handler: (_req, res) => void res.send('hello') },
  'res.send of what the client has': {
    headers: { 'if-none-match': '"1"' },
    handler: (_req, res) => void res.set('ETag', '"1"').send('hello'),
  },
  'res.write and res.end': {
    handler: (_req, res) => {
      res.type('text/plain')
      res.write('one ')
      res.write('two ')
      res.end('three')
    },
  },
  'res.writeHead with cookies': {
    handler: (_req, res) => void res.cookie('a', '1').writeHead(200, { 'X-Own': 'yes' }).end('yes'),
  },
  'res.flushHeaders, then events': {
    handler: (_req, res) => {
      res.type('text/event-stream').flushHeaders()
      setTimeout(() => res.write('data: 1\n\n'), 5)
      setTimeout(() => res.end('data: 2\n\n'), 10)
    },
  },
  'a piped file': { handler: (_req, res) => void createReadStream(largeFile).pipe(res), slowly: true },
  'a large stream in a pipeline': { handler: (_req, res) => pipeline(large(), res, () => {}), slowly: true },
  'an error handler': { handler: (_req, _res, next) => next(new Error('handled')) },
  'an error that is thrown': {
    handler: () => {
      throw new Error('handled')
    },
  },
  'nobody, so that Express says 404': { handler: (_req, _res, next) => next() },
}

const cases = eachWithEach(Object.entries(expresses), Object.entries(pace)).map(
  ([[name, express], [speed, paced]]) => ({ name, speed, express, paced }),
)

describe.each(cases)('$name with $speed', ({ express, paced }) => {
  function app(handler: RequestHandler, ...before: RequestHandler[]): Express {
    const app = express()
    app.engine('json', (path, _options, done) => done(null, `rendered ${path}`))
    app.set('views', dirname(largeFile))
    app.use('/session', ...before, (req, res) => void res.json(req.session))
    app.use(...before, handler)
    app.use(handled)
    return app
  }

  test.each(Object.entries(ways))(
    '%s: the same answer, and the next request finds the login',
    async (_, way) => {
      const { handler, ...question } = way
      const plain = await ask(await serve(app(handler)), question)

      const login: RequestHandler = (req, res, next) => {
        req.session.user = 'ada'
        return handler(req, res, next)
      }
      const visitor = new Visitor(await serve(app(login, sessions({ store: paced(memoryStore()) }))))
      const answer = await ask(visitor.port, question)
      visitor.keep(answer)
      expect(await visitor.json('/session')).toEqual({ user: 'ada' })

      const [cookie, ...more] = answer.setCookies.filter((line) => line.startsWith('sid='))
      expect(cookie).toMatch(
        /^sid=[\w-]{43}; Max-Age=604800; Path=\/; Expires=[^;]+ GMT; HttpOnly; SameSite=Lax$/,
      )
      expect(more).toEqual([])
      expect(answer.body.equals(plain.body)).toBe(true)
      expect(answer.status).toBe(plain.status)
      expect(headLines(answer)).toEqual(withSessionHeaders(headLines(plain), cookie!))
    },
  )
})

const handled: ErrorRequestHandler = (error, _req, res, next) => {
  if (error.message !== 'handled') return next(error)
  res.status(503).send('the error handler')
}

/** The head that the answer has without a session, and what a new session adds to it. */
function withSessionHeaders(lines: string[], cookie: string): string[] {
  const values = (name: string) =>
    lines.filter((line) => line.startsWith(name)).map((line) => line.slice(name.length))
  const vary = [...values('Vary: '), 'Cookie'].join(', ')
  const cacheControl = ['private', ...values('Cache-Control: public, ')].join(', ')
  return lines
    .filter((line) => !/^(Vary|Cache-Control): /.test(line))
    .concat(`Cache-Control: ${cacheControl}`, `Set-Cookie: ${cookie}`, `Vary: ${vary}`)
    .sort()
}
