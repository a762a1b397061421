/** `id`: its name in addresses, in carts and among the pictures. `price`: in euro cents. */
export const items = [
  { id: 'lantern', name: 'Moon lantern', price: 2400 },
  { id: 'teapot', name: 'Left-handed teapot', price: 3150 },
  { id: 'kite', name: 'Indoor kite', price: 1750 },
  { id: 'candle', name: 'Slow candle', price: 640 },
  { id: 'bell', name: 'Shy bell', price: 1280 },
  { id: 'fern', name: 'Patient fern', price: 1590 },
]

export function findItem(id) {
  return items.find((item) => item.id === id)
}

const euro = new Intl.NumberFormat('en-IE', { style: 'currency', currency: 'EUR' })

export function priceText(cents) {
  return euro.format(cents / 100)
}
