export const ITEMS = { tea: 'A tin of tea', cup: 'A cup', pot: 'A pot' }
export const TABS = ['one', 'two'] as const

export type Item = keyof typeof ITEMS
export type Tab = (typeof TABS)[number]

export const isItem = (text = ''): text is Item => Object.hasOwn(ITEMS, text)
export const isTab = (text = ''): text is Tab => TABS.some((tab) => tab === text)
