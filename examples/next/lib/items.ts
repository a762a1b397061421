export const ITEMS = { tea: 'A tin of tea', cup: 'A cup', pot: 'A pot' }

export type Item = keyof typeof ITEMS

export function isItem(name: unknown): name is Item {
  return typeof name === 'string' && Object.hasOwn(ITEMS, name)
}
