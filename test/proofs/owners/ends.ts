import type { Moment, Signed } from './moment.ts'

/**
 * What holds once everybody is done: what was signed in works, what was ended is not, and everything can go
 * on.
 */
export function* checkEnd(moment: Moment): Generator<string> {
  yield* checkSignedIn(moment)
  yield* checkKept(moment)
  yield* checkExpected(moment)
  yield* checkNext(moment)
}

const ENDING = /^revoke|logout|tick/

function* checkSignedIn(moment: Moment): Generator<string> {
  const { deeds, victim, most } = moment.scenario
  for (const [place, deed] of deeds.entries()) {
    if (deed.verb !== 'login' || !moment.isOk(place)) continue
    const works = moment.working.some(({ root }) => root === place)
    if (works) continue
    const isReplaced = deeds.some((other) => other.verb === 'login' && other.old === `#${place}`)
    if (!moment.isFaulty && !moment.others(place, ENDING) && !isReplaced && most === undefined)
      yield 'sign-in succeeds: a session has ended though nobody ended it'
    if (victim === place) yield 'sign-out is final: it ended the session of somebody else'
    for (const [other, { verb }] of deeds.entries()) {
      const isEarlier = moment.isOk(other) && moment.ended(other) < moment.began(place)
      const isAlone = !moment.isFaulty && !deeds.some((each, at) => at !== other && ENDING.test(each.verb))
      if (
        /^revoke(All|Others|Everything)$/.test(verb) &&
        isEarlier &&
        isAlone &&
        most === undefined &&
        !isReplaced
      )
        yield `all revoked: a sign-in from after ${verb} does not work`
    }
  }
}

function* checkKept(moment: Moment): Generator<string> {
  const { deeds, keeps } = moment.scenario
  if (!keeps || moment.isFaulty) return
  const saved = deeds.findIndex(({ verb }) => verb === 'save')
  const logins = deeds.flatMap((deed, place) => (deed.verb === 'login' && moment.isOk(place) ? [place] : []))
  const has = (place: number) => moment.session(moment.keyOf(place)!)?.values.cart === 2
  if (moment.isOk(saved) && logins.length > 0 && !logins.some(has))
    yield 'nothing of before: a kept value that was stored in time is in no session'
}

function* checkExpected(moment: Moment): Generator<string> {
  const { deeds, most, spared, clicks, onlyRotates } = moment.scenario
  const { working } = moment
  const signsIn = deeds.some(({ verb }, place) => verb === 'login' && moment.isOk(place))
  const isEnded = deeds.some(({ verb }) => ENDING.test(verb))
  if (most !== undefined && !moment.isFaulty && !isEnded && signsIn && working.length === 0)
    yield 'limit: of all sign-ins each was ended by another'
  if (spared !== undefined && !moment.isFaulty && !working.some(({ root }) => root === spared))
    yield 'limit: a device was ended though those that had ended counted'
  if (clicks && !moment.isFaulty)
    for (const [place, { verb }] of deeds.entries())
      if (verb === 'login' && moment.isOk(place) && !moment.session(moment.keyOf(place)!))
        yield 'sign-in succeeds: of two clicks one ended the other'
  if (onlyRotates && (working.length > 1 || (working.length === 0 && !moment.hasDied)))
    yield `nothing lost: ${working.length} sessions work, of one that was only rotated`
}

/**
 * Each working session can be rotated and signed out; a sign-in goes on to work; and a revocation ends them
 * all.
 */
function* checkNext(moment: Moment): Generator<string> {
  const { goesOn = true, deeds, most, owner = 'u' } = moment.scenario
  if (!goesOn) return
  const isQuiet = !moment.isFaulty && !moment.state.doings.some(({ course }) => course?.calls !== undefined)
  if (isQuiet) for (const signed of moment.working) yield* checkSession(moment, signed)
  const limited = deeds.find((deed) => deed.verb === 'login' && deed.limit !== undefined)
  const limit = limited?.verb === 'login' ? limited.limit : undefined
  const login = moment.afterwards({ verb: 'login', owner, ...(limit && { limit }) })
  const { result, key } = login.told!
  const mayRefuse = moment.isFaulty || moment.hasLost || moment.working.length >= (most ?? Infinity)
  if (result !== 'ok' && !(result === 'refused' && mayRefuse))
    yield `sign-in succeeds: the next one is ${result}`
  const { world } = moment.afterwards({ verb: 'revokeAll', owner }, login.world)
  for (const one of [...moment.working.map((signed) => signed.key), ...(key === undefined ? [] : [key])])
    if (moment.session(one, world)?.owner === owner)
      yield 'all revoked: a later revokeAll leaves one that works'
}

function* checkSession(moment: Moment, { key }: Signed): Generator<string> {
  const isRevoked = moment.scenario.deeds.some(({ verb }) => verb === 'revokeEverything')
  if (!isRevoked && moment.afterwards({ verb: 'rotate', id: key }).told?.result !== 'ok')
    yield 'nothing lost: a working session can not be rotated'
  if (moment.session(key, moment.afterwards({ verb: 'logout', id: key }).world))
    yield 'sign-out is final: a working session can not be signed out'
}
