import { randomBytes } from 'node:crypto'

// Each load carries some writes, so they are short. Their ids need to differ within one session and a few seconds.
const PROCESS = randomBytes(4).toString('base64url').slice(0, 5)
const COUNT_LENGTH = 5
const MOST = 36 ** COUNT_LENGTH

/** Enough for the seconds since the epoch until the year 4453. */
export const VOID_LENGTH = 7
export const ID_LENGTH = PROCESS.length + COUNT_LENGTH
export const WRITE_LENGTH = ID_LENGTH + VOID_LENGTH

let count = 0

/** For a write, that nobody else gives to another one of the same session in the next seconds. */
export function newWriteId(): string {
  count = (count + 1) % MOST
  return PROCESS + inLetters(count, COUNT_LENGTH)
}

/** A write as it stands in a record: its id, and the second from which on it can't come again. */
export function writeOf(id: string, voidFrom: number): string {
  return id + inLetters(Math.ceil(voidFrom / 1000), VOID_LENGTH)
}

function inLetters(number: number, length: number): string {
  return number.toString(36).padStart(length, '0')
}
