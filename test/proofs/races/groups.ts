import { exact } from './groups/exact.ts'
import { expiry } from './groups/expiry.ts'
import { once } from './groups/once.ts'
import { readOnce } from './groups/read-once.ts'
import { signIn } from './groups/sign-in.ts'
import { signOut } from './groups/sign-out.ts'
import { slowReader } from './groups/slow-reader.ts'
import { twoWriters } from './groups/two-writers.ts'
import type { Group } from './race.ts'

/** The rows of the matrix. */
export const groups: readonly Group[] = [
  twoWriters,
  exact,
  readOnce,
  once,
  slowReader,
  signIn,
  signOut,
  expiry,
]
