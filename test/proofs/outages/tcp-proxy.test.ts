import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { startTcpProxy, type TcpProxy } from '../../support/tcp-proxy.ts'

/** A server that answers each chunk with it, after a mark of its own, and writes down what it gets. */
async function echo(mark = ''): Promise<{ port: number; got: string[] }> {
  const got: string[] = []
  const server = createServer((socket) => {
    socket.on('data', (chunk) => {
      got.push(`${chunk}`)
      socket.write(`${mark}${chunk}`)
    })
    socket.on('error', () => {})
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return { port: (server.address() as AddressInfo).port, got }
}

async function proxyTo(port: number): Promise<TcpProxy> {
  const proxy = await startTcpProxy(port)
  onTestFinished(() => proxy.close())
  return proxy
}

async function client(
  port: number,
): Promise<{ socket: Socket; said: () => Promise<string>; end: Promise<string> }> {
  const socket = connect(port, '127.0.0.1')
  const end = new Promise<string>((resolve) => {
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code!))
    socket.on('end', () => resolve('end'))
  })
  onTestFinished(() => void socket.destroy())
  await once(socket, 'connect')
  return { socket, said: async () => `${(await once(socket, 'data'))[0]}`, end }
}

async function asks(port: number, question: string): Promise<string> {
  const { socket, said } = await client(port)
  socket.write(question)
  const answer = await said()
  socket.destroy()
  return answer
}

test('passes everything on, and ends what either side ends', async () => {
  const { port } = await echo()
  const proxy = await proxyTo(port)
  const { socket, said, end } = await client(proxy.port)
  socket.write('hello')
  expect(await said()).toBe('hello')
  socket.end()
  expect(await end).toBe('end')
  await expect.poll(() => proxy.connections).toBe(0)
})

test('refuses, and listens on the same port again', async () => {
  const { port } = await echo()
  const proxy = await proxyTo(port)
  const { socket, said } = await client(proxy.port)
  await proxy.refuse()
  await expect(client(proxy.port)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  socket.write('still there')
  expect(await said()).toBe('still there')
  await proxy.pass()
  expect(await asks(proxy.port, 'hello')).toBe('hello')
})

test('cuts every connection', async () => {
  const { port } = await echo()
  const proxy = await proxyTo(port)
  const { socket, said, end } = await client(proxy.port)
  socket.write('hello')
  await said()
  proxy.cut()
  expect(await end).toBe('ECONNRESET')
  expect(proxy.connections).toBe(0)
})

test.each([true, false])('hangs, and delivers what came; its client is still there: %s', async (there) => {
  const { port, got } = await echo()
  const proxy = await proxyTo(port)
  const early = await client(proxy.port)
  proxy.hang()
  const late = await client(proxy.port)
  for (const [index, { socket }] of [early, late].entries()) socket.write(`${index}`)
  await proxy.held()
  if (!there) for (const { socket } of [early, late]) await new Promise<void>((done) => socket.end(done))
  expect(got).toEqual([])
  await proxy.pass()
  await expect.poll(() => got.toSorted()).toEqual(['0', '1'])
  if (!there) return
  for (const [index, { socket }] of [early, late].entries()) {
    if (socket.readableLength === 0) await once(socket, 'readable')
    expect(`${socket.read()}`).toBe(`${index}`)
  }
})

test('hangs with the answers only: what was asked is done', async () => {
  const { port, got } = await echo()
  const proxy = await proxyTo(port)
  const { socket, said } = await client(proxy.port)
  proxy.hang({ only: 'answers' })
  socket.write('hello')
  await proxy.held()
  expect(got).toEqual(['hello'])
  const answer = said()
  await proxy.pass()
  expect(await answer).toBe('hello')
})

test('what it held back is lost with a cut', async () => {
  const { port, got } = await echo()
  const proxy = await proxyTo(port)
  const { socket, end } = await client(proxy.port)
  proxy.hang()
  socket.write('lost')
  await proxy.held()
  proxy.cut()
  await proxy.pass()
  expect(await end).toBe('ECONNRESET')
  expect(await asks(proxy.port, 'hello')).toBe('hello')
  expect(got).toEqual(['hello'])
})

test.each([
  ['before', []],
  ['within', ['0123']],
  ['after', ['01234567']],
] as const)('cuts %s a request, that one only', async (when, expected) => {
  const { port, got } = await echo()
  const proxy = await proxyTo(port)
  const { socket, said, end } = await client(proxy.port)
  const cut = proxy.cutOnce({ when, request: (chunk) => chunk.includes('0123') })
  socket.write('hello')
  expect(await said()).toBe('hello')
  socket.write('01234567')
  await cut
  expect(await end).toBe('ECONNRESET')
  await expect.poll(() => got).toEqual(['hello', ...expected])
  expect(await asks(proxy.port, '01234567')).toBe('01234567')
})

test.each(['cut', 'silent'] as const)('loses the second answer, by a connection that is %s', async (how) => {
  const { port, got } = await echo()
  const proxy = await proxyTo(port)
  const { socket, said, end } = await client(proxy.port)
  const lost = proxy.loseAnswer({ nth: 2, how })
  socket.write('first')
  expect(await said()).toBe('first')
  expect(lost.isLost).toBe(false)
  socket.write('second')
  await expect.poll(() => lost.isLost).toBe(true)
  // Others have their answers, and what the silent one is asked is done.
  expect(await asks(proxy.port, 'other')).toBe('other')
  if (how === 'silent') {
    socket.write('third')
    await expect.poll(() => got).toEqual(['first', 'second', 'other', 'third'])
    expect(socket.readableLength).toBe(0)
    lost.end()
  }
  expect(await end).toBe('ECONNRESET')
  expect(await asks(proxy.port, 'again')).toBe('again')
})

test('loses no answer that nobody waits to lose any more', async () => {
  const { port } = await echo()
  const proxy = await proxyTo(port)
  const lost = proxy.loseAnswer({ nth: 1, how: 'cut' })
  lost.end()
  expect(await asks(proxy.port, 'hello')).toBe('hello')
  expect(lost.isLost).toBe(false)
})

test('leads new connections elsewhere', async () => {
  const [one, two] = [await echo('1:'), await echo('2:')]
  const proxy = await proxyTo(one.port)
  const { socket, said } = await client(proxy.port)
  socket.write('a')
  expect(await said()).toBe('1:a')
  proxy.to(two.port)
  expect(await asks(proxy.port, 'b')).toBe('2:b')
  socket.write('c')
  expect(await said()).toBe('1:c')
})
