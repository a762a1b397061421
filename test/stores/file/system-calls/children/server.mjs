// A server with sessions; each response says in a header which step it answers: directory, durability.
import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import { fileStore } from 'untorn/file'
import { sessions } from 'untorn/node'
import { answers, asks } from './notes.mjs'

const [directory, durability] = process.argv.slice(2)

const keyOf = (id) => createHash('sha256').update(id).digest('hex')

const steps = {
  '/start': ({ session }, step) => {
    session.user = 'Ada'
    session.set('notice', 'Welcome')
    asks(step, { key: keyOf(session.id), sets: { user: '"Ada"' } })
  },
  '/save': ({ session }, step) => {
    session.cart = ['tea']
    asks(step, { key: keyOf(session.id), sets: { cart: '["tea"]' } })
  },
  '/streamed': ({ session }, step, res) => {
    session.cart = ['coffee']
    asks(step, { key: keyOf(session.id), sets: { cart: '["coffee"]' } })
    res.write('The head leaves with this.')
  },
  '/login': ({ session }, step) => {
    asks(step, { key: keyOf(session.id), ends: true })
    session.regenerate()
    session.user = 'Bob'
    asks(step, { key: keyOf(session.id), sets: { user: '"Bob"', cart: '["coffee"]' } })
  },
  '/notice': async ({ session }, step, res) => {
    asks(step, { key: keyOf(session.id), sets: { notice: null } })
    res.setHeader('notice', `${await session.take('notice')}`)
  },
  '/logout': async ({ session }, step) => {
    asks(step, { key: keyOf(session.id), ends: true })
    await session.destroy()
  },
  '/read': ({ session }, _step, res) => res.setHeader('user', session.user),
  '/nothing': () => {},
}

const withSession = sessions({ store: fileStore(directory, { durability, sweepEvery: 0 }) })
const answer = withSession(async (req, res) => {
  await steps[req.url](req, req.headers.step, res)
  res.end()
})
const server = createServer((req, res) => {
  asks(req.headers.step)
  res.setHeader('answers', req.headers.step)
  answer(req, res)
})
answers('start')
server.listen(0, '127.0.0.1', () => console.log(server.address().port))
process.stdin.on('end', () => process.exit()).resume()
