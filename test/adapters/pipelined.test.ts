import net from 'node:net'
import { expect, test } from 'vitest'
import { memoryStore } from '../../src/memory.ts'
import { sessions } from '../../src/node.ts'
import { serve } from './support/server.ts'
import { slowly } from './support/stores.ts'

test('requests that one connection sends without waiting are answered in order, each with its session', async () => {
  const session = sessions<{ path: string }>({ store: slowly(memoryStore()) })
  const port = await serve(
    session((req, res) => {
      req.session.path = req.url!
      res.write(`<${req.url}`)
      res.end('>')
    }),
  )
  const paths = ['/1', '/2', '/3']
  const answer = await new Promise<string>((whole) => {
    const socket = net.connect(port, '127.0.0.1')
    let text = ''
    socket.on('data', (chunk) => {
      text += chunk
    })
    socket.on('close', () => whole(text))
    const requests = paths.map((path, i) => {
      const connection = i === paths.length - 1 ? 'close' : 'keep-alive'
      return `GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: ${connection}\r\n\r\n`
    })
    socket.write(requests.join(''))
  })
  expect(answer.match(/HTTP\/1\.1 200 OK/g)).toHaveLength(3)
  expect(answer.match(/Set-Cookie: sid=/g)).toHaveLength(3)
  expect(answer.match(/<\/\d/g)).toEqual(['</1', '</2', '</3'])
})
