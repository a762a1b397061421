import type { SessionKey } from '../../../src/contract/key.ts'
import type { SessionRecord } from '../../../src/contract/record.ts'
import { applyChange } from '../../../src/contract/record.ts'
import type { Happened } from './history.ts'
import type { Operation, Save } from './operation.ts'

/** A session as the contract speaks of it: no file, no line, no process. */
type Session = { phase: 'none' } | { phase: 'live'; record: SessionRecord } | { phase: 'over' }

/**
 * `claimed`: a creation that may be told that the key is taken, though nobody has it yet, or ever. `crowded`: it may, of a
 * session that is over, as somebody else was at it or has died before the file was removed.
 */
type Told = Happened & { readonly claimed: boolean; readonly crowded: boolean }

/**
 * Whether some order of the operations explains every answer, each operation taking effect at one moment between its
 * beginning and its end, on one clock (Herlihy and Wing, "Linearizability", 1990). What was cut short or failed may
 * have taken effect or not, but not half. This is the contract's first five promises and its eighth in one: whole,
 * nothing lost, exactly once, gone is gone, never created by a save, expired is absent.
 */
export function isLinearisable(
  happened: readonly Happened[],
  lacksSpace = false,
  sweeps: readonly Happened[] = [],
): boolean {
  const atIt = [...happened, ...sweeps]
  const all = happened
    .map((one) => ({ ...one, claimed: claimed(one, happened), crowded: crowded(one, atIt) }))
    .flatMap(withRemoval)
    .flatMap((one) => (lacksSpace ? withEffect(one, happened) : [one]))
  const clocks = [
    ...new Set(
      happened.flatMap(({ beganAt, endedAt = beganAt, latest = beganAt }) => [beganAt, endedAt, latest]),
    ),
  ]
  return new Search(
    all,
    clocks.sort((a, b) => a - b),
  ).succeeds(0, 0, { phase: 'none' })
}

/** A creation that another one was in the way of, which is not over yet, or came to nothing. */
function claimed(one: Happened, all: readonly Happened[]): boolean {
  if (one.operation.verb !== 'create') return false
  return all.some((other) => {
    if (other === one || other.operation.verb !== 'create' || !overlap(one, other)) return false
    if (!other.outcome || 'error' in other.outcome || other.outcome.value === true) return true
    return other.ended! > one.ended! && claimed(other, all) // which was in the way of that one, too
  })
}

function crowded(one: Happened, all: readonly Happened[]): boolean {
  return all.some((other) => {
    if (other === one) return false
    const isWhole = other.outcome !== undefined && 'value' in other.outcome
    return overlap(one, other) || (!isWhole && other.begun < one.begun)
  })
}

function overlap(one: Happened, other: Happened): boolean {
  return other.begun < (one.ended ?? Infinity) && (other.ended ?? Infinity) > one.begun
}

/**
 * A save that is told `gone` by a sign-out which found no space: it may have stood for a moment before, and others may have
 * seen it.
 */
function withEffect(one: Told, all: readonly Happened[]): Told[] {
  const { operation, outcome, ...rest } = one
  if (operation.verb !== 'save' || !outcome || !('value' in outcome)) return [one]
  if ((outcome.value as { outcome: string }).outcome !== 'gone') return [one]
  const ends = all.some((other) => other.operation.verb === 'delete' && overlap(one, other))
  return ends ? [one, { ...rest, operation }] : [one]
}

/** A creation that fails may have made the session all the same, for a moment: it removes what it made. */
function withRemoval(one: Told): Told[] {
  const { operation, outcome } = one
  if (operation.verb !== 'create' || !outcome || 'value' in outcome) return [one]
  return [one, { ...one, operation: { verb: 'delete', key: operation.key } }]
}

class Search {
  readonly #all: readonly Told[]
  readonly #clocks: readonly number[]
  /** The clock was set back: it only tells then which moments an operation can have seen. */
  readonly #isTurnedBack: boolean
  readonly #failed = new Set<string>()

  constructor(all: readonly Told[], clocks: readonly number[]) {
    if (all.length > 30) throw new RangeError('A history of more than 30 operations of one session.')
    this.#all = all
    this.#clocks = clocks
    this.#isTurnedBack = isTurnedBack(all)
  }

  /** Whether what is not `done` yet (a bit each) can follow, from a moment of the clock on. */
  succeeds(done: number, clock: number, session: Session): boolean {
    if (this.#all.every((one, index) => done & (1 << index) || mayBeLeftOut(one))) return true
    const key = `${done}/${clock}/${textOf(session)}`
    if (this.#failed.has(key)) return false
    const firstEnd = Math.min(
      ...this.#all.map(({ ended }, index) => (done & (1 << index) ? Infinity : (ended ?? Infinity))),
    )
    for (const [index, one] of this.#all.entries()) {
      if (done & (1 << index) || one.begun > firstEnd) continue
      if (this.#tries(one, done | (1 << index), clock, session)) return true
    }
    this.#failed.add(key)
    return false
  }

  #tries(one: Told, done: number, clock: number, session: Session): boolean {
    const { beganAt, endedAt = Infinity, latest = beganAt } = one
    const [from, to] = [Math.min(beganAt, endedAt), Math.max(latest, endedAt)]
    for (let later = this.#isTurnedBack ? 0 : clock; later < this.#clocks.length; later++) {
      const now = this.#clocks[later]!
      if (now < from) continue
      if (now > to) break
      for (const after of effects(one, session, now)) if (this.succeeds(done, later, after)) return true
    }
    // What was cut short may have had no effect. So may what failed.
    return mayBeLeftOut(one) && this.succeeds(done, clock, session)
  }
}

function isTurnedBack(all: readonly Happened[]): boolean {
  if (all.some(({ latest = 0, endedAt = latest }) => latest > endedAt)) return true
  const moments = all.flatMap(({ begun, beganAt, ended, endedAt }) => [
    [begun, beganAt] as const,
    ...(ended === undefined ? [] : [[ended, endedAt!] as const]),
  ])
  return moments.some(([place, at]) => moments.some(([later, then]) => later > place && then < at))
}

/** Without an answer, nobody can tell. */
function mayBeLeftOut({ outcome }: Happened): boolean {
  return outcome === undefined || 'error' in outcome
}

/** The sessions that an operation may leave behind, if its answer fits what it met. */
function effects(one: Told, session: Session, now: number): Session[] {
  const { operation, outcome } = one
  const answer = outcome && 'value' in outcome ? { value: outcome.value } : undefined
  const live = session.phase === 'live' && session.record.expiresAt > now ? session.record : undefined
  const fits = (value: unknown): boolean => answer === undefined || sameAnswer(answer.value, value)
  switch (operation.verb) {
    case 'create':
      return [
        ...(live ? [] : created(one).filter(({ phase }) => fits(phase === 'live'))),
        ...(live || (one.crowded && session.phase !== 'none') || one.claimed || sleptForLong(one)
          ? taken(session, fits)
          : []),
      ]
    case 'load':
      return fits(live) ? [live ? session : over(session)] : []
    case 'exists':
      return fits(live !== undefined) ? [live ? session : over(session)] : []
    case 'delete':
      if (session.phase !== 'live') return fits(false) ? [session] : []
      // The contract leaves open whether one that has expired, and was not removed yet, was "there".
      return fits(true) || (!live && fits(false)) ? [{ phase: 'over' }] : []
    case 'save': {
      if (!live) return fits({ outcome: 'gone' }) ? [over(session)] : []
      if (one.ifVersion !== undefined && one.ifVersion !== live.version) {
        return fits({ outcome: 'conflict', record: live }) ? [session] : []
      }
      const record = applyChange(live, changeOf(operation))
      return fits({ outcome: 'saved', record }) ? [{ phase: 'live', record }] : []
    }
    default:
      return [session]
  }
}

/** Once anybody was told that a session has expired, it is over, whatever the clock says later. */
const over = (session: Session): Session => (session.phase === 'live' ? { phase: 'over' } : session)

/** The key of a session that is over is free again. */
function created({ operation }: Happened): Session[] {
  if (operation.verb !== 'create') return []
  const record: SessionRecord = {
    version: 0,
    values: new Map(Object.entries(operation.set ?? {})),
    createdAt: 1,
    expiresAt: operation.expiresAt,
  }
  return [{ phase: 'live', record }]
}

/** The key is taken: by a live session, by what is left of one that is over, or by the sweep of an unborn one. */
function taken(session: Session, fits: (value: unknown) => boolean): Session[] {
  return fits(false) ? [session] : []
}

/** A creator that is found asleep is taken for dead: it is to take another key. */
const sleptForLong = ({ beganAt, endedAt = beganAt }: Happened): boolean => endedAt - beganAt > 60_000

function changeOf({ set, delete: deleted, expiresAt, owner }: Save): Parameters<typeof applyChange>[1] {
  return {
    ...(set && { set: new Map(Object.entries(set)) }),
    ...(deleted && { delete: deleted }),
    ...(expiresAt !== undefined && { expiresAt }),
    ...(owner !== undefined && { owner }),
  }
}

/** Records compare by content, whatever the order of their values. */
function sameAnswer(a: unknown, b: unknown): boolean {
  return a === b || answerText(a) === answerText(b)
}

/** An answer of a store as a text: a record, what became of a save, or a boolean. */
export function answerText(answer: unknown): string {
  if (typeof answer !== 'object' || answer === null) return String(answer)
  if (answer instanceof Map) return [...answer.values()].map(recordText).join(' | ')
  if ('values' in answer) return recordText(answer as SessionRecord)
  const { outcome, record } = answer as { outcome?: string; record?: SessionRecord }
  return record ? `${outcome} ${recordText(record)}` : String(outcome)
}

const texts = new WeakMap<SessionRecord, string>()

function recordText(record: SessionRecord): string {
  let text = texts.get(record)
  if (text === undefined) {
    const { version, values, createdAt, expiresAt, owner } = record
    text = `${version} ${createdAt} ${expiresAt} ${owner} ${[...values].map(([key, value]) => `${key}=${value}`).sort()}`
    texts.set(record, text)
  }
  return text
}

function textOf(session: Session): string {
  return session.phase === 'live' ? recordText(session.record) : session.phase
}

/** The sessions that operations speak of. */
export function keysIn(operations: readonly Operation[]): SessionKey[] {
  return [...new Set(operations.flatMap((operation) => ('key' in operation ? [operation.key] : [])))]
}
