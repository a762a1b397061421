import type { PlainSession } from 'untorn/express'

export const ITEMS = { tea: 'A tin of tea', cup: 'A cup', pot: 'A pot' }
export const TABS = ['one', 'two'] as const

export type Item = keyof typeof ITEMS
export type Tab = (typeof TABS)[number]

/** What a visitor's session holds. */
export interface Stall {
  cart: Partial<Record<Item, number>>
  notes: Partial<Record<Tab, string>>
  /** To be shown once. */
  notice: string
}

export type Visit = PlainSession<Stall>

export const isItem = (text: string): text is Item => Object.hasOwn(ITEMS, text)
export const isTab = (text: string): text is Tab => TABS.some((tab) => tab === text)
