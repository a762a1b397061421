import type { H3Event } from 'h3'
import { sessionOf } from 'untorn/h3'

/** What a visitor's session holds. */
export interface Stall {
  cart: Partial<Record<Item, number>>
  notes: Partial<Record<Tab, string>>
  /** To be shown once. */
  notice: string
}

export const stallOf = (event: H3Event) => sessionOf<Stall>(event)

/** A field of a form, so long at most. */
export async function fieldOf(event: H3Event, name: string, longest: number): Promise<string> {
  const form = await readFormData(event)
  return String(form.get(name) ?? '')
    .trim()
    .slice(0, longest)
}
