import { findItem, type Item } from './items.ts'

/** How many of each item, by its id. */
export type Cart = Readonly<Record<string, number>>

export const mostOfOne = 99

/** The cart with this number of an item; with none of them, without it. */
export function withNumber(cart: Cart, id: string, number: number): Cart {
  const { [id]: _before, ...others } = cart
  return number > 0 ? { ...others, [id]: Math.min(number, mostOfOne) } : others
}

export interface Line {
  item: Item
  number: number
}

/** What the cart holds, in the order it was put in. What the shop no longer sells is left out. */
export function linesOf(cart: Cart): Line[] {
  return Object.entries(cart).flatMap(([id, number]) => {
    const item = findItem(id)
    return item ? [{ item, number }] : []
  })
}

export function pieces(lines: readonly Line[]): number {
  return lines.reduce((sum, line) => sum + line.number, 0)
}

export function total(lines: readonly Line[]): number {
  return lines.reduce((sum, line) => sum + line.number * line.item.price, 0)
}
