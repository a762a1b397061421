import { describe, expect, test } from 'vitest'
import { ask, headLines, later, serve } from './support/server.ts'
import { watch } from './support/watch.ts'
import { ways } from './support/ways.ts'

const cookie = 'untorn=1; HttpOnly'
const additions = { setCookie: cookie, varies: true }
const added = ['Cache-Control: private', `Set-Cookie: ${cookie}`, 'Vary: Cookie']
const tasks = {
  'that answers at once': () => additions,
  'that takes a while': () => later().then(() => additions),
}

describe.each(Object.entries(tasks))('with a task %s', (_kind, answer) => {
  test.each(Object.entries(ways))('%s: the same answer, and the headers of the task', async (_way, way) => {
    const ran: boolean[] = []
    let answered: unknown
    const plain = await ask(await serve(way.answer), way)
    const port = await serve((req, res) => {
      watch(res, () => {
        ran.push(res.headersSent)
        return answer()
      })
      answered = way.answer(req, res)
    })
    const watched = await ask(port, way)
    expect(ran).toEqual([false])
    expect(watched.body.equals(plain.body)).toBe(true)
    const { status, statusMessage, trailers, informational } = plain
    expect(watched).toMatchObject({ status, statusMessage, trailers, informational })
    expect(spelledAlike(headLines(watched))).toEqual(spelledAlike([...headLines(plain), ...added]))
    await answered
  })

  test('a head without anything to add is left as the handler wrote it, list form included', async () => {
    const list = ['X-Own', '1', 'x-own', '2']
    const port = await serve((_req, res) => {
      watch(res, () => (answer() instanceof Promise ? later().then(() => undefined) : undefined))
      res.writeHead(200, list).end()
    })
    expect((await ask(port)).headers['x-own']).toBe('1, 2')
  })

  test('where Node refuses the head, the task runs again for the answer that follows', async () => {
    let runs = 0
    const port = await serve(async (_req, res) => {
      watch(res, () => {
        runs++
        return answer()
      })
      expect(() => res.writeHead(200, { 'X-Own': 'line\nbreak' })).toThrow('Invalid character')
      await later(20)
      expect(res.headersSent).toBe(false)
      res.writeHead(400).end('sorry')
    })
    expect(await ask(port)).toMatchObject({ status: 400, text: 'sorry', setCookies: [cookie] })
    expect(runs).toBe(2)
  })

  test('the next request on the same connection is answered as well', async () => {
    const agent = new (await import('node:http')).Agent({ keepAlive: true, maxSockets: 1 })
    const port = await serve((req, res) => {
      watch(res, answer)
      res.end(req.url)
    })
    for (const path of ['/1', '/2', '/3']) expect((await ask(port, { path, agent })).text).toBe(path)
    agent.destroy()
  })
})

/** Set-Cookie lines of a response have one spelling, that of the last who set one. */
function spelledAlike(lines: string[]): string[] {
  return lines.map((line) => line.replace(/^set-cookie:/, 'Set-Cookie:')).sort()
}

test('a task that answers at once delays nothing: the answer has left when the handler has given it', async () => {
  const port = await serve((_req, res) => {
    watch(res, () => additions)
    res.write('hel')
    expect(res.socket!.bytesWritten).toBeGreaterThan(100)
    res.end('lo')
    expect(res.writableEnded).toBe(true)
  })
  expect((await ask(port)).text).toBe('hello')
})
