import { expect } from 'vitest'
import type { Visitor } from '../../adapters/support/visitor.ts'
import type { Application } from './application.ts'
import { until } from './until.ts'

/** What `/account` shows of a session. */
export interface Account {
  user?: string
  count?: number
  left?: string
  right?: string
  seen?: boolean
  notice?: string
}

/** A visitor who has signed in, and counted once. */
export async function signedIn(application: Application): Promise<Visitor> {
  const visitor = application.visitor()
  await until('signed in', async () => (await application.get(visitor, '/login')).status === 200)
  await until('counted', async () => (await application.get(visitor, '/count')).status === 200)
  return visitor
}

/** The visitor's own account, as soon as the application shows it again. Nothing of it is half. */
export async function account(application: Application, visitor: Visitor): Promise<Account> {
  let shown: Account = {}
  let last = ''
  await until(
    'signed in again',
    async () => {
      const { status, text } = await application.get(visitor, '/account')
      last = `${status} ${text}, ${JSON.stringify(application.events.at(-1))}`
      if (status === 200) shown = JSON.parse(text) as Account
      return shown.user !== undefined
    },
    () => last,
  )
  expect(shown.user).toBe('ada')
  expect(shown.left).toBe(shown.right)
  return shown
}
