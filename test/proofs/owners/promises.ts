import type { Moment, Signed } from './moment.ts'
import { entriesOf, familyOf, signInsOf } from './protocol/records.ts'
import { found } from './store.ts'

/*
 * What holds at each moment, whoever dies and whichever answer is lost. The names of the promises are those
 * of the README of this folder.
 */

export function* checkState(moment: Moment): Generator<string> {
  for (const signed of moment.working) {
    yield* checkRevocations(moment, signed)
    yield* checkLogouts(moment, signed)
    yield* checkEntered(moment, signed)
  }
  yield* checkLimit(moment)
  yield* checkSignIns(moment)
  yield* checkHandles(moment)
}

/** Signed in before: its request had arrived before the revocation was asked for. */
function* checkRevocations(moment: Moment, { root, key }: Signed): Generator<string> {
  const { deeds } = moment.scenario
  const whose = moment.belonging(key)!
  for (const [place, deed] of deeds.entries()) {
    if (!moment.isOk(place) || moment.began(root) >= moment.began(place)) continue
    if (deed.verb === 'revokeEverything') yield 'all revoked: a session from before revokeEverything works'
    if (deed.verb === 'revokeAll' && deed.owner === whose.owner)
      yield 'all revoked: a session from before revokeAll works'
    if (deed.verb === 'revokeOthers') {
      const own = moment.signed.get(moment.idOf(deed) ?? '')?.root
      if (own !== root) yield 'all revoked: another session works after revokeOthers'
    }
    if (deed.verb === 'revoke' && deed.owner === whose.owner && familyOf(whose.signIn) === deed.handle) {
      if (moment.ended(root) < moment.began(place)) yield 'sign-out is final: a device works after revoke'
    }
  }
}

function* checkLogouts(moment: Moment, signed: Signed): Generator<string> {
  for (const [place, deed] of moment.scenario.deeds.entries()) {
    if (deed.verb !== 'logout' || !moment.isOk(place)) continue
    const shown = moment.idOf(deed)
    if (shown !== undefined && moment.signed.has(shown) && comesFrom(moment, signed, shown, place))
      yield 'sign-out is final: what came of the session works after a logout'
  }
}

/** By rotations, and by sign-ins of the same owner that were told before the logout began. */
function comesFrom(moment: Moment, signed: Signed, shown: string, logout: number): boolean {
  let at: Signed | undefined = signed
  while (at !== undefined && at.key !== shown) {
    if (at.from !== undefined) {
      at = moment.signed.get(at.from)
      continue
    }
    const deed = moment.scenario.deeds[at.place]!
    if (deed.verb !== 'login' || deed.old === undefined) return false
    if (moment.ended(at.place) >= moment.began(logout)) return false
    const before: Signed | undefined = moment.signed.get(moment.idOf({ id: deed.old }) ?? '')
    const root = before && moment.scenario.deeds[before.root]!
    if (root?.verb !== 'login' || root.owner !== deed.owner) return false
    at = before
  }
  return at !== undefined
}

function* checkEntered({ world }: Moment, { key }: Signed): Generator<string> {
  const owners = Object.keys(world.records).filter((name) => name.startsWith('O ') && found(world, name))
  const entered = owners.some((name) => entriesOf(world.records[name]!).some((entry) => entry.key === key))
  if (!entered) yield 'all revoked: a session works that no later revocation can find'
}

function* checkLimit(moment: Moment): Generator<string> {
  const { most } = moment.scenario
  if (most === undefined) return
  const devices = new Set(
    moment.working.map(({ key }) => {
      const { owner, signIn } = moment.belonging(key)!
      return `${owner} ${familyOf(signIn)}`
    }),
  )
  if (devices.size > most) yield 'limit: more devices than maxPerOwner work'
}

function* checkSignIns(moment: Moment): Generator<string> {
  const { deeds, most } = moment.scenario
  for (const [place, deed] of deeds.entries()) {
    if (deed.verb !== 'login') continue
    const { result, key } = moment.told(place)[0] ?? {}
    if (result === 'gone') yield 'sign-in succeeds: told that the session is gone'
    if (result === 'failed' && !moment.hasLost) yield 'sign-in succeeds: failed without a lost answer'
    if (result === 'refused' && deed.limit?.onMore !== 'refuse') yield 'sign-in succeeds: refused'
    if (result === 'revoked' && most === undefined && !meetsRevocation(moment, place))
      yield 'sign-in succeeds: told of a revocation that was none'
    if (result === 'ok' && deed.old !== undefined && moment.session(moment.idOf({ id: deed.old })!))
      yield 'nothing of before: the session of before works'
    const session = key === undefined ? undefined : moment.session(key)
    const names = Object.keys(session?.values ?? {})
    const rest = names.filter((name) => !['cart', 'signIn', 'application', 'moved'].includes(name))
    if (rest.length > 0) yield `nothing of before: ${rest.join()} is left`
  }
}

function meetsRevocation(moment: Moment, signIn: number): boolean {
  return moment.scenario.deeds.some(({ verb }, place) => {
    if (!verb.startsWith('revoke') || moment.began(place) === Number.POSITIVE_INFINITY) return false
    return !moment.isOk(place) || moment.ended(place) >= moment.began(signIn)
  })
}

/** A list shows families. None is the key of a session, or an id that was ever shown: here they are one. */
function* checkHandles({ world, signed, scenario }: Moment): Generator<string> {
  for (const [name, record] of Object.entries(world.records)) {
    if (!name.startsWith('O ')) continue
    const handles = signInsOf(record).map(({ signIn }) => familyOf(signIn))
    const isToken = (handle: string) => signed.has(handle) || handle in (scenario.records ?? {})
    if (handles.some(isToken)) yield 'handles: one is a key'
  }
}
