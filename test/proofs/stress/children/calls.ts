import type { NewRecord, SessionChange, SessionRecord } from 'untorn'
import type { FileStore } from 'untorn/file'
import type { Answer, Call, SeenChange, SeenNewRecord, SeenRecord } from '../history/operation.ts'
import { tagIn, textOf } from '../tags.ts'
import { type Address, nameOf } from '../wire.ts'
import type { Diary } from './diary.ts'
import type { Stores } from './stores.ts'

/** The calls of the contract, each announced before and noted after. */
export class Calls {
  readonly diary: Diary
  readonly #stores: Stores
  readonly #noted = new Map<string, string>()

  constructor(diary: Diary, stores: Stores) {
    this.diary = diary
    this.#stores = stores
  }

  async create(session: Address, record: SeenNewRecord): Promise<Answer> {
    this.diary.key(session)
    return await this.#call(session, { verb: 'create', record }, async (store) => {
      const own = given(record)
      const creating = store.create(session.key, own)
      spoil(own)
      const created = await creating
      return { is: created ? 'created' : 'taken' }
    })
  }

  async load(session: Address): Promise<Answer> {
    return await this.#call(session, { verb: 'load' }, async (store) => {
      const record = await store.load(session.key)
      return record ? { is: 'found', record: seen(record) } : { is: 'absent' }
    })
  }

  async exists(session: Address): Promise<Answer> {
    return await this.#call(session, { verb: 'exists' }, async (store) => ({
      is: (await store.exists(session.key)) ? 'there' : 'absent',
    }))
  }

  async save(session: Address, change: SeenChange, ifVersion?: number): Promise<Answer> {
    const condition = ifVersion === undefined ? {} : { ifVersion }
    return await this.#call(session, { verb: 'save', change, ...condition }, async (store) => {
      const own = givenChange(change)
      const saving = store.save(session.key, own, condition)
      own.set?.clear()
      const result = await saving
      return result.outcome === 'gone' ? { is: 'gone' } : { is: result.outcome, record: seen(result.record) }
    })
  }

  async delete(session: Address): Promise<Answer> {
    return await this.#call(session, { verb: 'delete' }, async (store) => ({
      is: (await store.delete(session.key)) ? 'deleted' : 'none',
    }))
  }

  async list(place: string): Promise<void> {
    await this.diary.list(place, async () => {
      const records: Record<string, SeenRecord> = {}
      for await (const [key, record] of this.#store(place).records()) records[nameOf(key)] = seen(record)
      return records
    })
  }

  async sweep(place: string): Promise<void> {
    await this.diary.sweep(place, async () => (await this.#store(place).clearExpired()).removed)
    this.#note(place)
  }

  async close(): Promise<void> {
    for (const [place, store] of this.#stores) {
      await store.close()
      this.#note(place)
    }
  }

  async #call(
    session: Address,
    call: Call,
    act: (store: FileStore) => Answer | Promise<Answer>,
  ): Promise<Answer> {
    const answer = await this.diary.call(session, call, () => act(this.#store(session.place)))
    this.#note(session.place)
    return answer
  }

  #store(place: string): FileStore {
    return this.#stores.get(place)!
  }

  /** What the store has done, as soon as it has done more: a process that is killed can't tell any more. */
  #note(place: string): void {
    const { stats } = this.#store(place)
    const { folds, takeOvers, waits, damagedLines, swept } = stats
    const text = [folds, takeOvers, waits, damagedLines, swept].join()
    if (this.#noted.get(place) === text) return
    this.#noted.set(place, text)
    this.diary.write({ stats, place })
  }
}

function texts(tags: Readonly<Record<string, string>>): Map<string, string> {
  return new Map(Object.entries(tags).map(([key, tag]) => [key, textOf(tag)]))
}

type Own<T extends { values: unknown }> = Omit<T, 'values'> & { values: Map<string, string> }
type OwnChange = Omit<SessionChange, 'set'> & { set?: Map<string, string> }

function given({ values, ...rest }: SeenNewRecord): Own<NewRecord> {
  return { ...rest, values: texts(values) }
}

function givenChange({ set, ...rest }: SeenChange): OwnChange {
  return set ? { ...rest, set: texts(set) } : rest
}

function seen(record: SessionRecord): SeenRecord {
  const { values, ...rest } = record
  const tags = Object.fromEntries([...values].map(([key, text]) => [key, tagIn(text)]))
  spoil(record as Own<SessionRecord>)
  return { ...rest, values: tags }
}

/** What a store was given and what it gave is its caller's own: whoever changes it changes nothing else. */
function spoil(record: Own<NewRecord>): void {
  record.values.clear()
  record.expiresAt = 0
}
