import { LATE } from '../late.ts'

/** A statement and what it is sent with. */
export interface Statement {
  /** It depends on the statement's form alone, and is the same string each time: drivers find by it what is prepared. */
  text: string
  /** All are texts, and are read in SQL: each driver has its own idea of what to send for other types. */
  parameters: readonly (string | null)[]
}

export const CLOCK = 'extract(epoch from clock_timestamp())::text'

/**
 * A record, and what else there is to say, as one text, which `answerIn` reads: each column more would be described, sent and
 * taken in on its own. No setting of a connection changes how anything in it is written.
 */
export function answer(outcome: 'found' | 'saved' | 'conflict', clock = CLOCK): string {
  return (
    `concat('${outcome} ', version, ' ', extract(epoch from created_at), ' ', extract(epoch from expires_at), ' ', ` +
    `${clock}, E'\\n', texts, E'\\n', '=' || owner)`
  )
}

export const LIVE = 'expires_at > now()'

/** Not `isNoSession`: the key of a record that is none ends in four bytes of zeros. */
export const IS_SESSION = "substring(key from 29) <> decode('00000000', 'hex')"

/** The first parameter is the key, wherever there is one. */
export const KEY = "decode($1::text, 'hex')"

/** Of a change: the moment from which on it is void. */
export const VOID_FROM = '$2::text::timestamptz'

/**
 * The clock, once a change is made; and from that moment on an error in its place, which takes
 * the change back. It is looked at after all waiting for locks.
 */
export const IN_TIME =
  `case when clock_timestamp() < ${VOID_FROM} then ${CLOCK} ` + `else ('${LATE}' || ${CLOCK})::int::text end`
