'use server'

import { notFound, redirect } from 'next/navigation'
import { getSession, withSession } from '../lib/session.js'

// Each is `async`, as Next.js 15 compiles no other function that stands in a file of actions.

function put(session, form) {
  session.items = [...(session.items ?? []), form.get('item')]
}

export const add = withSession(put)

export const addOne = withSession(async (session, form) => {
  session.update(form.get('item'), (n = 0) => n + 1)
})

export const addAndGo = withSession(async (session, form) => {
  put(session, form)
  session.flash('notes', 'added')
  redirect('/')
})

export const addToNothing = withSession(async (session, form) => {
  put(session, form)
  notFound()
})

export const nothing = withSession(async () => notFound())

export const addAndFail = withSession(async (session, form) => {
  put(session, form)
  throw new Error('an action fails, as its test wants it')
})

export const addSlowly = withSession(async (session, form) => {
  await globalThis.untornTest.gate?.()
  session[form.get('item')] = 'slow'
})

export const login = withSession(async (session, form) => {
  await session.login(form.get('item'))
  globalThis.untornTest.afterLogin?.()
  session.since = 'today'
})

export const logout = withSession(async (session) => session.logout())

// One within another is part of it.
export const addTwice = withSession(async (session, form) => {
  put(session, form)
  await add(form)
})

export async function addBySave(form) {
  const session = await getSession()
  put(session, form)
  await session.save()
}
