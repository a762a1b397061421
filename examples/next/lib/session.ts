import { join } from 'node:path'
import { fileStore } from 'untorn/file'
import { sessions } from 'untorn/next'
import type { Item } from './items'

export interface Stall {
  cart: { [item in Item]?: number }
  notes: { [tab in 'one' | 'two']?: string }
  notice: string
}

// A function, so that a build opens nothing.
const store = () => fileStore(join(process.cwd(), '.sessions'))

export const { withSession, readSession } = sessions<Stall>({ store })
