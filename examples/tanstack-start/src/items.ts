export const ITEMS = { tea: 'A tin of tea', cup: 'A cup', pot: 'A pot' }

export type Item = keyof typeof ITEMS

export const isItem = (item: string): item is Item => Object.hasOwn(ITEMS, item)
