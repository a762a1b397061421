import type { PlantedFault } from '../support/planted.ts'

/** A step of the sockets that is taken away, and the case that finds it. */
export interface Fault extends PlantedFault {
  readonly foundBy: string
}

const RECORDS = 'adapters/kept/records.ts'
const STORAGE = 'adapters/better-auth/storage.ts'
const ADONIS = 'adapters/adonisjs/store.ts'
const AUTH0 = 'adapters/nextjs-auth0/store.ts'
const ITEMS = 'adapters/unstorage/items.ts'

export const FAULTS: readonly Fault[] = [
  {
    name: 'everything is sent, and not what has changed',
    file: 'adapters/kept/difference.ts',
    replace: 'if (inDoubt?.has(name) || differ(before.get(name), text)) set.set(name, text)',
    by: 'set.set(name, text)',
    foundBy: 'better-auth: a refresh and a new name at once both stay',
  },
  {
    name: 'what was taken out is not sent',
    file: 'adapters/kept/difference.ts',
    replace: 'if (gone.length > 0) change.delete = gone',
    by: '',
    foundBy: 'better-auth: what is taken out of the list is out, also while others add to it',
  },
  {
    name: 'a session that is gone is stored anew',
    file: STORAGE,
    replace: '      await this.#records.save(base, texts, lives)\n      return\n',
    by: '      if (await this.#records.save(base, texts, lives)) return\n',
    also: { replace: 'if (await this.#hasEnded(token)) await', by: 'if (false) await' },
    foundBy: 'better-auth: what was ended while it was refreshed stays ended',
  },
  {
    name: 'it is not remembered that a token has ended',
    file: STORAGE,
    replace: 'if (mayBeToken(key)) await this.#records.create(this.#markOf(key), NOTHING, REMEMBERED)',
    by: '',
    foundBy: 'better-auth: a token that has ended before its session is stored never is one',
  },
  {
    name: 'the list takes whatever token',
    file: STORAGE,
    replace: 'if (!(await this.#hasEnded(entryOf(text).token))) continue',
    by: 'if (text !== hash) continue',
    foundBy: 'better-auth: one that has ended is not put into the list again',
  },
  {
    name: 'nobody knows what was handed out',
    file: STORAGE,
    replace: '    this.#given.note(name, base)\n',
    by: '',
    foundBy: 'better-auth: what is taken out of the list is out, also while others add to it',
  },
  {
    name: 'a list is deleted with what others have added',
    file: STORAGE,
    replace: 'if (isList(key) && this.#given.has(name)) {',
    by: 'if (isList(key) && key === "") {',
    foundBy: 'better-auth: a list that is deleted keeps what was added since it was read',
  },
  {
    name: 'a list ends as whoever wrote it first has said',
    file: RECORDS,
    replace: 'if (found.expiresAt >= expiresAt - APART) return',
    by: 'if (found.expiresAt >= expiresAt - APART || livesBy !== undefined) return',
    foundBy: 'better-auth: a list lives as long as its longest session',
  },
  {
    name: 'the last revocation counts, not the latest',
    file: STORAGE,
    replace: 'plainTexts(String(Math.max(numberIn(texts), moment)))',
    by: 'plainTexts(String(texts === undefined ? moment : moment))',
    foundBy: 'better-auth: the later revocation counts',
  },
  {
    name: 'a value is taken by all who have read it',
    file: RECORDS,
    replace: 'await this.store.save(key, { expiresAt: 0 }, { ifVersion: record.version })',
    by: "(await this.store.delete(key), { outcome: 'saved' } as { outcome: string; record?: never })",
    foundBy: 'better-auth: a value is taken once',
  },
  {
    name: 'every record begins at the same version',
    file: RECORDS,
    replace: 'const version = randomInt(VERSIONS)',
    by: 'const version = VERSIONS - VERSIONS',
    foundBy: 'better-auth: a value that was set anew is not taken for the former one',
  },
  {
    name: 'an increment does not look whether another was faster',
    file: RECORDS,
    replace: 'await this.store.save(key, change, { ifVersion: record.version })',
    by: 'await this.store.save(key, change)',
    foundBy: 'better-auth: increments all count, in a window from the first on',
  },
  {
    name: 'what was removed is set anew by whoever had it',
    file: ITEMS,
    replace: 'if (this.#handedOut.isOfChain(name) && !(await this.#records.isOver(base))) return\n',
    by: '',
    foundBy: 'unstorage: what was removed is not brought back by whoever had it',
  },
  {
    name: 'a chain that was begun is left with each call',
    file: 'adapters/kept/chains.ts',
    replace: 'this.#begun.add(chain)',
    by: '',
    foundBy: 'unstorage: functions of a request have what others of it have read',
  },
  {
    name: 'what was saved is the base of others that had read before',
    file: ITEMS,
    replace: '!this.#handedOut.isOfChain(name) ? { ...base } : base',
    by: '!this.#handedOut.isOfChain(name) ? base : base',
    foundBy: 'Astro: two that have read the same keep both, in one process',
  },
  {
    name: 'items of all applications are listed',
    file: ITEMS,
    replace: 'if (key !== undefined && this.nameOf(key) === name) yield key',
    by: 'if (key !== undefined) yield key',
    foundBy: 'unstorage: another application in the same store has other items',
  },
  {
    name: 'koa-session: nobody knows what was handed out',
    file: 'adapters/koa-session/store.ts',
    replace: 'this.#given.set(ctx, given.set(key, base))',
    by: 'given.set(key, base)',
    foundBy: 'koa-session: two that change different values keep both, and one that was destroyed stays so',
  },
  {
    name: 'nextjs-auth0: an update creates',
    file: AUTH0,
    replace: 'return base !== undefined && this.#save',
    by: 'if (base === undefined) await this.set(id, session)\n    return base !== undefined && this.#save',
    foundBy: 'nextjs-auth0: update never creates, and keeps what others have changed',
  },
  {
    name: 'nextjs-auth0: the base is what was read last',
    file: AUTH0,
    replace: 'if (isObject(value)) this.#readOf.set(value, read)',
    by: '',
    foundBy: 'nextjs-auth0: what others have changed stays, although the client reads anew before it writes',
  },
  {
    name: 'nextjs-auth0: the base is the last read of those that a session comes from',
    file: AUTH0,
    replace: 'other.at < one.at ? other : one',
    by: 'other.at > one.at ? other : one',
    foundBy: 'nextjs-auth0: what others have changed stays, although the client reads anew before it writes',
  },
  {
    name: 'nextjs-auth0: the owner is whoever it was of first',
    file: AUTH0,
    replace: 'if (saved !== undefined && saved.owner !== owner) await',
    by: 'if (saved?.owner === owner) await',
    foundBy: 'nextjs-auth0: a session that is of another user by now ends with that one',
  },
  {
    name: 'AdonisJS: nobody knows what was handed out',
    file: ADONIS,
    replace: '    this.#given.put(key, base)\n',
    by: '',
    foundBy: 'AdonisJS: two requests keep the values of both, and one that was destroyed stays so',
  },
  {
    name: 'AdonisJS: an empty session ends what another request has begun under its id',
    file: ADONIS,
    replace: '    if (this.#absent.has(key)) return\n',
    by: '',
    foundBy: 'AdonisJS: who has read that there is none ends nothing, and adds to what others begin',
  },
  {
    name: 'AdonisJS: a session that another request has begun is overwritten',
    file: ADONIS,
    replace: 'if (!this.#absent.has(key)) return this.#records.put',
    by: 'if (key !== undefined) return this.#records.put',
    foundBy: 'AdonisJS: who has read that there is none ends nothing, and adds to what others begin',
  },
  {
    name: 'AdonisJS: a collection remembers that there was none',
    file: ADONIS,
    replace: 'if (!this.#isOfRequest) return base',
    by: 'if (!this.#isOfRequest && base) return base',
    foundBy:
      'AdonisJS: a collection ends what has begun since it found none, and opens what is tagged by its key',
  },
  {
    name: 'AdonisJS: a key is as good as a cookie',
    file: ADONIS,
    replace: 'if (!this.#isOfRequest) return base',
    by: 'if (!this.#isOfRequest || base === undefined) return base',
    foundBy:
      'AdonisJS: a collection ends what has begun since it found none, and opens what is tagged by its key',
  },
  {
    name: 'AdonisJS: what was absent once stays so',
    file: ADONIS,
    replace: '    this.#absent.delete(key)\n    this.#given',
    by: '    this.#given',
    foundBy: 'AdonisJS: who has read it after all may end it',
  },
  {
    name: 'better-auth: a list that was not there is deleted with what others have put into it',
    file: STORAGE,
    replace: 'if (isList(key) && this.#given.has(name)) {',
    by: 'if (isList(key) && this.#given.get(name)) {',
    foundBy: 'better-auth: a list that was not there when it was read is not deleted',
  },
  {
    name: 'a chain forgets what it was given first',
    file: 'adapters/kept/chains.ts',
    replace: 'new Latest(Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY)',
    by: 'new Latest(MOST_IN_CHAIN / 125)',
    foundBy: 'unstorage: a request that reads much has the base of all of it',
  },
  {
    name: 'a request goes on with the chain of the last one of its connection',
    file: 'adapters/kept/chains.ts',
    replace: '    endWithRequest()\n',
    by: '',
    foundBy: 'unstorage: what the last request of a connection had read is nothing to the next one',
  },
  {
    name: 'what has come to its end is not put anew by whoever had it',
    file: ITEMS,
    replace: ' && !(await this.#records.isOver(base))',
    by: '',
    foundBy: 'unstorage: an item that has come to its end while it was worked out is put anew',
  },
  {
    name: 'Remix: nobody knows what was handed out',
    file: 'adapters/remix/storage.ts',
    replace: '      given.set(session, base)\n',
    by: '',
    foundBy: 'Remix: two requests keep the values of both, and one that was destroyed stays so',
  },
]
