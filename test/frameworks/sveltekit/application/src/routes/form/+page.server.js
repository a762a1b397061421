import { error, fail, redirect } from '@sveltejs/kit'

export const load = async ({ locals, url, fetch, cookies }) => {
  cookies.set('theme', 'dark', { path: '/' })
  const way = url.searchParams.get('way')
  if (way === 'error') {
    locals.session.failed = true
    error(418, 'no coffee')
  }
  if (way === 'fetch') {
    locals.session.outer = 1
    const seen = await (await fetch('/inner')).text()
    return { seen, inner: locals.session.inner }
  }
  return { values: { ...locals.session } }
}

export const actions = {
  async login({ locals, request }) {
    const form = await request.formData()
    await locals.session.login(form.get('user'))
    locals.session.user = form.get('user')
    redirect(303, '/form')
  },
  refused({ locals }) {
    locals.session.tries = (locals.session.tries ?? 0) + 1
    return fail(400, { wrong: true })
  },
}
