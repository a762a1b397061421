import { isPromise } from '../contract/wait.ts'
import { invalidArgument, MisuseError } from '../errors.ts'
import { reservedKeys } from './data.ts'
import type { Entry, Update } from './entry.ts'
import { expiringText, isExpired, untilOf } from './expiring.ts'
import {
  applyAll,
  type Outcome,
  type Resolution,
  resolve,
  settleEntries,
  type ValueRules,
} from './resolve.ts'

export const NO_VALUES: ReadonlyMap<string, string> = new Map()

/**
 * A session's values as one request sees them: the texts of the record that it opened, and what it did to them.
 * Reading parses only what is asked for. A Map throughout, so that `__proto__` is a key like any other.
 */
export class Values {
  readonly #rules: ValueRules
  #stored: ReadonlyMap<string, string>
  readonly #entries = new Map<string, Entry>()
  /**
   * Saves come without the handler knowing: the objects that it holds stay what it sees and changes, also where a save has made
   * something else of them, with what others did.
   */
  isHeld = false

  constructor(rules: ValueRules, stored: ReadonlyMap<string, string>) {
    this.#rules = rules
    this.#stored = stored
  }

  /** Whether there is anything that is worth storing a session for. */
  get hasContent(): boolean {
    if (this.#stored.size === 0 && this.#entries.size === 0) return false
    return this.keys().some((key) => key !== reservedKeys.expiry && key !== reservedKeys.notAfter)
  }

  /** Whether a save would have something to write, changes deep inside a value included. */
  get changed(): boolean {
    return !this.#changes().next().done
  }

  /** What is changed, as a text to compare: the same text, the same changes. */
  get changes(): string {
    return JSON.stringify([...this.#changes()])
  }

  keys(): string[] {
    const keys = [...this.#stored.keys()].filter((key) => this.has(key))
    for (const key of this.#entries.keys()) if (!this.#stored.has(key) && this.has(key)) keys.push(key)
    return keys
  }

  has(key: string): boolean {
    const entry = this.#entries.get(key)
    return this.#isLive(entry === undefined ? this.#stored.get(key) : entry.text)
  }

  get(key: string): unknown {
    const entry = this.#entries.get(key)
    if (entry !== undefined) return this.#liveValue(entry)
    const text = this.#stored.get(key)
    if (text === undefined) return undefined
    const value = this.#rules.codec.parse(key, text)
    // Only what a handler can change in place is kept, and what can't be parsed, so that it is reported once.
    if (isObject(value) || value === undefined) {
      this.#entries.set(key, { kind: 'read', value, until: untilOf(text), text, base: text })
    }
    return value
  }

  /**
   * `undefined` deletes. `until`: when the value expires by itself, in milliseconds since the epoch. Throws
   * `NotSerialisableError`, before anything has changed.
   */
  set(key: string, value: unknown, until?: number): void {
    const text =
      value === undefined ? undefined : expiringText(this.#rules.codec.stringify(key, value), until)
    this.#entries.set(key, { kind: 'written', value, until, text, base: this.#baseOf(key) })
  }

  /** Whether there was one. */
  delete(key: string): boolean {
    const had = this.has(key)
    // Kept although nothing may be stored: a save that is under way could be storing it.
    if (had) this.set(key, undefined)
    return had
  }

  /**
   * Applies `fn` to what is known, and keeps it to be applied again to what the save finds. It gets a copy: one that
   * throws half-way has changed nothing.
   */
  update(key: string, fn: Update): unknown {
    if (typeof fn !== 'function')
      throw invalidArgument('fn', 'a function from the value to the new one is needed')
    const entry = this.#entries.get(key)
    const before = entry === undefined ? this.#stored.get(key) : this.#textOf(key, entry)
    const { value, until, text } = this.#apply(key, fn, before)
    if (entry?.kind === 'updated' && before === entry.text) {
      entry.updates.push(fn)
      entry.value = value
      entry.until = until
      entry.text = text
    } else if (
      entry === undefined ||
      (entry.kind === 'read' && this.#rules.codec.same(key, before, entry.base))
    ) {
      const base = this.#baseOf(key)
      this.#entries.set(key, { kind: 'updated', value, until, text, base, from: base, updates: [fn] })
    } else {
      // On top of what this request wrote itself there is nothing of others to be exact about.
      const fromRead = entry.kind === 'read' || entry.fromRead === true
      this.#entries.set(key, { kind: 'written', value, until, text, base: entry.base, fromRead })
    }
    return value
  }

  /** Adds an item to a list: exactly, as an update is. It is kept as it is now, whatever the handler makes of it. */
  append(key: string, item: unknown): void {
    const { codec } = this.#rules
    const text = codec.stringify(key, item)
    this.update(key, (list) => [...(Array.isArray(list) ? list : []), codec.parse(key, text)])
  }

  /**
   * Empties a list: what the record had, whose text this request has removed from there, and what this request has added.
   * What is added from now on is an update again.
   */
  takeList(key: string, text: string | undefined): unknown[] {
    const entry = this.#entries.get(key)
    const last = entry?.kind === 'updated' ? applyAll(this.#applier(key), entry.updates, text) : text
    this.#entries.set(key, { kind: 'read', value: undefined, text: undefined, base: undefined })
    const list = last === undefined ? undefined : this.#rules.codec.parse(key, last)
    return Array.isArray(list) ? list : []
  }

  /** Takes a value that no other request can have seen, in a box. No box: it is for the store to say who gets it. */
  takeOwn(key: string): { value: unknown } | undefined {
    const entry = this.#entries.get(key)
    if (entry === undefined) return this.#stored.has(key) ? undefined : { value: undefined }
    const own =
      entry.kind === 'written' ||
      (entry.kind === 'updated' && (entry.base === undefined || this.#textOf(key, entry) !== entry.text))
    if (!own) return undefined
    this.#entries.set(key, { kind: 'written', value: undefined, text: undefined, base: entry.base })
    return { value: this.#liveValue(entry) }
  }

  /** The value whose stored text this request has removed from the record; it is gone from the view, nothing else is. */
  taken(key: string, text: string): unknown {
    const entry = this.#entries.get(key)
    this.hide(key)
    if (entry?.kind === 'read' && entry.base === text) return this.#liveValue(entry)
    const last = entry?.kind === 'updated' ? applyAll(this.#applier(key), entry.updates, text) : text
    return last === undefined ? undefined : this.#rules.codec.parse(key, last)
  }

  /** Takes a value out of the view that is no longer in the record. */
  hide(key: string): void {
    this.#entries.set(key, { kind: 'written', value: undefined, text: undefined, base: undefined })
  }

  /** The text that this request has read a value from, or would. */
  seen(key: string): string | undefined {
    return this.#baseOf(key)
  }

  /**
   * Whether a text that the store gave, which may spell it in its own way, is that of the same value. One that has expired
   * is none: whether it lies there still or a change has swept it out makes no difference.
   */
  isSame(key: string, text: string | undefined, stored: string | undefined): boolean {
    const [one, other] = [text, stored].map((each) => (this.#isLive(each) ? each : undefined))
    return this.#rules.codec.same(key, one, other)
  }

  /** Whether this request has changed the value and not saved it. */
  isChanged(key: string): boolean {
    const entry = this.#entries.get(key)
    return entry !== undefined && !this.#rules.codec.same(key, this.#textOf(key, entry), entry.base)
  }

  /**
   * Sees one value as the record has it by now, and nothing else of it. What this request has set since stays, to be saved;
   * a change in place of what it had read goes with that.
   */
  adopt(key: string, text: string | undefined): unknown {
    const stored = new Map(this.#stored)
    if (text === undefined) stored.delete(key)
    else stored.set(key, text)
    this.#stored = stored
    if (this.#entries.get(key)?.kind === 'read' || !this.isChanged(key)) this.#entries.delete(key)
    return this.get(key)
  }

  /**
   * What to send to make `record` what this request wants it to be; `undefined` if it changed nothing. `only`: no other values
   * than these.
   */
  changeFor(record: ReadonlyMap<string, string>, only?: ReadonlySet<string>): Resolution | undefined {
    if (this.#entries.size === 0) return undefined
    const outcomes = new Map<string, Outcome>()
    let changed = false
    for (const [key, entry] of this.#entries) {
      if (only !== undefined && !only.has(key)) continue
      const text = this.#textOf(key, entry)
      const differs = !this.#rules.codec.same(key, text, entry.base)
      changed ||= differs
      outcomes.set(key, { entry, changed: differs, mine: text, text, updates: updatesOf(entry) })
    }
    if (!changed) return undefined
    return this.#dropExpired(
      record,
      resolve(outcomes, record, this.#rules, (key) => this.#applier(key)),
    )
  }

  /** What has expired goes with the next change, on the condition that nobody has set it anew. */
  #dropExpired(record: ReadonlyMap<string, string>, resolution: Resolution): Resolution {
    let names: string[] | undefined
    for (const [key, text] of record) {
      if (!isExpired(text, this.#rules.now) || resolution.set.has(key)) continue
      names ??= [...resolution.delete]
      if (!names.includes(key)) names.push(key)
    }
    return names === undefined ? resolution : { ...resolution, delete: names, conditional: true }
  }

  /** After a save: what was sent is the new base, and everything else is seen as the record has it now. */
  saved(done: Resolution, stored: ReadonlyMap<string, string>): void {
    this.#stored = stored
    settleEntries(this.#entries, done.outcomes, (key, entry) => {
      if (this.isHeld) return undefined
      try {
        return this.#textOf(key, entry)
      } catch {
        // Changed meanwhile to something that the next save will refuse.
        return undefined
      }
    })
  }

  /** What this request has read and done by now, to be told from what it does later. */
  get doneByNow(): ReadonlySet<unknown> {
    return new Set(this.#entries.values())
  }

  /**
   * Forgets all values but these, after a save of what this request has made of them: the record has no others. What came
   * after `before` is still to be saved; an update begins with nothing.
   */
  narrow(
    keep: ReadonlySet<string>,
    before: ReadonlySet<unknown>,
    done: Resolution | undefined,
    stored: ReadonlyMap<string, string>,
  ): void {
    const others = [...this.#entries].filter(([key]) => !keep.has(key))
    for (const [key] of others) this.#entries.delete(key)
    if (done === undefined) this.#stored = stored
    else this.saved(done, stored)
    for (const [key, entry] of others) {
      if (before.has(entry) || entry.kind === 'read') continue
      if (entry.kind === 'written') this.set(key, entry.value, entry.until)
      else for (const fn of entry.updates) this.update(key, fn)
    }
  }

  /**
   * Forgets the record, and all that was read from it. What was set stays to be saved, and updates begin with nothing.
   * @returns whether it could: an update may not take that, and then nothing has changed
   */
  keepOwn(): boolean {
    const own = new Values(this.#rules, NO_VALUES)
    try {
      for (const [key, entry] of this.#entries) own.#takeOwnOf(key, entry, this.#textOf(key, entry))
    } catch {
      return false
    }
    this.reset(NO_VALUES)
    for (const [key, entry] of own.#entries) this.#entries.set(key, entry)
    return true
  }

  /** `text`: what the other's entry comes to now, changes in place included. */
  #takeOwnOf(key: string, entry: Entry, text: string | undefined): void {
    if (entry.kind === 'read' || entry.fromRead) return
    if (entry.kind === 'written' || (entry.base === undefined && text !== entry.text)) {
      const { value, until } = entry
      if (text !== undefined) this.#entries.set(key, { kind: 'written', value, until, text, base: undefined })
    } else if (text === entry.text) for (const fn of entry.updates) this.update(key, fn)
  }

  /** Drops every change, and everything that was handed out. */
  reset(stored: ReadonlyMap<string, string>): void {
    this.#stored = stored
    this.#entries.clear()
  }

  /** Each key that is changed, with the text that it has now. */
  *#changes(): Generator<[key: string, text: string | undefined]> {
    for (const [key, entry] of this.#entries) {
      let text: string | undefined
      try {
        text = this.#textOf(key, entry)
        if (this.#rules.codec.same(key, text, entry.base)) continue
      } catch {
        // It can't be serialised, and only a change can have made it so: the save will say what is wrong.
      }
      yield [key, text]
    }
  }

  #baseOf(key: string): string | undefined {
    const entry = this.#entries.get(key)
    return entry === undefined ? this.#stored.get(key) : entry.base
  }

  #textOf(key: string, entry: Entry): string | undefined {
    if (!isObject(entry.value)) return entry.text
    return expiringText(this.#rules.codec.stringify(key, entry.value), entry.until)
  }

  #isLive(text: string | undefined): boolean {
    return text !== undefined && !isExpired(text, this.#rules.now)
  }

  #liveValue({ value, until }: Entry): unknown {
    return until !== undefined && until <= this.#rules.now() ? undefined : value
  }

  #apply(key: string, fn: Update, text: string | undefined) {
    const { codec } = this.#rules
    const value = fn(text === undefined ? undefined : codec.parse(key, text))
    if (isPromise(value)) {
      // Nobody will wait for it.
      value.then(undefined, () => {})
      throw new MisuseError(
        `update('${key}', ...) was given a function that returns a promise. It may run several times while others are ` +
          'faster, so let it compute and nothing else: await what it needs before you call update().',
      )
    }
    // It is the same value still: a code of which the wrong tries are counted does not live on for that.
    const until = this.#isLive(text) ? untilOf(text) : undefined
    return {
      value,
      until,
      text: value === undefined ? undefined : expiringText(codec.stringify(key, value), until),
    }
  }

  #applier(key: string) {
    return (fn: Update, text: string | undefined) => this.#apply(key, fn, text).text
  }
}

function updatesOf(entry: Entry): number {
  return entry.kind === 'updated' ? entry.updates.length : 0
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null
}
