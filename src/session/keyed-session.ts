import { MisuseError } from '../errors.ts'
import type { AnyData } from '../values/data.ts'
import { Session } from './session.ts'

/**
 * A session that was opened by its key, without the visitor: all of a session but what needs the id, which nobody can find
 * from the key. It never begins one: once it is ended, what is put into it is lost, with `SessionGoneError`.
 */
export class KeyedSession<Data extends object = AnyData> extends Session<Data> {
  override login(): never {
    throw new MisuseError(
      '`login()` was called for a session that was opened by its key: no cookie could bring the new one to the visitor. Call ' +
        'it in a request of theirs.',
    )
  }

  override confirm(): never {
    return this.regenerate()
  }

  override regenerate(): never {
    throw new MisuseError(
      'A new id was asked for a session that was opened by its key: no cookie could bring it to the visitor. Call it in a ' +
        'request of theirs, or end the session with `destroy()`.',
    )
  }
}
