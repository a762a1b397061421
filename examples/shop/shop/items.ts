export interface Item {
  /** Its name in addresses, in carts and in public/items.svg. */
  id: string
  name: string
  /** In euro cents. */
  price: number
}

export const items: readonly Item[] = [
  { id: 'lantern', name: 'Moon lantern', price: 2400 },
  { id: 'teapot', name: 'Left-handed teapot', price: 3150 },
  { id: 'jar', name: 'Jar of morning fog', price: 890 },
  { id: 'compass', name: 'Homesick compass', price: 4200 },
  { id: 'kite', name: 'Indoor kite', price: 1750 },
  { id: 'candle', name: 'Slow candle', price: 640 },
  { id: 'bell', name: 'Shy bell', price: 1280 },
  { id: 'umbrella', name: 'Umbrella for two', price: 3600 },
  { id: 'clock', name: 'Clock of spare minutes', price: 5900 },
  { id: 'key', name: 'Key to nothing', price: 420 },
  { id: 'ladder', name: 'Ladder for cats', price: 2990 },
  { id: 'fern', name: 'Patient fern', price: 1590 },
]

const byId = new Map(items.map((item) => [item.id, item]))

export function findItem(id: string): Item | undefined {
  return byId.get(id)
}

const euro = new Intl.NumberFormat('en-IE', { style: 'currency', currency: 'EUR' })

export function priceText(cents: number): string {
  return euro.format(cents / 100)
}
