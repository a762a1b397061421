import type { ServerResponse } from 'node:http'
import http2 from 'node:http2'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { gunzipSync } from 'node:zlib'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Head } from '../../src/adapters/node/response/head.ts'
import { ask, later, serve } from './support/server.ts'
import { watch } from './support/watch.ts'
import { large, largeBody } from './support/ways.ts'
import { gzipping, takingItselfOff } from './support/wrappers.ts'

const added = { setCookie: 'untorn=1' }

/** A task that ends when it is told to. */
function held(res: ServerResponse): { head: Head; release: () => void } {
  let release: () => void = () => {}
  const released = new Promise<void>((resolve) => {
    release = resolve
  })
  return { head: watch(res, () => released.then(() => added)), release: () => release() }
}

describe('while the head is held', () => {
  test('the response says that its head has left, and not that it has ended; it is itself again afterwards', async () => {
    const seen: unknown[] = []
    const look = (res: ServerResponse) => [
      res.headersSent,
      res.writableEnded,
      res.finished,
      res.writableFinished,
    ]
    const port = await serve(async (_req, res) => {
      const { release } = held(res)
      seen.push(look(res))
      seen.push(res.write('a'), look(res))
      seen.push(res.end('b') === res, look(res))
      expect(res.socket!.bytesWritten).toBe(0)
      release()
      await later()
      seen.push(
        Object.keys(Object.getOwnPropertyDescriptors(res)).filter((name) =>
          /^(headersSent|writable.+)$/.test(name),
        ),
      )
      seen.push(look(res))
    })
    const answer = await ask(port)
    await later()
    expect(answer.text).toBe('ab')
    expect(answer.setCookies).toEqual(['untorn=1'])
    expect(seen).toEqual([
      [false, false, false, false],
      false,
      [true, false, false, false],
      true,
      [true, false, false, false],
      [],
      [true, true, true, true],
    ])
  })

  test('headers are refused as Node refuses them once the head has left', async () => {
    const codes: unknown[] = []
    const port = await serve((_req, res) => {
      const { release } = held(res)
      res.writeHead(404, { 'X-Own': '1' })
      const changes = [
        () => res.setHeader('X-Own', '2'),
        () => res.appendHeader('X-Own', '2'),
        () => res.removeHeader('X-Own'),
        () => res.writeHead(500),
        () => res.writeHead(200, { 'X-Own': '2' }),
      ]
      for (const change of changes) codes.push(codeOf(change))
      codes.push(res.statusCode)
      res.end('answer')
      release()
    })
    const answer = await ask(port)
    expect(codes.pop()).toBe(404)
    expect(codes).toEqual(Array(5).fill('ERR_HTTP_HEADERS_SENT'))
    expect(answer).toMatchObject({ status: 404, text: 'answer' })
    expect(answer.headers['x-own']).toBe('1')
  })

  test('an answer that was given twice by mistake goes out as it was given first', async () => {
    const port = await serve((_req, res) => {
      const { release } = held(res)
      res.statusCode = 303
      res.end('first')
      res.statusCode = 500
      res.statusMessage = 'second'
      if (!res.headersSent) res.end('second')
      release()
    })
    expect(await ask(port)).toMatchObject({ status: 303, statusMessage: 'See Other', text: 'first' })
  })

  test('whoever ends an answer that does not look ended yet breaks nothing, and hears when it is out', async () => {
    const heard: unknown[] = []
    const port = await serve((_req, res) => {
      const { release } = held(res)
      res.end('first')
      if (!res.writableEnded) {
        res.write('a heartbeat', (error) => heard.push((error as { code?: string } | undefined)?.code))
        res.end('second', () => heard.push('out'))
      }
      release()
    })
    expect((await ask(port)).text).toBe('first')
    await later()
    expect(heard).toEqual(['ERR_STREAM_WRITE_AFTER_END', 'out'])
  })

  test('a stream that begins after the end runs to its own, and keeps no file open', async () => {
    let closed = false
    const port = await serve((_req, res) => {
      const { release } = held(res)
      res.end('first')
      const late = Readable.from(['a', 'b'])
      late.on('close', () => {
        closed = true
      })
      late.pipe(res)
      setTimeout(release, 20)
    })
    expect((await ask(port)).text).toBe('first')
    await later()
    expect(closed).toBe(true)
  })

  test('a status that Node refuses reaches the error hook, not the process', async () => {
    const port = await serve((_req, res) => {
      const onError = (error: unknown) => void res.end(String((error as { code: string }).code))
      watch(res, () => later().then(() => added), onError)
      res.writeHead(99).end('never')
    })
    expect(await ask(port)).toMatchObject({ status: 500, text: 'ERR_HTTP_INVALID_STATUS_CODE' })
  })

  test('a client that leaves is no error: callbacks hear of it, a pipeline ends, and the task has run', async () => {
    let ran = false
    const ended: unknown[] = []
    let done: () => void
    const over = new Promise<void>((resolve) => {
      done = resolve
    })
    const port = await serve(async (req, res) => {
      const task = async () => {
        await later(30)
        ran = true
        return added
      }
      watch(res, task)
      const streamed = pipeline(large(), res).catch((error) => ended.push(error.code))
      req.socket.destroy()
      await Promise.all([streamed, later(60)])
      ended.push(res.writableFinished)
      done()
    })
    await expect(ask(port)).rejects.toThrow('socket hang up')
    await over
    expect(ran).toBe(true)
    expect(ended).toEqual(['ERR_STREAM_PREMATURE_CLOSE', false])
  })
})

describe.each([
  ['at once', () => added],
  ['after a while', () => later().then(() => added)],
])('with a task that answers %s', (_speed, task) => {
  const watched = (res: ServerResponse) => watch(res, task)

  test.each([
    ['around it', (res: ServerResponse, wrap: () => void) => [wrap(), watched(res)]],
    ['inside of it', (res: ServerResponse, wrap: () => void) => [watched(res), wrap()]],
  ])('a compressing middleware %s works', async (_place, mount) => {
    const port = await serve((req, res) => {
      mount(res, () => gzipping(req, res, () => {}))
      if (req.url === '/stream') large().pipe(res)
      else if (req.url === '/pipeline') pipeline(largeParts, res)
      else if (req.url === '/few') smallPieces(res)
      else res.writeHead(200, { 'Content-Type': 'text/plain' }).end('small')
    })
    const small = await ask(port)
    expect(gunzipSync(small.body).toString()).toBe('small')
    expect(small.setCookies).toEqual(['untorn=1'])
    for (const path of ['/stream', '/pipeline', '/few']) {
      const streamed = await ask(port, { path, slowly: true })
      const body = path === '/few' ? Buffer.from('abcd') : largeBody
      expect(gunzipSync(streamed.body).equals(body)).toBe(true)
      expect(streamed.setCookies).toEqual(['untorn=1'])
    }
  })

  test.each([
    ['around it', (res: ServerResponse, wrap: () => void) => [wrap(), watched(res)]],
    ['inside of it', (res: ServerResponse, wrap: () => void) => [watched(res), wrap()]],
  ])('a middleware that wraps end and takes itself off %s works', async (_place, mount) => {
    const port = await serve((req, res) => {
      mount(res, () => takingItselfOff(req, res, () => {}))
      res.write('a')
      res.end('b')
    })
    expect(await ask(port)).toMatchObject({ text: 'ab', setCookies: ['untorn=1'] })
  })

  const answers: [string, (res: ServerResponse) => unknown, string][] = [
    ['end', (res) => res.end('hello'), 'hello'],
    ['end without a body', (res) => res.end(), ''],
    ['writeHead', (res) => res.writeHead(201, { 'Set-Cookie': 'a=1' }).end('hello'), 'hello'],
    [
      'writes',
      (res) => {
        res.write('hel')
        res.end('lo')
      },
      'hello',
    ],
    [
      'flushHeaders',
      (res) => {
        res.flushHeaders()
        setTimeout(() => res.end('hello'), 5)
      },
      'hello',
    ],
    ['a stream', (res) => large().pipe(res), String(largeBody)],
    ['a pipeline', (res) => pipeline(Readable.from(['hello']), res), 'hello'],
  ]
  test.each(answers)('HTTP/2: %s', async (_way, answer, body) => {
    const received = await askHttp2((_req, res) => {
      watched(res)
      answer(res)
    })
    expect(received.body).toBe(body)
    expect(received.cookies.at(-1)).toBe('untorn=1')
  })
})

async function* largeParts() {
  yield* large()
}

/** Pieces that fill no buffer: a compression that gets one has nothing to drain. */
function smallPieces(res: ServerResponse): void {
  pipeline(async function* () {
    yield* 'abcd'
  }, res)
}

async function askHttp2(handler: (req: unknown, res: ServerResponse) => void) {
  const server = http2.createServer((req, res) => handler(req, res as unknown as ServerResponse))
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const client = http2.connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  onTestFinished(() => {
    client.destroy()
    server.close()
  })
  const stream = client.request({ ':path': '/' })
  let cookies: string[] = []
  stream.on('response', (headers) => {
    cookies = headers['set-cookie'] ?? []
  })
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return { body: Buffer.concat(chunks).toString(), cookies }
}

function codeOf(call: () => unknown): unknown {
  try {
    call()
  } catch (error) {
    return (error as { code?: unknown }).code
  }
  return undefined
}
