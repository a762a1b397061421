// What the page shows, and what its forms do: on the server.
import { setTimeout as database } from 'node:timers/promises'
import { redirect } from '@tanstack/react-router'
import { createServerFn } from '@tanstack/react-start'
import { getRequestHeader } from '@tanstack/react-start/server'
import { ITEMS, isItem } from './items'
import { session } from './session'

export const getStall = createServerFn()
  .middleware([session])
  .handler(async ({ context: { session } }) => ({
    user: session.owner,
    cart: session.cart ?? {},
    notes: session.notes ?? {},
    notices: await session.flashes('notice'),
  }))

export const signIn = createServerFn({ method: 'POST' })
  .middleware([session])
  .validator((form: FormData) => textOf(form, 'name').trim().slice(0, 40))
  .handler(async ({ context: { session }, data: name }) => {
    if (name === '') throw new Response('Who are you?', { status: 400 })
    // Another id, and nothing of before but the cart. A real application asks for a password first.
    await session.login(name, { keep: ['cart'] })
    session.flash('notice', `Welcome, ${name}.`)
    backToThePage()
  })

export const signOut = createServerFn({ method: 'POST' })
  .middleware([session])
  .validator((form: FormData) => form)
  .handler(async ({ context: { session } }) => {
    await session.logout()
    backToThePage()
  })

export const add = createServerFn({ method: 'POST' })
  .middleware([session])
  .validator((form: FormData) => textOf(form, 'item'))
  .handler(async ({ context: { session }, data: item }) => {
    if (!isItem(item)) throw new Response('There is no such item.', { status: 404 })
    session.update('cart', (cart = {}) => ({ ...cart, [item]: (cart[item] ?? 0) + 1 }))
    session.flash('notice', `${ITEMS[item]}: added to your cart.`)
    backToThePage()
  })

export const saveNote = createServerFn({ method: 'POST' })
  .middleware([session])
  .validator((form: FormData) => ({ tab: textOf(form, 'tab'), text: textOf(form, 'text').slice(0, 200) }))
  .handler(async ({ context: { session }, data: { tab, text } }) => {
    if (tab !== 'one' && tab !== 'two') throw new Response('There is no such tab.', { status: 404 })
    await database(1000)
    session.update('notes', (notes = {}) => ({ ...notes, [tab]: text }))
    backToThePage()
  })

/** Where a form was sent without JavaScript. What a script has sent loads the data of its page anew. */
function backToThePage(): void {
  if (getRequestHeader('accept')?.includes('text/html')) throw redirect({ to: '/', statusCode: 303 })
}

function textOf(form: FormData, field: string): string {
  const value = form.get(field)
  return typeof value === 'string' ? value : ''
}
