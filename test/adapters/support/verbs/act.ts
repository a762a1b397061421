import type { ServerResponse } from 'node:http'
import type { Sessions } from 'untorn'
import { afterHead, argsOf, type Case, type Meets, type Told } from './cases.ts'
import type { Act, AnySession } from './hosts.ts'
import type { Call } from './store.ts'

export interface Scene {
  one: Case
  served: Sessions
  broken: Set<Call>
  /** Has the client leave. */
  leave(): void
}

const READ: Call[] = ['load', 'exists']
const WRITE: Call[] = ['create', 'save', 'delete']

const breaks: Partial<Record<Meets, Call[]>> = {
  'a store that can not be read': READ,
  'a store that can not be written': WRITE,
  'a store that can not be used': [...READ, ...WRITE],
  'a client that leaves, and a store that can not be used': [...READ, ...WRITE],
}

/** The handler of one case: changes the session, calls the method, answers with what it was told. */
export function actOf(scene: Scene): Act {
  const { one } = scene
  return async (req, res) => {
    const { session } = req
    session.before = one.n
    if (afterHead(one)) await new Promise((sent) => res.write('begun ', sent))
    await meet(scene, session, res)
    if (one.verb === 'save') session.more = one.n
    const told = await call(session, one)
    if (!afterHead(one)) session.after = one.n
    res.end(JSON.stringify(told))
  }
}

async function meet(scene: Scene, { id }: AnySession, res: ServerResponse): Promise<void> {
  const { one, served, broken } = scene
  if (one.meets.startsWith('a client that leaves')) {
    const closed = new Promise((left) => res.on('close', left))
    scene.leave()
    await closed
  }
  if (one.meets.endsWith('in another tab')) {
    const other = await served.open(`sid=${id}`, { secure: false })
    if (one.meets === 'a sign-out in another tab') await other.destroy()
    else {
      await other.regenerate()
      await other.save()
    }
  }
  for (const call of breaks[one.meets] ?? []) broken.add(call)
}

async function call(session: AnySession, { verb, how, n }: Case): Promise<Told> {
  if (how === 'with a callback') {
    return new Promise((told) => {
      session[verb]((error?: { code: string }) => told(error ? { code: error.code } : { value: true }))
    })
  }
  let answer: unknown
  for (const name of verb.split(' ')) answer = session[name](...(argsOf(n)[name] ?? []))
  if (how.startsWith('awaited')) return { value: await answer }
  if (how === 'not awaited, answered later') for (let i = 0; i < 5; i++) await new Promise(setImmediate)
  return {}
}
