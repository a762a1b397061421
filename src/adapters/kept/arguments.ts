import { invalidArgument } from '../../errors.ts'

/** A hundred years, in milliseconds: without end. */
export const WITHOUT_END = 36_525 * 24 * 60 * 60 * 1000

/** What a host calls a record by. Neither this nor any other message quotes it: it may be what a visitor is known by. */
export function assertName(argument: string, name: unknown): asserts name is string {
  if (typeof name !== 'string' || name === '') throw invalidArgument(argument, 'a text is needed')
}

export function assertText(argument: string, value: unknown): asserts value is string {
  if (typeof value !== 'string') throw invalidArgument(argument, 'a text is needed')
}

/** Seconds, of which there may be parts, as milliseconds; nothing or less is 0. */
export function millisecondsOf(argument: string, seconds: unknown): number {
  if (typeof seconds !== 'number' || Number.isNaN(seconds)) {
    throw invalidArgument(argument, 'a number of seconds is needed')
  }
  return Math.min(Math.max(0, Math.ceil(seconds * 1000)), WITHOUT_END)
}
