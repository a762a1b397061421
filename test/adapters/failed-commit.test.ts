import type { AddressInfo } from 'node:net'
import express, { type ErrorRequestHandler } from 'express'
import { expect, onTestFinished, test } from 'vitest'
import { sessions } from '../../src/express.ts'
import { memoryStore } from '../../src/memory.ts'

test('a visitor whose new id is stored keeps the session, though what comes after it can not be saved', async () => {
  const app = express()
  app.use(sessions({ store: memoryStore(), maxBytes: 1000 }))
  app.get('/cart', (req, res) => {
    req.session.set('cart' as never, [1] as never)
    res.send('ok')
  })
  app.get('/login', (req, res) => {
    req.session.regenerate()
    req.session.set('big' as never, 'x'.repeat(2000) as never)
    res.send('in')
  })
  app.get('/me', (req, res) => void res.json(req.session))
  const failed: ErrorRequestHandler = (_error, _req, res, _next) => void res.status(500).send('failed')
  app.use(failed)
  const server = app.listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await new Promise((resolve) => server.once('listening', resolve))

  let cookie = ''
  const visit = async (path: string) => {
    const { port } = server.address() as AddressInfo
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { headers: { cookie } })
    cookie = response.headers.getSetCookie()[0]?.split(';')[0] ?? cookie
    return response
  }
  await visit('/cart')
  const before = cookie
  const login = await visit('/login')
  expect(login.status).toBe(500)
  expect(await login.text()).toBe('failed')
  expect(login.headers.get('vary')).toContain('Cookie')
  expect(cookie).not.toBe(before)
  expect(await (await visit('/me')).json()).toEqual({ cart: [1] })
})
