import { expect, test } from 'vitest'
import * as untorn from '../src/index.ts'
import { UntornError } from '../src/index.ts'

/** Each class, made as the library does it, with what a request is answered with that meets it. */
const STATUSES: Record<string, [make: () => UntornError, status: number]> = {
  UntornError: [() => new UntornError('UNTORN_ANY', 'oops'), 500],
  StoreConfigError: [() => new untorn.StoreConfigError('oops'), 500],
  StoreBusyError: [() => new untorn.StoreBusyError('oops'), 503],
  StoreUnavailableError: [() => new untorn.StoreUnavailableError('oops', { cause: 'disk' }), 503],
  SessionGoneError: [() => new untorn.SessionGoneError(), 409],
  FreshLoginRequiredError: [() => new untorn.FreshLoginRequiredError(), 401],
  SignInRevokedError: [() => new untorn.SignInRevokedError(), 401],
  TooManySessionsError: [() => new untorn.TooManySessionsError(5), 403],
  ForeignOriginError: [() => new untorn.ForeignOriginError(), 403],
  SessionConflictError: [() => new untorn.SessionConflictError(3), 503],
  NotSerialisableError: [() => new untorn.NotSerialisableError('user', 'oops'), 500],
  SessionTooLargeError: [
    () => new untorn.SessionTooLargeError({ limitOf: 'keys', size: 2, limit: 1, largestKey: 'user' }),
    500,
  ],
  CookieTooLargeError: [() => new untorn.CookieTooLargeError(5000, 4096), 500],
  InvalidOptionError: [() => new untorn.InvalidOptionError('store', 'oops'), 500],
  MisuseError: [() => new untorn.MisuseError('oops'), 500],
}

test('every error that is exported says what a request is answered with', () => {
  const classes = Object.entries(untorn)
    .filter(([, value]) => value === UntornError || Object.getPrototypeOf(value) === UntornError)
    .map(([name]) => name)
  expect(Object.keys(STATUSES).sort()).toEqual(classes.sort())
})

test.each(Object.entries(STATUSES))('%s has its status, name and cause', (name, [make, status]) => {
  const error = make()
  expect(error).toMatchObject({ name, status })
  expect(error.cause).toBe(name === 'StoreUnavailableError' ? 'disk' : undefined)
})
