'use server'

import { setTimeout as database } from 'node:timers/promises'
import { notFound, redirect } from 'next/navigation'
import { ITEMS, isItem } from '../lib/items'
import { withSession } from '../lib/session'

/** What is wrong with the name, if anything is: the state of the form. */
export const signIn = withSession(async (session, _: string | undefined, form: FormData) => {
  const name = text(form, 'name').trim().slice(0, 40)
  if (name === '') return 'Who are you?'
  // Another id, and nothing of before but the cart. A real application asks for a password first.
  await session.login(name, { keep: ['cart'] })
  session.flash('notice', `Welcome, ${name}.`)
  redirect('/')
})

export const signOut = withSession(async (session) => {
  await session.logout()
  redirect('/')
})

export const addToCart = withSession(async (session, form: FormData) => {
  const item = form.get('item')
  if (!isItem(item)) notFound()
  session.update('cart', (cart = {}) => ({ ...cart, [item]: (cart[item] ?? 0) + 1 }))
  session.flash('notice', `${ITEMS[item]}: added to your cart.`)
  redirect('/')
})

export const saveNote = withSession(async (session, form: FormData) => {
  const tab = form.get('tab')
  if (tab !== 'one' && tab !== 'two') notFound()
  await database(1000)
  session.update('notes', (notes = {}) => ({ ...notes, [tab]: text(form, 'text').slice(0, 200) }))
  redirect('/')
})

function text(form: FormData, field: string): string {
  const value = form.get(field)
  return typeof value === 'string' ? value : ''
}
