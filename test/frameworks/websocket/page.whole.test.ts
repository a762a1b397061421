import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { connect as tcpConnect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as later } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { io as connect } from 'socket.io-client'
import { expect, onTestFinished, test } from 'vitest'
import { WebSocket } from 'ws'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const PACKAGES = fileURLToPath(new URL('node_modules', import.meta.url))
const PAGE = readFileSync(join(ROOT, 'docs', 'frameworks.md'), 'utf8')
const [, SECTION] = /^## WebSocket\n(.*?)^## /ms.exec(PAGE)!
const [server, guarded, socketIo] = [...SECTION!.matchAll(/^```js\n(.*?)^```$/gms)].map(
  ([, code]) => code!,
) as [string, string, string]

/** Port 3000 of the page may be taken: it listens to a free one, and says which. */
const ANY_PORT = `
  import { Server } from 'node:net'
  const { listen } = Server.prototype
  Server.prototype.listen = function () {
    return listen.call(this, 0, '127.0.0.1', () => console.log(this.address().port))
  }`

/** Starts code of the page, and gives what a browser does there. */
async function started(code: string) {
  const project = mkdtempSync(join(tmpdir(), 'untorn-page-'))
  onTestFinished(() => rmSync(project, { recursive: true, force: true }))
  mkdirSync(join(project, 'node_modules'))
  symlinkSync(ROOT, join(project, 'node_modules', 'untorn'))
  for (const name of ['express', 'ws', 'socket.io']) {
    symlinkSync(join(PACKAGES, name), join(project, 'node_modules', name))
  }
  writeFileSync(join(project, 'any-port.mjs'), ANY_PORT)
  writeFileSync(join(project, 'server.mjs'), code)
  const args = ['--import', './any-port.mjs', 'server.mjs']
  const child = spawn(process.execPath, args, { cwd: project, stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const [port] = await once(createInterface({ input: child.stdout }), 'line')
  const url = `http://127.0.0.1:${port}`
  const cookies = { now: '' }
  const post = async (path: string) => {
    const response = await fetch(url + path, { method: 'POST', headers: { cookie: cookies.now } })
    cookies.now = response.headers.getSetCookie()[0]!.split(';')[0]!
  }
  const socket = () => {
    const socket = new WebSocket(url.replace('http', 'ws'), { headers: { cookie: cookies.now } })
    onTestFinished(() => socket.terminate())
    return socket
  }
  /** What has opened a socket as the visitor, and then does as it likes. */
  const raw = async () => {
    const socket = tcpConnect(Number(port), '127.0.0.1')
    onTestFinished(() => void socket.destroy())
    socket.on('error', () => {})
    await once(socket, 'connect')
    const cookie = cookies.now === '' ? '' : `Cookie: ${cookies.now}\r\n`
    socket.write(
      `GET / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        `Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n${cookie}\r\n`,
    )
    return socket
  }
  /** It still runs, after all that a client may do to it. */
  const survives = async () => {
    for (let n = 0; n < 50; n++) {
      const socket = await raw()
      // Some are reset before they are answered, and some behind it.
      if (n % 2 === 0) await later(n % 10)
      else await once(socket, 'data')
      if (n % 4 === 1) socket.write(Buffer.from([0xff, 0x00]))
      socket.resetAndDestroy()
    }
    const socket = await raw()
    await once(socket, 'data')
    socket.write(Buffer.from([0xff, 0x00]))
    await once(socket, 'close')
    expect([child.exitCode, (await fetch(url)).status]).toEqual([null, 404])
  }
  return { url, cookies, post, socket, survives }
}

const toldOf = async (socket: WebSocket, text: string) => {
  const said = once(socket, 'message')
  socket.send(text)
  return String((await said)[0])
}

const closeOf = async (socket: WebSocket) => {
  const [code, reason] = await once(socket, 'close')
  return [code, String(reason)]
}

test('the page shows three programs, and all are run here', () => {
  expect(SECTION!.match(/^```js$/gm)).toHaveLength(3)
})

test('the first one counts messages of who has signed in, until they sign out', async () => {
  const { post, socket, survives } = await started(server)
  await survives()
  const stranger = socket()
  await once(stranger, 'open')
  stranger.send('hello')
  expect(await closeOf(stranger)).toEqual([4401, 'sign in first'])
  await post('/login')
  const own = socket()
  await once(own, 'open')
  expect([await toldOf(own, 'hello'), await toldOf(own, 'again')]).toEqual(['ada, 1: hello', 'ada, 2: again'])
  const closed = closeOf(own)
  await post('/logout')
  expect(await closed).toEqual([4401, 'signed-out'])
})

test('the second one lets nobody else in', async () => {
  const code = server.replace(/^const wss = .*?^}\)\n/ms, guarded)
  expect(code).not.toBe(server)
  const { post, socket, survives } = await started(code)
  await survives()
  const stranger = socket()
  stranger.on('error', () => {})
  const [, response] = await once(stranger, 'unexpected-response')
  expect(response.statusCode).toBe(401)
  await post('/login')
  const own = socket()
  await once(own, 'open')
  expect(await toldOf(own, 'hello')).toBe('ada: hello')
  await survives()
})

test('the third one saves what an event of Socket.IO brings', async () => {
  const code = server
    .replace(/^const wss = .*?^}\)\n/ms, socketIo)
    .replace(
      "app.post('/logout'",
      "app.get('/', (req, res) => res.json(req.session.cart))\napp.post('/logout'",
    )
  const { url, cookies, post } = await started(code)
  await post('/login')
  const client = connect(url, { extraHeaders: { cookie: cookies.now }, reconnection: false })
  onTestFinished(() => void client.close())
  client.emit('add', 'milk') // asks for no answer
  expect(await client.emitWithAck('add', 'tea')).toBe('saved')
  expect(await (await fetch(url, { headers: { cookie: cookies.now } })).json()).toEqual(['milk', 'tea'])
  const ended = new Promise((resolve) => client.once('session-ended', resolve))
  await post('/logout')
  expect(await ended).toEqual({ why: 'signed-out' })
})
