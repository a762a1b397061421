import { idWithin, keyOfNoSession, type SessionKey } from '../../contract/key.ts'
import type { MaybePromise } from '../../contract/wait.ts'
import { invalidArgument } from '../../errors.ts'
import { assertName, assertText, millisecondsOf, WITHOUT_END } from '../kept/arguments.ts'
import { Chains } from '../kept/chains.ts'
import type { Texts } from '../kept/difference.ts'
import { InTurn } from '../kept/in-turn.ts'
import type { CheckedListingSocket } from '../kept/options.ts'
import { type Base, baseOf, type KeptRecords } from '../kept/records.ts'
import {
  entryOf,
  isList,
  isRevokedBefore,
  lifeOfList,
  listTexts,
  mayBeToken,
  numberIn,
  plainTexts,
  readableList,
  sessionTexts,
  writtenAs,
} from './forms.ts'

/** How long it is remembered that a token has ended, in milliseconds: longer than any request is under way. */
const REMEMBERED = 60 * 60 * 1000
const NOTHING: Texts = new Map()

/** What `betterAuth({ secondaryStorage })` takes. */
export class BetterAuthStorage {
  readonly #records: KeptRecords
  readonly #app: string
  readonly #given = new Chains<Base>()
  readonly #inTurn = new InTurn()
  readonly #unreadable: (error: unknown) => void

  constructor({ records, app, unreadable }: CheckedListingSocket) {
    this.#records = records
    this.#app = app
    this.#unreadable = unreadable
  }

  /** `null`: there is none. */
  readonly get = async (key: string): Promise<string | null> => {
    assertName('key', key)
    this.#given.asked()
    const name = this.#nameOf(key)
    const base = await this.#records.load(name)
    // Whoever is not given an entry takes none out by leaving it out.
    if (base !== undefined && isList(key)) base.texts = readableList(base.texts, this.#unreadable)
    this.#given.note(name, base)
    return base === undefined ? null : writtenAs(key, base.texts)
  }

  /** Of all who ask at the same time one gets it. */
  readonly getAndDelete = async (key: string): Promise<string | null> => {
    assertName('key', key)
    const texts = await this.#records.take(this.#nameOf(key))
    return texts === undefined ? null : writtenAs(key, texts)
  }

  /** One more than there was, for `ttl` seconds from the first on. */
  readonly increment = async (key: string, ttl: number): Promise<number> => {
    assertName('key', key)
    const name = this.#nameOf(key)
    const lives = millisecondsOf('ttl', ttl)
    const one = (texts: Texts | undefined) => plainTexts(String(numberIn(texts) + 1))
    const decide = () => this.#records.decide(name, one, lives, { anew: false })
    return numberIn(await this.#inTurn.do(name, decide))
  }

  /** For `ttl` seconds; without one, without end. */
  readonly set = async (key: string, value: string, ttl?: number): Promise<void> => {
    assertName('key', key)
    assertText('value', value)
    this.#given.asked()
    const lives = ttl === undefined || ttl === null ? WITHOUT_END : millisecondsOf('ttl', ttl)
    if (lives === 0) return this.delete(key)
    if (isList(key)) return this.#setList(this.#nameOf(key), listTexts(value), lives)
    if (isRevokedBefore(key)) return this.#raise(this.#nameOf(key), Number(value), lives)
    const session = sessionTexts(key, value)
    if (session !== undefined) return this.#setSession(key, session, lives)
    await this.#records.put(this.#nameOf(key), plainTexts(value), lives)
  }

  readonly delete = async (key: string): Promise<void> => {
    assertName('key', key)
    const name = this.#nameOf(key)
    // Who deletes a list that they were given has taken out what they know of; others may have added to it, or begun it.
    if (isList(key) && this.#given.has(name)) {
      if (this.#given.get(name) !== undefined) await this.#setList(name, new Map(), 0)
      return
    }
    // First, so that whoever stores it meanwhile finds out.
    if (mayBeToken(key)) await this.#records.create(this.#markOf(key), NOTHING, REMEMBERED)
    await this.#records.store.delete(name)
  }

  /** Of one that was handed out what has changed, where it still is; else a new one, unless its token has ended by then. */
  async #setSession(token: string, texts: Texts, lives: number): Promise<void> {
    const name = this.#nameOf(token)
    const base = this.#given.get(name)
    if (base !== undefined) {
      await this.#records.save(base, texts, lives)
      return
    }
    const stored = await this.#records.put(name, texts, lives)
    if (await this.#hasEnded(token)) await this.#records.store.delete(name)
    else this.#given.note(name, stored)
  }

  /** Puts in what was added to the list that was handed out, and takes out what is missing in it. */
  async #setList(name: SessionKey, texts: Map<string, string>, lives: number): Promise<void> {
    const base = this.#given.get(name)
    // What has ended meanwhile is not taken up again, neither as a new entry nor as one that was changed.
    const added = new Map([...texts].filter(([hash, text]) => base?.texts.get(hash) !== text))
    for (const [hash, text] of added) {
      if (!(await this.#hasEnded(entryOf(text).token))) continue
      added.delete(hash)
      texts.delete(hash)
    }
    const record = base && (await this.#records.save(base, texts))
    if (record !== undefined) return this.#records.prolong(record, name, lifeOfList)
    if (added.size > 0) await this.#addToList(name, added, lives)
  }

  /** To one that is not there any more, or of which nothing is known. */
  async #addToList(name: SessionKey, added: Texts, lives: number): Promise<void> {
    const all = (texts: Texts | undefined) => new Map([...(texts ?? []), ...added])
    await this.#records.decide(name, all, lives, { anew: false })
    const record = await this.#records.store.load(name)
    if (record === undefined) return
    this.#given.note(name, { ...baseOf(name, record), texts: readableList(record.values) })
    await this.#records.prolong(record, name, lifeOfList)
  }

  /** The later one counts, whoever is the last to say so. */
  async #raise(name: SessionKey, moment: number, lives: number): Promise<void> {
    if (Number.isNaN(moment)) throw invalidArgument('value', 'a moment is needed, in milliseconds')
    const later = (texts: Texts | undefined) => plainTexts(String(Math.max(numberIn(texts), moment)))
    await this.#records.decide(name, later, lives, { anew: true })
  }

  #hasEnded(token: string): MaybePromise<boolean> {
    return this.#records.store.exists(this.#markOf(token))
  }

  /** None of these is a session of untorn's: no cookie opens one, and no listing has them. */
  #nameOf(key: string): SessionKey {
    return keyOfNoSession(idWithin(this.#app, key))
  }

  #markOf(token: string): SessionKey {
    return keyOfNoSession(idWithin(this.#app, `ended ${token}`))
  }
}
