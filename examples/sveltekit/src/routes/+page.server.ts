// The page's data, and what its forms do. They work without JavaScript, too.
import { setTimeout as database } from 'node:timers/promises'
import { error, fail, redirect } from '@sveltejs/kit'
import type { Actions, PageServerLoad } from './$types'
import { ITEMS } from './items'

export const load: PageServerLoad = async ({ locals: { session } }) => ({
  user: session.owner,
  cart: session.cart ?? {},
  notes: session.notes ?? {},
  notices: await session.flashes('notice'),
})

export const actions: Actions = {
  async signIn({ request, locals: { session } }) {
    const name = textOf(await request.formData(), 'name')
      .trim()
      .slice(0, 40)
    if (name === '') return fail(400, { refused: 'Who are you?' })
    // Another id, and nothing of before but the cart. A real application asks for a password first.
    await session.login(name, { keep: ['cart'] })
    session.flash('notice', `Welcome, ${name}.`)
    redirect(303, '/')
  },

  async signOut({ locals: { session } }) {
    await session.logout()
    redirect(303, '/')
  },

  async add({ request, locals: { session } }) {
    const item = textOf(await request.formData(), 'item')
    if (!isItem(item)) error(404, 'There is no such item.')
    session.update('cart', (cart = {}) => ({ ...cart, [item]: (cart[item] ?? 0) + 1 }))
    session.flash('notice', `${ITEMS[item]}: added to your cart.`)
    redirect(303, '/')
  },

  async note({ request, locals: { session } }) {
    const form = await request.formData()
    const tab = textOf(form, 'tab')
    if (tab !== 'one' && tab !== 'two') error(404, 'There is no such tab.')
    await database(1000)
    session.update('notes', (notes = {}) => ({ ...notes, [tab]: textOf(form, 'text').slice(0, 200) }))
    redirect(303, '/')
  },
}

function textOf(form: FormData, field: string): string {
  const value = form.get(field)
  return typeof value === 'string' ? value : ''
}

const isItem = (item: string): item is keyof typeof ITEMS => Object.hasOwn(ITEMS, item)
