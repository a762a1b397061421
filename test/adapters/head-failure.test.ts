import { createReadStream } from 'node:fs'
import http, { type ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { describe, expect, onTestFinished, test } from 'vitest'
import { eachWithEach } from '../support/whole.ts'
import { type Answer, ask, later, serve } from './support/server.ts'
import { watch } from './support/watch.ts'
import { large, largeBody, largeFile, ways } from './support/ways.ts'
import { gzipping, takingItselfOff } from './support/wrappers.ts'

const failures = {
  'at once': () => {
    throw new Error('the disk is full')
  },
  'after a while': () =>
    later().then(() => {
      throw new Error('the disk is full')
    }),
}

const page = 'error page\n'.repeat(20_000)

/** How an error handler can answer. */
const errorAnswers: Record<string, (res: ServerResponse, error: unknown) => unknown> = {
  'at once': (res) => {
    res.setHeader('Content-Type', 'text/html')
    res.end(page)
  },
  'after a while': async (res) => {
    await later(20)
    res.writeHead(503, { 'Content-Type': 'text/html' }).end(page)
  },
  'in pieces': async (res) => {
    res.setHeader('Content-Type', 'text/html')
    for (let at = 0; at < page.length; at += 50_000) {
      res.write(page.slice(at, at + 50_000))
      await later(1)
    }
    res.end()
  },
}

const cases = eachWithEach(Object.entries(failures), Object.entries(errorAnswers)).map(
  ([[when, task], [how, onError]]) => ({ when, how, task, onError }),
)

describe.each(cases)('the task fails $when, the error is answered $how', ({ task, onError, how }) => {
  // A handler that writes again and again, heedless of what `write` answers, can't be told from an error handler that
  // takes its time.
  const writesOn = ['writes over several turns', 'flushHeaders, then later a body']
  const all = Object.entries(ways).filter(([name]) => how === 'at once' || !writesOn.includes(name))

  test.each(all)('%s: the error handler has the whole answer, and nothing else breaks', async (_way, way) => {
    const errors: unknown[] = []
    let handled: Promise<unknown> | undefined
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
    onTestFinished(() => agent.destroy())
    const port = await serve((req, res) => {
      if (req.url === '/next') return void res.end('fine')
      watch(res, task, (error) => {
        errors.push((error as Error).message)
        onError(res, error)
      })
      handled = Promise.resolve(way.answer(req, res)).catch((error) => error.code)
    })
    const answer = await ask(port, { ...way, agent })
    expect(errors).toEqual(['the disk is full'])
    expect(answer.status).toBe(how === 'after a while' ? 503 : 500)
    expect(answer.text).toBe(way.method === 'HEAD' ? '' : page)
    expect(answer.headers['content-type']).toBe('text/html')
    expect(ofTheBody(answer)).toEqual([])
    expect((await ask(port, { path: '/next', agent })).text).toBe('fine')
    // Not all of what the pipeline had was sent: the same as when a client leaves.
    const code = await handled
    if (typeof code === 'string') expect(code).toBe('ERR_STREAM_PREMATURE_CLOSE')
  })
})

const names = [
  'etag',
  'location',
  'content-encoding',
  'last-modified',
  'cache-control',
  'trailer',
  'content-range',
]

function ofTheBody({ headers }: Answer): string[] {
  return names.filter((name) => headers[name] !== undefined)
}

describe.each(Object.entries(failures))('when the task fails %s', (_when, task) => {
  const failing = (res: ServerResponse) => watch(res, task, () => void res.end('error page'))

  test('what described the body is taken back; what protects the page, and cookies, stay', async () => {
    const port = await serve((_req, res) => {
      failing(res)
      res.setHeader('Content-Security-Policy', "default-src 'self'")
      res.setHeader('Set-Cookie', 'a=1')
      res.setHeader('Cache-Control', 'public, max-age=60')
      res.setHeader('Transfer-Encoding', 'chunked')
      res.statusMessage = 'Found it'
      res.writeHead(302, { Location: '/', ETag: '"1"', 'Last-Modified': 'today', 'Content-Encoding': 'br' })
      res.end('body')
    })
    const answer = await ask(port)
    expect(answer).toMatchObject({ status: 500, statusMessage: 'Internal Server Error', text: 'error page' })
    expect(answer.headers['content-security-policy']).toBe("default-src 'self'")
    expect(answer.setCookies).toEqual(['a=1'])
    expect(ofTheBody(answer)).toEqual([])
  })

  test.each([
    ['around it', (wrap: () => void, watch: () => void) => [wrap(), watch()]],
    ['inside of it', (wrap: () => void, watch: () => void) => [watch(), wrap()]],
  ])('with wrapping middlewares %s the error page is whole, and the process lives', async (place, mount) => {
    for (const wrapper of [gzipping, takingItselfOff]) {
      const port = await serve((req, res) => {
        mount(
          () => wrapper(req, res, () => {}),
          () => failing(res),
        )
        if (req.url === '/stream') large().pipe(res)
        else res.end('hello')
      })
      for (const path of ['/', '/stream']) {
        const answer = await ask(port, { path })
        expect(answer.status).toBe(500)
        if (answer.headers['content-encoding'] === undefined) expect(answer.text).toBe('error page')
        else expect([wrapper, place]).toEqual([gzipping, 'around it'])
      }
    }
  })

  test('the file of a stream that was cut off is closed', async () => {
    let closed: Promise<unknown>
    const port = await serve((req, res) => {
      failing(res)
      const file = createReadStream(largeFile, { highWaterMark: 1024 })
      if (req.url === '/pipeline') pipeline(file, res).catch(() => {})
      else file.pipe(res)
      closed = new Promise<void>((closed) => file.on('close', closed))
    })
    for (const path of ['/pipe', '/pipeline']) {
      expect((await ask(port, { path })).text).toBe('error page')
      await closed!
    }
  })

  test('a writer that was told to wait is let go, and may write on for ever', async () => {
    let writes = 0
    let done: () => void
    const over = new Promise<void>((resolve) => {
      done = resolve
    })
    const port = await serve(async (_req, res) => {
      failing(res)
      for (; writes < 100; writes++) {
        if (!res.write(largeBody)) await new Promise((drained) => res.once('drain', drained as () => void))
      }
      res.writeHead(200)
      res.flushHeaders()
      await new Promise<void>((ended) => res.end('end', ended))
      done()
    })
    expect((await ask(port)).text).toBe('error page')
    await over
    expect(writes).toBe(100)
  })
})
