// One host, in a process of its own so that its end is seen: goes through all cases and prints what became of each, one
// line each, after a line that says which one it is: host, methods, which part of the cases (none: all).
import { once } from 'node:events'
import http, { type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createSessions } from 'untorn'
import { actOf } from '../support/verbs/act.ts'
import {
  argsOf,
  type Case,
  casesOf,
  type Facts,
  KEPT,
  ownerBefore,
  type Verb,
} from '../support/verbs/cases.ts'
import { type Act, hosts } from '../support/verbs/hosts.ts'
import { fragileStore } from '../support/verbs/store.ts'

const [host, names, part] = process.argv.slice(2) as [string, string, '0' | '1' | undefined]
const agent = new http.Agent({ keepAlive: true })
// What they say is looked at elsewhere.
process.removeAllListeners('warning')

const turns = async (count: number) => {
  for (let i = 0; i < count; i++) await new Promise(setImmediate)
}

/** A server over a store, whose handler is another one for each case. */
async function open(later: boolean) {
  const { store, broken } = fragileStore(later)
  const seen = { errors: 0 }
  const served = createSessions({
    store,
    onEvent: ({ type }) => {
      if (type === 'error') seen.errors++
    },
  })
  let act: Act = async () => {}
  // Beside the handler's promise, at which nobody looks but the host.
  let handled: Promise<void> = Promise.resolve()
  const listener = hosts[host]!(served, async (req, res) => {
    let done = () => {}
    handled = new Promise((resolve) => {
      done = resolve
    })
    try {
      await act(req, res)
    } finally {
      done()
    }
  })
  const server = http.createServer(listener)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo

  async function ask(with_: Act, cookie: string, asked?: (request: http.ClientRequest) => void) {
    act = with_
    const request = http.get({ host: '127.0.0.1', port, agent, headers: { cookie } })
    asked?.(request)
    try {
      const [response] = (await once(request, 'response')) as [IncomingMessage]
      let text = ''
      for await (const chunk of response) text += chunk
      return { status: response.statusCode!, text, cookies: response.headers['set-cookie'] ?? [] }
    } catch {
      return undefined
    } finally {
      await handled
    }
  }

  /** A visitor's session, which is somebody's if it is `owned`: their cookie, and the handle of their other device. */
  async function begin(n: number, owned: boolean): Promise<{ cookie: string; phone: string | undefined }> {
    const phone = owned ? await signInOnPhone(n) : undefined
    const session = await served.open(undefined, { secure: false })
    session.set('user', n)
    session.set('notice', 'Hello')
    if (owned) await session.login(ownerBefore(n), { keep: KEPT })
    return { cookie: (await session.commit())!.split(';', 1)[0]!, phone }
  }

  async function signInOnPhone(n: number): Promise<string> {
    const session = await served.open(undefined, { secure: false })
    session.set('phone', n)
    await session.login(ownerBefore(n), { keep: ['phone'] })
    const [device] = await served.list(ownerBefore(n))
    return device!.handle
  }

  async function stored() {
    const found: Record<string, unknown>[] = []
    for await (const [key, { values }] of store.records()) {
      found.push(Object.fromEntries([...values].map(([name, text]) => [name, JSON.parse(text)])))
      await store.delete(key)
    }
    return found.filter((values) => !('untorn:replaced' in values))
  }

  return { seen, served, broken, ask, begin, stored }
}

type Place = Awaited<ReturnType<typeof open>>

const show: Act = async ({ session }, res) => void res.end(JSON.stringify({ session, owner: session.owner }))

async function factsOf(one: Case, place: Place): Promise<Facts> {
  const { seen, served, broken, ask, begin, stored } = place
  let { cookie, phone } = await begin(one.n, one.owned)
  seen.errors = 0
  if (one.meets === 'a store that could not be read from the beginning') broken.add('load')
  let leave = () => {}
  const scene = { one, served, broken, phone, leave: () => leave() }
  const answer = await ask(actOf(scene), cookie, (request) => {
    leave = () => request.destroy()
  })
  // What is done when the client has gone goes on behind it.
  await turns(answer === undefined || one.how.startsWith('not') ? 12 : 3)
  const { errors } = seen
  broken.clear()
  for (const line of answer?.cookies ?? []) cookie = line.split(';', 1)[0]!
  const { status, text } = (await ask(show, cookie))!
  return { case: one, answer, next: { status, ...JSON.parse(text) }, stored: await stored(), errors }
}

async function look(name: string, { ask, begin }: Place): Promise<Verb> {
  const verb = { name, asks: false, takesCallback: false }
  const act: Act = async ({ session }, res) => {
    const method = session[name] as (...args: unknown[]) => unknown
    const args = argsOf(0)[name] ?? []
    const answer = method(...args)
    verb.asks = typeof (answer as { then?: unknown } | undefined)?.then === 'function'
    await answer
    if (verb.asks) {
      const other = method(...args, () => {
        verb.takesCallback = true
      })
      await turns(5)
      await other
    }
    res.end()
  }
  const { cookie } = await begin(0, true)
  await ask(act, cookie)
  return verb
}

const places = { 'at once': await open(false), later: await open(true) }
const verbs: Verb[] = []
for (const name of names.split(',')) verbs.push(await look(name, places.later))
for (const place of Object.values(places)) await place.stored()
console.log(JSON.stringify(verbs))
for (const one of casesOf(verbs, part && (Number(part) as 0 | 1))) {
  console.log(JSON.stringify(one))
  console.log(JSON.stringify(await factsOf(one, places[one.store])))
}
console.log('done')
process.exit()
