import { Agent, type ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { expect } from 'vitest'
import { type Answer, headLines, type Question } from '../adapters/support/server.ts'
import { aWhile } from '../support/a-while.ts'
import { inWhole } from '../support/whole.ts'
import { runs, stored } from './support/application.ts'
import type { Anything, Req } from './support/implementation.ts'
import { same, sameEach } from './support/subjects.ts'

type Way = (res: ServerResponse, req: Req) => unknown

/**
 * express-session sends the head before the body is known, where something is saved: hence another framing. And whose answer
 * carries a cookie of a session is told to caches by the drop-in alone. differences.test.ts has both.
 */
const OTHERWISE = /^(content-length|transfer-encoding|connection|keep-alive|vary|cache-control):/i

const whole = (answer: Answer) => ({
  status: answer.status,
  message: answer.statusMessage,
  head: headLines(answer).filter((line) => !OTHERWISE.test(line)),
  text: answer.text.length > 1000 ? answer.text.length : answer.text,
  trailers: answer.trailers,
  informational: answer.informational,
})

const ways: Record<string, Way> = {
  'end()': (res) => void res.end(),
  'end(text)': (res) => void res.end('text'),
  'end(empty text)': (res) => void res.end(''),
  'end(null)': (res) => void res.end(null),
  'end(bytes)': (res) => void res.end(Buffer.from('bytes')),
  'end(text, encoding)': (res) => void res.end('66ff', 'hex'),
  'write, end': (res) => {
    res.write('one, ')
    res.end('two')
  },
  'write of bytes and of another encoding': (res) => {
    res.write(Buffer.from('one'))
    res.write('74776f', 'hex')
    res.end()
  },
  'writes over some time': async (res) => {
    for (const part of ['one', 'two', 'three']) {
      res.write(part)
      await delay(2)
    }
    res.end()
  },
  'writeHead, end': (res) => void res.writeHead(201, { 'X-Own': 'yes' }).end('made'),
  'writeHead with a message': (res) => void res.writeHead(200, 'Fine', { 'X-Own': 'yes' }).end('fine'),
  'writeHead with a list': (res) => void res.writeHead(200, ['X-Own', 'yes', 'X-Other', 'no']).end('fine'),
  'writeHead, writes, end': (res) => {
    res.writeHead(200, { 'Content-Type': 'text/plain' })
    res.write('one, ')
    res.end('two')
  },
  'a length of its own': (res) => {
    res.setHeader('Content-Length', '8')
    res.end('12345678')
  },
  'a length of its own, in parts': (res) => {
    res.writeHead(200, { 'Content-Length': '8' })
    res.write('1234')
    res.end('5678')
  },
  'a length of 0': (res) => {
    res.setHeader('Content-Length', '0')
    res.end()
  },
  '204': (res) => void res.writeHead(204).end(),
  '304': (res) => {
    res.statusCode = 304
    res.setHeader('ETag', '"x"')
    res.end()
  },
  'a redirect': (res) => void res.writeHead(302, { Location: '/elsewhere' }).end(),
  'an error of its own': (res) => void res.writeHead(500).end('broken'),
  'flushHeaders, end': (res) => {
    res.flushHeaders()
    res.end('later')
  },
  'a stream': (res) => void Readable.from(['one, ', 'two, ', 'three']).pipe(res),
  'a stream by pipeline': (res) =>
    pipeline(Readable.from([Buffer.alloc(300_000, 'x'), Buffer.alloc(5, 'y')]), res),
  'a large body': (res) => void res.end('x'.repeat(200_000)),
  'end twice': (res) => {
    res.end('once')
    res.end()
  },
  'a cookie beside it': (res) => {
    res.setHeader('Set-Cookie', 'own=1; Path=/')
    res.end()
  },
  'cookies beside it': (res) => {
    res.setHeader('Set-Cookie', ['own=1', 'other=2'])
    res.end()
  },
  'a cookie in writeHead': (res) => void res.writeHead(200, { 'Set-Cookie': 'own=1' }).end(),
  'a cookie by appendHeader': (res) => {
    res.appendHeader('Set-Cookie', 'own=1')
    res.end()
  },
  'early hints first': (res) => {
    res.writeEarlyHints({ link: '</style.css>; rel=preload' })
    res.end('body')
  },
  trailers: (res) => {
    res.writeHead(200, { Trailer: 'X-Sum', 'Transfer-Encoding': 'chunked' })
    res.write('body')
    res.addTrailers({ 'X-Sum': '7' })
    res.end()
  },
  later: async (res) => {
    await delay(3)
    res.end('later')
  },
  'out of a timer': (res) => void setTimeout(() => res.end('later'), 3),
  'the callback of end': (res) => new Promise<void>((ended) => void res.end(() => ended())),
}

const onlyGet: Record<string, Question> = { GET: {} }

const requests: Record<string, Question> = {
  ...onlyGet,
  HEAD: { method: 'HEAD' },
  POST: { method: 'POST', body: 'sent', headers: { 'content-type': 'text/plain' } },
}

for (const [method, question] of Object.entries(inWhole(requests, onlyGet))) {
  sameEach(`an answer to ${method} by`, ways, async (at, way) => {
    // Of `end(callback)` express-session makes a body, where something is to be saved: see differences.test.ts.
    const paths = way === ways['the callback of end'] ? ['/', '/'] : ['/', '/set', '/set', '/']
    const app = await runs(at, { cookie: { maxAge: 60_000 } }, (req, res) => {
      if (req.url === '/set') req.session.visits = (req.session.visits ?? 0) + 1
      return way(res, req)
    })
    const visitor = app.visitor()
    const seen = []
    for (const path of paths) seen.push(whole(await visitor.get(path, question)))
    expect(app.errors).toEqual([])
    return [seen, await stored(app.store, 'id-2')]
  })
}

const late: Record<string, (res: ServerResponse, change: () => void) => unknown> = {
  'behind writeHead': (res, change) => {
    res.writeHead(200)
    change()
    res.end()
  },
  'behind flushHeaders': (res, change) => {
    res.flushHeaders()
    change()
    res.end()
  },
  'behind the first part': async (res, change) => {
    res.write('one, ')
    await delay(2)
    change()
    res.end('two')
  },
}

sameEach(
  'what is set of a stored session once the head has left is stored before the answer ends',
  late,
  async (at, way) => {
    const app = await runs(at, {}, (req, res) => {
      if (req.url === '/late')
        return way(res, () => {
          req.session.late = 1
        })
      req.session.a = 1
      return res.end()
    })
    const visitor = app.visitor()
    await visitor.get()
    const { text, setCookies } = await visitor.get('/late')
    expect(setCookies).toEqual([])
    expect(await stored(app.store)).toMatchObject({ a: 1, late: 1 })
    return text
  },
)

sameEach<Anything>(
  'once the visitor has the answer, what it says is stored',
  { 'at once': false, 'and the store takes its time': true },
  async (at, slow) => {
    const app = await runs(at, {}, (req, res) => {
      req.session.visits = (req.session.visits ?? 0) + 1
      res.end(String(req.session.visits))
    })
    const { set } = app.store
    if (slow) app.store.set = (...all) => void setTimeout(() => Reflect.apply(set, app.store, all), 5)
    const visitor = app.visitor()
    for (const visits of [1, 2, 3]) {
      expect((await visitor.get()).text).toBe(String(visits))
      expect(await stored(app.store)).toMatchObject({ visits })
    }
  },
)

same('what a handler sets is stored also when its visitor has hung up', async (at) => {
  let goesOn: (() => void) | undefined
  const app = await runs(at, {}, async (req, res) => {
    req.session.visits = (req.session.visits ?? 0) + 1
    if (req.url === '/slow') {
      await new Promise<void>((resolve) => {
        goesOn = resolve
      })
    }
    res.end()
  })
  const visitor = app.visitor()
  await visitor.get()
  const agent = new Agent()
  const slow = visitor.get('/slow', { agent }).catch(() => 'hung up')
  await expect.poll(() => goesOn).toBeDefined()
  agent.destroy()
  for (const socket of Object.values(agent.sockets).flat()) socket!.destroy()
  expect(await slow).toBe('hung up')
  await aWhile(5)
  goesOn!()
  await expect.poll(() => stored(app.store)).toMatchObject({ visits: 2 })
})

same('end may have been wrapped by others, before and behind', async (at) => {
  const heard: string[] = []
  const wrap = (res: ServerResponse, name: string) => {
    const { end } = res
    res.end = ((...all: unknown[]) => {
      heard.push(name)
      return Reflect.apply(end, res, all)
    }) as typeof res.end
  }
  const app = await runs(
    at,
    {},
    (req, res) => {
      wrap(res, 'behind')
      req.session.a = 1
      res.end('text')
    },
    { before: (_req, res) => wrap(res, 'before') },
  )
  const { text, setCookies } = await app.ask()
  expect(heard).toEqual(['behind', 'before'])
  return [text, setCookies]
})
