import type { PlantedFault } from '../support/planted.ts'

/** A step of the drop-in that is taken away, and what {@link CASES} finds it by. */
export interface Fault extends PlantedFault {
  readonly foundBy: string
}

const HERE = 'adapters/express-session'

/** Those that no order of two requests shows (test/proofs/drop-in has the others). */
export const FAULTS: readonly Fault[] = [
  {
    name: 'the signature is not looked at',
    file: 'cookie/signature.ts',
    replace:
      'return secrets.some((secret) => isSame(signature, signatureOf(content, secret))) ? content : undefined',
    by: 'return secrets.length > 0 ? content : undefined',
    foundBy: 'a cookie of another secret opens nothing',
  },
  {
    name: 'the second secret is not tried',
    file: 'cookie/signature.ts',
    replace: 'return secrets.some(',
    by: 'return secrets.slice(0, 1).some(',
    foundBy: 'a cookie of a former secret opens its session',
  },
  {
    name: 'get takes a key',
    file: `${HERE}/kept-sessions.ts`,
    replace: '    const key = this.keyOf(sid)\n    if (isNoSession(key)) return undefined',
    by: '    const key = isSessionKey(sid) ? sid : this.keyOf(sid)\n    if (isNoSession(key)) return undefined',
    foundBy: 'a key opens nothing',
  },
  {
    name: 'destroy takes no key',
    file: `${HERE}/kept-sessions.ts`,
    replace: 'const keys = isSessionKey(name) ? [this.keyOf(name), name] : [this.keyOf(name)]',
    by: 'const keys = [this.keyOf(name)]',
    foundBy: 'a session that a listing names can be ended',
  },
  {
    name: 'the note of a replaced id is left out',
    file: `${HERE}/kept-sessions.ts`,
    replace: '    yield* noteReplaced(this, sid, undefined)\n',
    by: '',
    foundBy: 'a late request gets no cookie over that of the new id',
  },
  {
    name: 'late changes are not saved',
    file: `${HERE}/served-request.ts`,
    replace: 'isLate: () => res.headersSent && !this.#hasFailed,',
    by: 'isLate: () => res.destroyed,',
    foundBy: 'what is changed behind the head is saved',
  },
  {
    name: 'each use is written',
    file: `${HERE}/kept-sessions.ts`,
    replace: 'if (known.expiresAt < promised || known.expiresAt > stored + APART) all.expiresAt = stored',
    by: 'all.expiresAt = stored',
    foundBy: 'a use that prolongs nothing is not written',
  },
  {
    name: 'the end that was shown is taken for one that was set',
    file: `${HERE}/kept-sessions.ts`,
    replace: 'if (end !== undefined && end === known.shownEnd) return undefined',
    by: '',
    foundBy: 'a save behind the end that was shown loses nothing',
  },
]
